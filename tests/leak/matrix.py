"""Who gets what status from which route: every cell declared, so that a new route without a word here is refused.

A line names a route, what it is asked for, and the status for each identity. Targets are `own` (a guide the
identity may read), `above` (one it may not) and `absent` (one that does not exist); `-` where a route takes none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.office_sign_in import RETURN, START
from tests.leak.exits import Sent
from tests.leak.judge import Judge
from tests.leak.served import READERS, Served

HOLDING = ("anonymous", "members", "internal", "no-role", "auditor", "director", "session", "search-only")
"""Identities that hold: no key, keys of each level (of those restricted only two have a role that opens anything), a
session of the director's, and a key of both roles that covers nothing but searching."""
FAILING = ("expired", "revoked", "malformed", "ended")
"""Keys and a session that do not hold."""
_COUNTED = "ratelimit"
"""The header that tells how many requests are left, which goes down by one with each."""
SITE = ("GET", "/{path}")
"""The fallback that serves the site; it is no route."""


_SEARCH_ONLY = {"search-only": 403}
"""The key that covers searching alone, at every route but that one."""


@dataclass(frozen=True)
class Line:
    """One route and target: what is sent, and the status for identities that hold, for keys that do not, and for
    single identities that get another one."""

    method: str
    path: str
    target: str
    sent: Sent
    holding: int
    failing: int = 401
    besides: Mapping[str, int] = field(default_factory=dict)

    def status(self, identity: str) -> int:
        """The declared status of a cell."""
        return self.besides.get(identity, self.failing if identity in FAILING else self.holding)


