"""Faults planted in what serves, stores and tells readers apart."""

from tests.leak import gates_http, gates_sessions
from tests.leak.faults import Fault, replaced, set_to

_EVERY_HEADER = "in self._headers.items():"


def _but(header: str) -> str:
    return f"in ((n, v) for n, v in self._headers.items() if n != {header!r}):"


_EVERYBODY = "__import__('tests.leak.served', fromlist=['READERS']).READERS['both']"
"""Source of the reader who may read all."""

API_FAULTS = [
    Fault(
        "topics of everybody",
        replaced("api.routes.guides:list_topics", "guides(reader,", f"guides({_EVERYBODY},"),
        gates_http.lists_gate,
    ),
    Fault(
        "another wording for what is forbidden",
        replaced(
            "api.routes.guides:read_guide",
            "if not wanted:",
            "if not wanted and guide_id in generation.restricted:\n        raise failure(403, NOT_FOUND)\n    if not wanted:",
        ),
        gates_http.absent_gate,
    ),
    Fault(
        "a record is given to whoever knows its id",
        replaced("api.routes.guides:read_guide", "guides(reader,", f"guides({_EVERYBODY},"),
        gates_http.absent_gate,
    ),
    Fault(
        "site files of the widest circle",
        replaced(
            "api.routes.site:_serve",
            "circle_of(identity.reader,",
            f"circle_of({_EVERYBODY},",
        ),
        gates_http.matrix_gate,
    ),
    Fault(
        "links followed out of the site",
        replaced("api.routes.site:find", "os.lstat(found)", "os.stat(found)"),
        gates_http.path_gate,
    ),
    Fault(
        "dotfiles and dots served",
        replaced("api.routes.site:find", 'or name.startswith(".") ', ""),
        gates_http.path_gate,
    ),
    Fault(
        "one tag for two circles",
        replaced("api.routes.site:_file", "{identity}/{found.st_mtime_ns}/{found.st_size}", "{file.name}"),
        gates_http.tag_gate,
    ),
    Fault(
        "closed files kept by public caches",
        replaced("api.routes.site:_file", 'if circle.level is Level.OPEN else "private, no-cache"', ""),
        gates_http.header_gate,
    ),
    Fault(
        "content policy dropped",
        replaced("api.edge:_Reply.__call__", _EVERY_HEADER, _but("Content-Security-Policy")),
        gates_http.header_gate,
    ),
    Fault(
        "Vary dropped",
        replaced("api.edge:_Reply.__call__", _EVERY_HEADER, _but("Vary")),
        gates_http.header_gate,
    ),
    Fault(
        "answers may be kept by caches",
        replaced("api.edge:_Reply.__call__", 'NEVER_STORED["Cache-Control"]', '"public, max-age=60"'),
        gates_http.header_gate,
    ),
    Fault("body limit dropped", set_to("api.edge:BODY_LIMIT", 10**9), gates_http.body_gate),
    Fault(
        "errors repeat the input",
        replaced(
            "api.errors:_validation_error", 'str(item["msg"])', 'str(item["msg"]) + str(item.get("input"))'
        ),
        gates_http.error_gate,
    ),
    Fault(
        "messages of exceptions are logged",
        replaced("api.errors:log_failure", "type(error).__name__", "repr(error)"),
        gates_http.log_gate,
    ),
    Fault(
        "the log holds the path",
        replaced("api.edge:Edge._note", 'str(getattr(scope.get("route"), "path", "site"))', 'scope["path"]'),
        gates_http.log_gate,
    ),
    Fault(
        "a metric's label holds the question",
        replaced(
            "api.routes.ask:_answered",
            "metrics.answered(answer.outcome.value",
            "metrics.answered(asked.question",
        ),
        gates_http.log_gate,
    ),
    Fault(
        "questions stored unmasked",
        replaced("api.requests:storable", 'mask(text.replace("\\0", ""))', "text"),
        gates_http.storing_gate,
    ),
    Fault(
        "expiry of keys ignored",
        replaced("api.keys:Key.holds", " and now < self.expires", ""),
        gates_http.key_gate,
    ),
    Fault(
        "revoked keys accepted",
        replaced("api.keys:Key.holds", "self.revoked is None and ", ""),
        gates_http.key_gate,
    ),
    Fault(
        "comparison of keys always true",
        replaced("api.keys:key_of", "hmac.compare_digest(key.digest, digest) and ", ""),
        gates_http.key_gate,
    ),
    Fault(
        "a bad key is taken for none",
        replaced(
            "api.identity:identity_of",
            'if key is None:\n            raise failure(401, BAD_KEY, {"WWW-Authenticate": "ApiKey"})',
            "if key is None:\n            return NOBODY",
        ),
        gates_sessions.refusal_gate,
    ),
    Fault(
        "the first of two keys counts",
        replaced("api.identity:identity_of", "len(keys) == 1 and cookie is None", "True"),
        gates_http.double_key_gate,
    ),
    Fault(
        "requests followed without their code",
        replaced("api.requests:look_up", "not hmac.compare_digest(expected, _digest(code)) or ", ""),
        gates_http.code_gate,
    ),
]
