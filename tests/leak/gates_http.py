"""Gates over HTTP and over what is stored: each names what is wrong with one promise of the application."""

import os
import random
import tempfile
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text as sql

from api import errors, keys
from api.routes.site import find
from api.store import Store
from tests.api.identities import make_key
from tests.leak.exits import Sent
from tests.leak.judge import Judge
from tests.leak.matrix import cells, undeclared, unlike, wrong
from tests.leak.office import Subject
from tests.leak.probes import FORMS, Probe
from tests.leak.served import READERS

_LOWER = ("anonymous", "members", "internal", "auditor")


def _closed(judge: Judge, reader: str, count: int = 3) -> list[Subject]:
    """Some subjects above a reader, of the highest circle first."""
    return judge.served.hidden(reader)[::-1][:count]


def _get(judge: Judge, path: str, reader: str = "anonymous", accept: str = "application/json") -> Any:
    return judge.send(reader, Sent("GET", path, accept=accept))


def lists_gate(judge: Judge) -> list[str]:
    """Guides, topics and units tell each reader of his own guides alone."""
    return [
        mark
        for name in _LOWER
        for path in ("/api/v1/guides", "/api/v1/topics", "/api/v1/units")
        for mark in judge.served.marks(name).shown(_get(judge, path, name).text)
    ]


def asking_gate(judge: Judge) -> list[str]:
    """Asked over HTTP, whole or as a stream, the assistant tells each reader of his own guides alone."""
    return _asked(judge, "question", ("ask", "stream"))


def search_gate(judge: Judge) -> list[str]:
    """The search route ranks for each reader his own sections alone."""
    return _asked(judge, "question", ("search",))


def _asked(judge: Judge, form: str, exits: tuple[str, ...]) -> list[str]:
    draw = random.Random(3)
    probes = [
        Probe(name, subject, form, exit_name, FORMS[form](subject, draw))
        for name in _LOWER
        for subject in _closed(judge, name)
        for exit_name in exits
    ]
    return [mark for probe in probes for mark in judge.leaks(probe)]


def matrix_gate(judge: Judge) -> list[str]:
    """Every cell of the matrix has its status."""
    return [fault for cell in cells(judge.served) if (fault := wrong(judge, cell))]


def absent_gate(judge: Judge) -> list[str]:
    """What is above one reads as what does not exist."""
    return [fault for name in ("anonymous", "members", "internal") for fault in unlike(judge, name)]


def routes_gate(judge: Judge) -> list[str]:
    """No route is without a declaration."""
    app = judge.served.client.app
    assert isinstance(app, FastAPI)
    return [" ".join(route) for route in undeclared(app)]


def path_gate(_: Judge) -> list[str]:
    """No path leads out of a site's folder: not by a link, a dotfile, dots, a backslash or a device."""
    with tempfile.TemporaryDirectory() as folder:
        inside, outside = Path(folder, "site"), Path(folder, "secret.txt")
        (inside / "sub").mkdir(parents=True)
        outside.write_text("secret")
        (inside / ".env").write_text("secret")
        (inside / "link.txt").symlink_to(outside)
        (inside / "sub" / "up").symlink_to(folder)
        os.mkfifo(inside / "pipe")
        tried = (
            "/link.txt",
            "/sub/up/secret.txt",
            "/.env",
            "/../secret.txt",
            "/sub/../../secret.txt",
            "/pipe",
            "/..\\secret.txt",
        )
        return [path for path in tried if find(inside, path) is not None]  # fmt: skip


def tag_gate(judge: Judge) -> list[str]:
    """Equal names in two circles never share a tag, so no cache may take one for the other."""
    names = ("/", "/search-data.json", "/assets/zhinan.css", "/assets/assistant.js", "/404.html")
    tags = [(name, r, _get(judge, name, r).headers.get("etag")) for name in names for r in _LOWER]
    seen: dict[tuple[str, str], str] = {}
    return [
        f"{name} {reader} {seen[name, tag]}"
        for name, reader, tag in tags
        if tag and seen.setdefault((name, tag), reader) != reader
    ]


def header_gate(judge: Judge) -> list[str]:
    """Policy, type, referrer and Vary on each response; nothing of a closed site or of the API is public."""
    wanted = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin", "vary": "X-API-Key"}
    missing = []
    for path in ("/", "/nothing", "/api/v1/guides", "/api/v1/guides/x", "/livez", "/metrics"):
        for reader in ("anonymous", "internal", "expired"):
            headers = _get(judge, path, reader).headers
            policy, cache = headers.get("content-security-policy", ""), headers.get("cache-control", "")
            missing += [
                f"{path} {name}" for name, value in wanted.items() if value not in headers.get(name, "")
            ]
            missing += [f"{path} policy"] * ("default-src 'none'" not in policy or "unsafe" in policy)
            is_open = path == "/" and reader == "anonymous"
            missing += [f"{path} {reader} {cache}"] * (("public" in cache and not is_open) or not cache)
    return missing