def lines(own: str = "{own}", above: str = "{above}") -> list[Line]:
    """The whole table; `own` and `above` stand for the addresses or ids of guides, filled in for each identity."""
    absent = "0" * 32
    return [
        Line("POST", "/api/v1/ask", "-", Sent("POST", "/api/v1/ask", body={"question": "雨棚借用要带什么"}), 200, besides=_SEARCH_ONLY),
        Line("GET", "/api/v1/search", "-", Sent("GET", "/api/v1/search", {"q": "雨棚借用"}), 200),
        Line("GET", "/api/v1/guides", "-", Sent("GET", "/api/v1/guides"), 200, besides=_SEARCH_ONLY),
        Line("GET", "/api/v1/guides/{guide_id}", "own", Sent("GET", f"/api/v1/guides/{own}"), 200, besides=_SEARCH_ONLY),
        Line("GET", "/api/v1/guides/{guide_id}", "above", Sent("GET", f"/api/v1/guides/{above}"), 404, besides=_SEARCH_ONLY),
        Line("GET", "/api/v1/guides/{guide_id}", "absent", Sent("GET", "/api/v1/guides/off-no-such-guide"), 404, besides=_SEARCH_ONLY),
        Line("GET", "/api/v1/topics", "-", Sent("GET", "/api/v1/topics"), 200, besides=_SEARCH_ONLY),
        Line("GET", "/api/v1/units", "-", Sent("GET", "/api/v1/units"), 200, besides=_SEARCH_ONLY),
        Line("POST", "/api/v1/answers/{answer_id}/rating", "absent",
             Sent("POST", f"/api/v1/answers/{absent}/rating", body={"useful": True}), 404, besides=_SEARCH_ONLY),
        Line("POST", "/api/v1/requests", "-", Sent("POST", "/api/v1/requests", body={"question": "找谁"}), 201, besides=_SEARCH_ONLY),
        Line("GET", "/api/v1/requests/{number}", "absent",
             Sent("GET", "/api/v1/requests/SS-20260101-9999", {"code": "AAAAAAAA"}), 404, besides=_SEARCH_ONLY),
        Line("DELETE", "/api/v1/answers/{answer_id}", "absent", Sent("DELETE", f"/api/v1/answers/{absent}"), 404, besides=_SEARCH_ONLY),
        Line("DELETE", "/api/v1/requests/{number}", "absent",
             Sent("DELETE", "/api/v1/requests/SS-20260101-9999", {"code": "AAAAAAAA"}), 404, besides=_SEARCH_ONLY),
        Line("GET", "/api/v1/openapi.json", "-", Sent("GET", "/api/v1/openapi.json"), 200, 200),
        Line("GET", "/livez", "-", Sent("GET", "/livez"), 200, 200),
        Line("GET", "/readyz", "-", Sent("GET", "/readyz"), 200, 200),
        Line("GET", "/metrics", "-", Sent("GET", "/metrics"), 200, 200),
        Line(*SITE, "-", Sent("GET", "/"), 200, besides=_SEARCH_ONLY),
        Line(*SITE, "own", Sent("GET", f"{own}index.html"), 200, besides=_SEARCH_ONLY),
        Line(*SITE, "above", Sent("GET", f"{above}index.html"), 404, besides=_SEARCH_ONLY),
        Line(*SITE, "absent", Sent("GET", "/leaders/restricted/off-no-such-guide/index.html"), 404, besides=_SEARCH_ONLY),
        Line("GET", "/sign-in", "-", Sent("GET", "/sign-in"), 200, besides={"session": 303}),
        Line("POST", "/sign-in", "-", Sent("POST", "/sign-in"), 403, 403, {"session": 401, "ended": 401}),
        Line("GET", "/sign-in/link", "-", Sent("GET", "/sign-in/link"), 404, 404),
        Line("POST", "/sign-in/link", "-", Sent("POST", "/sign-in/link"), 403, 403, {"session": 404, "ended": 404}),
        Line("GET", "/desk", "-", Sent("GET", "/desk"), 303, besides={"session": 200}),
        Line("POST", "/desk/password", "-", Sent("POST", "/desk/password"), 403),
        Line("POST", "/desk/sign-out-everywhere", "-", Sent("POST", "/desk/sign-out-everywhere"), 403),
        Line("POST", "/sign-out", "-", Sent("POST", "/sign-out"), 403),
        # Staff could sign in at their office's provider, if it were not down; nobody has begun to.
        Line("GET", START, "-", Sent("GET", START), 503, 503),
        Line("GET", RETURN, "-", Sent("GET", RETURN, {"code": "x", "state": "x"}), 400, 400),
        Line("GET", "/desk/desk.css", "-", Sent("GET", "/desk/desk.css"), 200, 200),
    ]  # fmt: skip


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every method and path that the application serves, described or not."""
    found = {SITE}
    for route in iter_route_contexts(app.routes):
        found |= {(method, str(route.path)) for method in route.methods or {"ANY"} if method != "HEAD"}
    return found


def described(app: FastAPI) -> set[tuple[str, str]]:
    """Every operation of the OpenAPI document."""
    paths: dict[str, Any] = app.openapi()["paths"]
    return {(method.upper(), path) for path, operations in paths.items() for method in operations}


def undeclared(app: FastAPI) -> set[tuple[str, str]]:
    """Routes and operations without a line, and lines without a route."""
    declared = {(line.method, line.path) for line in lines()}
    return (routes_of(app) | described(app)) ^ declared


@dataclass(frozen=True)
class Cell:
    """One line asked by one identity."""

    line: Line
    identity: str
    sent: Sent


def cells(served: Served) -> Iterator[Cell]:
    """Every line for every identity, with a guide of its own and one above it."""
    for identity in (*HOLDING, *FAILING):
        # A key that does not hold asks for what its owner could once read.
        reader = READERS.get("director" if identity in ("session", "ended") else identity, READERS["both"])
        own = next(s for s in reversed(served.subjects) if s.opens_to(reader))
        above = next((s for s in served.subjects if not s.opens_to(reader)), served.subjects[-1])
        ids, pages = lines(own.id, above.id), lines(own.path, above.path)
        for line in [*(x for x in ids if x.path != SITE[1]), *(x for x in pages if x.path == SITE[1])]:
            yield Cell(line, identity, line.sent)


def wrong(judge: Judge, found: Cell) -> str:
    """What is wrong with a cell, or nothing."""
    status = judge.send(found.identity, found.sent).status_code
    wanted = found.line.status(found.identity)
    return "" if status == wanted else f"{found.identity} {found.sent.url}: {status} instead of {wanted}"


def unlike(judge: Judge, identity: str, accept: str = "application/json") -> list[str]:
    """Routes where what is above an identity can be told from what does not exist, by status, headers or body."""
    by_target: dict[tuple[str, str], dict[str, tuple[object, ...]]] = {}
    for cell in cells(judge.served):
        if cell.identity == identity and cell.line.target in ("above", "absent"):
            sent = Sent(cell.sent.method, cell.sent.url, cell.sent.params, cell.sent.body, accept)
            response = judge.send(identity, sent)
            place = by_target.setdefault((cell.line.method, cell.line.path), {})
            place[cell.line.target] = (
                response.status_code,
                sorted(item for item in response.headers.items() if item[0] != _COUNTED),
                response.content,
            )
    return [
        f"{identity} {key}"
        for key, told in by_target.items()
        if len(told) > 1 and told["above"] != told["absent"]
    ]
