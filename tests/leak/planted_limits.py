"""Faults planted in limits."""

from api.counters import _ACQUIRE
from tests.leak import gates_limits as gates
from tests.leak import gates_open
from tests.leak.faults import Fault, replaced, set_to

_SIGN_IN = "api.throttle:Throttle.sign_in"

LIMIT_FAULTS = [
    Fault(
        "a rate without end",
        replaced(
            "api.limits:_checked",
            "allowed = limiter.hit(item, who)",
            "allowed = limiter.hit(item, who) or True",
        ),
        gates.address_quota_gate,
    ),
    Fault(
        "counters let everything through",
        set_to("api.counters:_ACQUIRE", _ACQUIRE.replace("<= :most", "<= :most + 1000000")),
        gates.address_quota_gate,
    ),
    Fault(
        "429 without Retry-After",
        replaced(
            "api.throttle:Throttle._count", 'headers | {"Retry-After": str(verdicts[-1].reset_s)}', "headers"
        ),
        gates.address_quota_gate,
    ),
    Fault(
        "keys that do not hold not counted",
        replaced("api.deps:who_asks", "services.throttle.address(request)", "pass"),
        gates.address_quota_gate,
    ),
    Fault(
        "sign-ins at the provider begun without end",
        replaced("api.routes.office_sign_in:start", "services.throttle.address(request)", "pass"),
        gates.address_quota_gate,
    ),
    Fault(
        "sign-ins at the provider ended without end",
        replaced("api.routes.office_sign_in:finish", "services.throttle.address(request)", "pass"),
        gates.address_quota_gate,
    ),
    Fault(
        "whom a proxy names not counted",
        replaced(
            "api.throttle:Throttle.address",
            "if caller.local else known.address_per_minute",
            "if caller.local else 10**6",
        ),
        gates.address_quota_gate,
    ),
    Fault(
        "the quota of a key not counted",
        replaced("api.throttle:Throttle.identity", "if quota:", "if False:"),
        gates.key_quota_gate,
    ),
    Fault(
        "the day of a key not counted",
        replaced("api.throttle:Throttle.identity", "identity.name, minute, day)", "identity.name, minute)"),
        gates.key_quota_gate,
    ),
    Fault(
        "people not counted by their account",
        replaced("api.throttle:Throttle.identity", "identity.kind is Kind.SESSION", "False"),
        gates.key_quota_gate,
    ),
    Fault(
        "sign-in attempts not slowed",
        replaced("api.routes.desk:sign_in", "services.throttle.sign_in(request, name)", "pass"),
        gates.guessing_gate,
    ),
    Fault(
        "guesses at the desk not slowed",
        replaced("api.routes.desk:change_password", "services.throttle.sign_in(request, name)", "pass"),
        gates.guessing_gate,
    ),
    Fault(
        "guesses at one account not counted",
        replaced(_SIGN_IN, 'self._count(request, "sign-in-account", typed, tried)', "pass"),
        gates.guessing_gate,
    ),
    Fault(
        "guesses from one address not counted",
        replaced(_SIGN_IN, "self.settings.sign_ins_per_address", "10**6"),
        gates.guessing_gate,
    ),
    Fault(
        "an account counted anew by each way to type it",
        replaced(_SIGN_IN, "account.strip().casefold()", "account"),
        gates.guessing_gate,
    ),
    Fault(
        "windows that forget the one before",
        set_to("api.counters:_ACQUIRE", _ACQUIRE.replace(":left *", "0 *")),
        gates.window_gate,
    ),
    Fault("IPv6 neighbours counted apart", set_to("api.callers:_IPV6_HOME", 128), gates.caller_gate),
    Fault(
        "one machine counted twice, in IPv4 and in IPv6",
        replaced("api.callers:_parsed", "found.ipv4_mapped or found", "found"),
        gates.caller_gate,
    ),
    Fault(
        "X-Forwarded-For believed from a stranger",
        replaced(
            "api.callers:caller_of",
            'str(client[0]) if client else ""',
            'next((v.decode() for n, v in scope["headers"] if n in _FORWARDED), str(client[0]) if client else "")',
        ),
        gates.caller_gate,
    ),
    Fault(
        "whom a proxy names taken for the operator",
        replaced("api.callers:caller_of", "name in _FORWARDED", "False"),
        gates.caller_gate,
    ),
    Fault(
        "every network may be a proxy",
        replaced("rag.settings:Settings._name_proxies", ".prefixlen == 0", ".prefixlen < 0"),
        gates.caller_gate,
    ),
    Fault(
        "streams not capped",
        replaced("api.streams:Streams.held", "self._open[caller.network] >= ", "10**9 < "),
        gates_open.stream_gate,
    ),
    Fault(
        "streams not counted",
        replaced("api.edge:Edge._serve", "with self._streams.held(scope):", "if True:"),
        gates_open.stream_gate,
    ),
    Fault(
        "streams refused without Retry-After",
        replaced("api.streams:Streams.held", '{"Retry-After": str(_RETRY_SECONDS)}', "{}"),
        gates_open.stream_gate,
    ),
    Fault(
        "a queue without end",
        replaced("api.turns:Turns.one", "self._waiting >= self._queue", "False"),
        gates_open.turn_gate,
    ),
    Fault(
        "a full queue without Retry-After",
        replaced("api.turns:Turns.one", '{"Retry-After": str(_RETRY_SECONDS)}', "{}"),
        gates_open.turn_gate,
    ),
    Fault(
        "connections of an address without end",
        replaced("api.protocol:Door.admit", "self.open[network] >= most", "False"),
        gates_open.door_gate,
    ),
    Fault(
        "connections without end",
        replaced("api.protocol:Door.admit", "self.open.total() >= self.allowed.in_all", "False"),
        gates_open.door_gate,
    ),
    Fault(
        "a head that does not come is waited for",
        replaced("api.protocol:Protocol._head_is_late", "if not self.transport.is_closing():", "if False:"),
        gates_open.connection_gate,
    ),
    Fault(
        "a head without end is read", set_to("api.protocol:_HEAD_BYTES", 10**9), gates_open.connection_gate
    ),
    Fault(
        "connections turned away without Retry-After",
        replaced("api.protocol:Protocol.connection_made", ', (b"retry-after", b"10")', ""),
        gates_open.connection_gate,
    ),
    Fault(
        "nobody turned away at the door",
        replaced(
            "api.protocol:Protocol.connection_made",
            "not self._door.admit(network, is_loopback(address))",
            "False",
        ),
        gates_open.connection_gate,
    ),
]