def body_gate(judge: Judge) -> list[str]:
    """A body above 64 kB is refused, whoever sends it."""
    sent = Sent("POST", "/api/v1/ask", body={"question": "x" * 70_000})
    status = judge.send("internal", sent).status_code
    return [] if status == 413 else [f"status {status}"]


def error_gate(judge: Judge) -> list[str]:
    """No failure repeats what was sent."""
    word, told = uuid.uuid4().hex[:16], []
    for body in ({"question": [word]}, {"question": word, "lang": word}, {"question": word * 90}, [word], word,
                 {"question": "x", "history": [{"role": word, "text": word}]}):  # fmt: skip
        told.append(judge.send("anonymous", Sent("POST", "/api/v1/ask", body=body)))
    for path in (f"/api/v1/{word}", f"/api/v1/guides/{word}", f"/{word}", f"/api/v1/search?q=x&limit={word}",
                 f"/api/v1/answers/{word}%20/rating"):  # fmt: skip
        told.append(_get(judge, path))
    return [f"{r.status_code} {r.request.url.path}" for r in told if r.status_code >= 400 and word in r.text]


def log_gate(judge: Judge) -> list[str]:
    """No line of the log and no metric holds a path, a question, a key or the message of an error."""
    # A word of its own each time: what a fault left in a counter would stay there.
    word, begun = uuid.uuid4().hex, len(judge.served.log)
    for sent in (
        Sent("POST", "/api/v1/ask", body={"question": f"{word}雨棚借用"}), Sent("GET", "/api/v1/search", {"q": word}),
        Sent("GET", f"/{word}"), Sent("GET", f"/api/v1/guides/{word}"), Sent("GET", "/api/v1/guides", {"lang": word}),
    ):  # fmt: skip
        judge.send("internal", sent)
    try:
        raise RuntimeError(word)
    except RuntimeError as error:
        errors.log_failure(error)
    key = judge.served.headers["internal"][keys.HEADER]
    kept = {"log": "\n".join(judge.served.log[begun:]), "metrics": _get(judge, "/metrics").text}
    return [name for name, text in kept.items() if word in text or key in text]


def storing_gate(judge: Judge) -> list[str]:
    """An identity number, a mobile and a mail address in a question, a request or its contact are not stored."""
    personal = ("11010519491231002X", "13800138000", "li.si@example.com")
    sign = uuid.uuid4().hex[:12]
    text = f"{sign}，{'，'.join(personal)}，雨棚借用要带什么"
    judge.send("anonymous", Sent("POST", "/api/v1/ask", body={"question": text}))
    judge.send("anonymous", Sent("POST", "/api/v1/requests", body={"question": text, "contact": personal[1]}))
    store = Store(judge.served.settings.database)
    try:
        with store.reading() as connection:
            rows = [*connection.execute(sql("select question from answers"))]
            rows += [*connection.execute(sql("select question, contact from requests"))]
            own = str([row for row in rows if sign in row[0]])
    finally:
        store.close()
    return [value for value in personal if value in own] if own.count(sign) == 2 else ["not stored at all"]


def key_gate(_: Judge) -> list[str]:
    """Of keys that expired, were revoked, differ in one character or are nobody's, none stands for a reader."""
    now, staff = datetime.now(UTC), READERS["internal"]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/store.sqlite")
        good, gone, old = (make_key(store, name, staff, 5, now) for name in ("a", "b", "c"))
        with store.writing() as connection:
            keys.revoke_key(connection, keys.choose_key(store, gone[:8]), now)
        other = good[:-1] + ("A" if good[-1] != "A" else "B")
        tried: Iterable[tuple[str, str, datetime]] = [
            ("revoked", gone, now),
            ("expired", old, now + timedelta(days=6)),
            ("one other character", other, now),
            ("unknown", "zn_" + "A" * 43, now),
        ]
        held = [name for name, text, when in tried if keys.key_of(store, text, when) is not None]
        found = keys.key_of(store, good, now)
        if found is None or found.reader != staff:
            held.append("a good key is not its reader")
        store.close()
    return held


def double_key_gate(judge: Judge) -> list[str]:
    """Two keys at once are none."""
    key = judge.served.headers["internal"][keys.HEADER]
    headers = [(keys.HEADER, key), (keys.HEADER, judge.served.headers["both"][keys.HEADER])]
    status = judge.served.client.get("/api/v1/guides", headers=headers).status_code
    return [] if status == 401 else [f"status {status}"]


def code_gate(judge: Judge) -> list[str]:
    """Without its code nobody follows a request, and a wrong code reads as an unknown number."""
    filed = judge.send("anonymous", Sent("POST", "/api/v1/requests", body={"question": "找谁办"})).json()
    told = [
        judge.send("anonymous", Sent("GET", f"/api/v1/requests/{number}", {"code": "WRONGCOD"}))
        for number in (filed["number"], "SS-20260101-9999")
    ]
    alike = {(response.status_code, response.text) for response in told}
    return [] if len(alike) == 1 and told[0].status_code == 404 else [str(alike)]
