"""What the OWASP ASVS 5.0 asks of a web front end (V3) and of an API (V4), asked of every route and every answer.

Each check is one sentence over one answer; it is put to all answers that it speaks of.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.errors import ErrorOut
from api.identity import cookie_name
from api.sessions import open_session
from api.store import Store
from rag.settings import Settings
from tests.api.conftest import READERS, serving
from tests.api.identities import PASSWORD, make_account
from tests.api.observed import EVIL, LURES, METHODS, SITE, Seen, observe, routes

HTTPS = "https://guide.example"
SAME = {"Sec-Fetch-Site": "same-origin"}
Condition = Callable[[Seen], object]


@dataclass(frozen=True)
class Check:
    """A rule: of which answers it speaks, and what must hold for each of them."""

    section: str
    says: str
    of: Condition
    holds: Condition


def _policy(seen: Seen) -> dict[str, str]:
    rules = (rule.strip().partition(" ") for rule in seen.header("content-security-policy").split(";"))
    return {name: value for name, _, value in rules}


def _allowed(seen: Seen) -> set[str]:
    return set(seen.header("allow").replace(" ", "").split(","))


def _is_shown(seen: Seen) -> bool:
    return seen.kind == "text/html"


def _is_refused(seen: Seen) -> bool:
    return seen.answer.status_code >= 400


def _any(_: Seen) -> bool:
    return True


def _has_body(seen: Seen) -> bool:
    return bool(seen.answer.content)


def _is(name: str, value: str) -> Condition:
    return lambda seen: seen.header(name) == value


def _lacks(*names: str) -> Condition:
    return lambda seen: not [name for name in names if seen.header(name)]


def _policy_is(name: str, *values: str) -> Condition:
    return lambda seen: _policy(seen).get(name) in values


def _by(*methods: str) -> Condition:
    return lambda seen: seen.method in methods


def _in(*ways: str) -> Condition:
    return lambda seen: seen.way in ways


def _says_nothing_of(*words: str) -> Condition:
    return lambda seen: not [word for word in words if word in seen.answer.text.lower()]


CHECKS = (
    # V3.2 What a browser takes a file for
    Check("3.2", "every body has a type", _has_body, lambda s: s.kind),
    Check("3.2", "types are sniffed nowhere", _any, _is("x-content-type-options", "nosniff")),
    Check("3.2", "what the API gives is never a page", lambda s: s.is_api and _has_body(s), lambda s: s.kind != "text/html"),
    Check("3.2", "failures of the API are JSON", lambda s: s.is_api and _is_refused(s) and _has_body(s), lambda s: s.kind == "application/json"),
    Check("3.2", "pages name their characters", _is_shown, _is("content-type", "text/html; charset=utf-8")),
    Check("3.2", "texts name their characters", lambda s: s.kind in ("text/plain", "text/markdown"), lambda s: "charset=utf-8" in s.header("content-type").lower()),
    Check("3.2", "scripts are JavaScript", lambda s: s.path.endswith(".js") and s.answer.status_code == 200, lambda s: s.kind == "text/javascript"),
    Check("3.2", "styles are CSS", lambda s: s.path.endswith(".css") and s.answer.status_code == 200, lambda s: s.kind == "text/css"),
    Check("3.2", "what was asked does not come back as markup", _is_refused, _says_nothing_of("<script>", "%0d", "set-cookie:")),
    # V3.3 Cookies
    Check("3.3", "nobody unknown gets a cookie", lambda s: s.way not in ("wrong cookie", "form"), lambda s: not s.cookies),
    Check("3.3", "a cookie that does not hold is taken away at once", lambda s: s.cookies, lambda s: all("Max-Age=0" in c for c in s.cookies)),
    Check("3.3", "no script reads a cookie", lambda s: s.cookies, lambda s: all("; HttpOnly" in c for c in s.cookies)),
    Check("3.3", "no other site sends a cookie", lambda s: s.cookies, lambda s: all("; SameSite=Lax" in c for c in s.cookies)),
    Check("3.3", "cookies are for the whole site and no domain", lambda s: s.cookies, lambda s: all("; Path=/;" in c and "domain" not in c.lower() for c in s.cookies)),
    Check("3.3", "cookies are short", lambda s: s.cookies, lambda s: all(len(c) < 4096 for c in s.cookies)),
    # V3.4 Headers
    Check("3.4", "every answer has a policy", _any, lambda s: len(_policy(s)) > 8),
    Check("3.4", "there is one policy", _any, lambda s: len(s.answer.headers.get_list("content-security-policy")) == 1),
    Check("3.4", "what the policy does not name is forbidden", _any, _policy_is("default-src", "'none'")),
    Check("3.4", "scripts come from here alone", _any, _policy_is("script-src", "'self'")),
    Check("3.4", "styles come from here alone", _any, _policy_is("style-src", "'self'")),
    Check("3.4", "images come from here alone", _any, _policy_is("img-src", "'self'")),
    Check("3.4", "fonts come from here alone", _any, _policy_is("font-src", "'self'")),
    Check("3.4", "scripts talk to this server alone", _any, _policy_is("connect-src", "'self'")),
    Check("3.4", "forms are sent here alone", _any, _policy_is("form-action", "'self'")),
    Check("3.4", "objects are forbidden", _any, _policy_is("object-src", None, "'none'")),  # type: ignore[arg-type]
    Check("3.4", "the base of links is fixed", _any, _policy_is("base-uri", "'none'")),
    Check("3.4", "no page frames ours", _any, _policy_is("frame-ancestors", "'none'")),
    Check("3.4", "also in browsers that know no policy", _any, _is("x-frame-options", "DENY")),
    Check("3.4", "no text becomes markup in a script", _any, _policy_is("require-trusted-types-for", "'script'")),
    Check("3.4", "the policy opens no hole", _any, lambda s: not re.search(r"unsafe|data:|blob:|\*|https?:|nonce", s.header("content-security-policy"))),
    Check("3.4", "addresses are told to no other site", _any, _is("referrer-policy", "same-origin")),
    Check("3.4", "windows of other sites hold no handle", _any, _is("cross-origin-opener-policy", "same-origin")),
    Check("3.4", "camera, place and payment are off", _any, lambda s: all(f"{x}=()" in s.header("permissions-policy") for x in ("camera", "geolocation", "payment", "microphone"))),
    Check("3.4", "over http nothing is said of https", _any, _lacks("strict-transport-security")),
    Check("3.4", "no header of yesterday switches a filter on", _any, lambda s: s.header("x-xss-protection") in ("", "0")),
    # V3.5 Origins
    Check("3.5", "no other origin may read", _any, _lacks("access-control-allow-origin")),
    Check("3.5", "no other origin may read with credentials", _any, _lacks("access-control-allow-credentials")),
    Check("3.5", "no preflight is granted", _in("other origin"), _lacks("access-control-allow-methods", "access-control-allow-headers", "access-control-max-age")),
    Check("3.5", "no resource is lent to another origin", _any, _is("cross-origin-resource-policy", "same-origin")),
    Check("3.5", "a foreign page's form is refused", lambda s: s.way in ("other origin", "null origin") and s.method == "POST" and s.path.startswith(("/sign", "/desk/")), lambda s: s.answer.status_code in (403, 405)),
    Check("3.5", "a form needs more than a browser", lambda s: s.way == "form" and s.method == "POST" and s.path.startswith(("/desk/", "/sign-out")), lambda s: s.answer.status_code in (403, 405)),
    Check("3.5", "what the API takes is no form", lambda s: s.way == "form" and s.is_api and s.method == "POST", lambda s: s.answer.status_code in (404, 405, 415)),
    Check("3.5", "nothing is changed by looking", lambda s: s.method in ("GET", "HEAD") and s.path.endswith(("/sign-out", "/password", "/sign-out-everywhere", "/rating")), lambda s: s.answer.status_code in (401, 404, 405)),
    Check("3.5", "no answer is a script for others", _any, lambda s: not s.kind.endswith(("jsonp", "x-javascript"))),
    # V3.7 Redirects, links and what they are made of
    Check("3.7", "a redirect stays here", lambda s: s.header("location"), lambda s: not urlsplit(s.header("location")).netloc and not urlsplit(s.header("location")).scheme),
    Check("3.7", "a redirect is a path that no browser takes for a host", lambda s: s.header("location"), lambda s: re.match(r"(\./[\w%~.-]+/|/(desk|sign-in)?)(\?|$)", s.header("location"))),
    Check("3.7", "a redirect holds no break", lambda s: s.header("location"), lambda s: not re.search(r"[\r\n\t\\\0]", s.header("location"))),
    Check("3.7", "no header takes a break from the address", _any, lambda s: not any("a=b" in c for c in s.cookies) and "location:" not in s.header("location").lower()),
    Check("3.7", "a lure is followed nowhere", lambda s: s.path in LURES and EVIL in urlsplit(s.path).path, lambda s: not s.header("location")),
    Check("3.7", "a wrong host stands in no header", lambda s: s.way in ("wrong host", "forwarded") and EVIL not in s.path, lambda s: EVIL not in str(s.answer.headers)),
    Check("3.7", "a wrong host stands in no page", lambda s: s.way in ("wrong host", "forwarded") and EVIL not in s.path, lambda s: EVIL not in s.answer.text),
    Check("3.7", "no page sends on by itself", _is_shown, lambda s: "http-equiv=\"refresh\"" not in s.answer.text.lower() and not s.header("refresh")),
    # V4.1 Web services in general
    Check("4.1", "methods that no route has are 405", lambda s: s.method in ("TRACE", "TRACK", "DEBUG", "PROPFIND", "FOO", "PUT", "PATCH") and not s.way.startswith("wrong"), lambda s: s.answer.status_code == 405 or (s.is_api and s.answer.status_code == 404)),
    Check("4.1", "nothing is sent back by TRACE", _by("TRACE", "TRACK"), _says_nothing_of("x-forwarded", "sec-fetch", "testserver")),
    Check("4.1", "405 names what is allowed", lambda s: s.answer.status_code == 405, lambda s: _allowed(s) and s.method not in _allowed(s)),
    Check("4.1", "a method in a header is no method", _in("rewritten"), lambda s: not (s.method in ("GET", "POST") and s.answer.status_code == 204)),
    Check("4.1", "an address in a header is no address", _in("rewritten"), lambda s: s.path == "/metrics" or "# HELP" not in s.answer.text),
    Check("4.1", "no proxy's word makes it https", _in("forwarded"), _lacks("strict-transport-security")),
    Check("4.1", "the server does not say what it is", _any, _lacks("server", "x-powered-by", "x-aspnet-version", "via", "x-runtime", "x-version")),
    Check("4.1", "failures tell nothing of the inside", _is_refused, _says_nothing_of("traceback", "site-packages", "sqlalchemy", ".py\"", "/rag/", "starlette", "uvicorn")),
    Check("4.1", "failures of programs have one shape", lambda s: _is_refused(s) and _has_body(s) and s.kind == "application/json", lambda s: ErrorOut.model_validate(s.answer.json(), extra="forbid")),
    Check("4.1", "failures are said in both languages", lambda s: _is_refused(s) and _has_body(s) and s.kind == "application/json", lambda s: " / " in s.answer.json()["error"]["message"]),
    Check("4.1", "nothing makes the server fail", _any, lambda s: s.answer.status_code < 500),
    Check("4.1", "what the API gives is kept nowhere", lambda s: s.is_api, _is("cache-control", "private, no-store")),
    Check("4.1", "failures are kept nowhere", _is_refused, lambda s: "no-store" in s.header("cache-control")),
    Check("4.1", "every answer says how it may be kept", _any, lambda s: s.header("cache-control") and {"X-API-Key", "Cookie"} <= set(s.header("vary").split(", "))),
    Check("4.1", "a key that does not hold opens nothing", lambda s: s.way == "wrong key" and s.is_api and s.path.split("/")[3:4] in (["guides"], ["search"], ["topics"], ["units"]) and s.method == "GET", lambda s: s.answer.status_code == 401),
    Check("4.1", "401 says how to be known", lambda s: s.answer.status_code == 401 and s.way.startswith("wrong"), lambda s: s.header("www-authenticate") or s.path.startswith("/sign-in")),
    # V4.2 Messages
    Check("4.2", "HEAD has no body", _by("HEAD"), lambda s: not s.answer.content),
    Check("4.2", "a body is as long as it says", lambda s: s.method != "HEAD" and s.header("content-length"), lambda s: s.header("content-encoding") or int(s.header("content-length")) == len(s.answer.content)),
    Check("4.2", "an answer has one length", _any, lambda s: not (s.header("content-length") and s.header("transfer-encoding"))),
    # V13 and V14 What a server shows by mistake
    Check("13.4", "no folder lists its files", lambda s: s.answer.status_code == 200 and s.path.endswith("/"), lambda s: "index of" not in s.answer.text.lower() and "<pre><a" not in s.answer.text.lower()),
    Check("13.4", "no control page or file of a tool is there", lambda s: s.path in ("/docs", "/redoc", "/openapi.json", "/admin", "/.env", "/.git/config", "/server-status", "/actuator", "/assets", "/assets/"), lambda s: s.answer.status_code in (401, 404, 405)),
    Check("13.4", "what is above the anonymous is as absent as what never was", lambda s: s.path.startswith("/staff/internal/") and s.method == "GET" and not s.way.startswith("wrong"), lambda s: s.answer.status_code == 404),
)  # fmt: skip


@pytest.fixture(scope="module")
def seen(client: TestClient) -> list[Seen]:
    """Every answer."""
    return list(observe(client))


@pytest.fixture(scope="module")
def secure(settings: Settings) -> Iterator[TestClient]:
    """A client of the same office where people reach it over https, with an account to sign in."""
    store = Store(settings.database)
    make_account(store, "wang.fang", READERS["internal"])
    store.close()
    with serving(create_app(settings.model_copy(update={"public_url": HTTPS}))) as opened:
        yield opened


def test_every_route_is_asked_in_every_way(client: TestClient, seen: list[Seen]) -> None:
    """The answers are of all routes, methods and ways; success, redirects and refusals are among them."""
    paths = {one.path for one in seen}
    assert paths >= {*routes(client.app), *SITE, *LURES}  # type: ignore[arg-type]
    assert {one.method for one in seen} == set(METHODS)
    assert {one.answer.status_code for one in seen} >= {200, 303, 307, 401, 403, 404, 405, 415, 422}
    assert len(seen) > 5_000 and len(CHECKS) >= 60


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.section} {check.says}")
def test_every_answer_is_as_the_standard_asks(seen: list[Seen], check: Check) -> None:
    """The rule holds for every answer that it speaks of, and it speaks of some."""
    spoken_of = [one for one in seen if check.of(one)]
    assert spoken_of
    assert [one for one in spoken_of if not check.holds(one)][:5] == []


def test_head_is_get_without_the_body(client: TestClient) -> None:
    """Status and headers of HEAD are those of GET, wherever HEAD is allowed; elsewhere it is 405."""
    for path in (*routes(client.app), *SITE):  # type: ignore[arg-type]
        got, asked = (client.request(method, path) for method in ("GET", "HEAD"))
        assert asked.content == b"", path
        if asked.status_code != 405:
            changing = {"ratelimit", "content-length", "transfer-encoding"}
            said = [{k: v for k, v in one.headers.items() if k not in changing} for one in (got, asked)]
            assert (asked.status_code, said[1]) == (got.status_code, said[0]), path
            assert asked.headers.get("content-length", str(len(got.content))) == str(len(got.content)), path


def test_over_https_every_answer_keeps_browsers_there(secure: TestClient) -> None:
    """HSTS for a year on every route, page and failure."""
    for one in observe(secure, ["browser"]):
        assert one.header("strict-transport-security") == "max-age=31536000", one


def test_over_https_a_session_cookie_is_bound_to_the_host(secure: TestClient, settings: Settings) -> None:
    """Every cookie of signing in, out and of an ended session is __Host-, Secure, HttpOnly, SameSite, without a
    domain, and holds at least 128 random bits."""
    form = {"name": "wang.fang", "password": PASSWORD}
    said = [secure.post("/sign-in", data=form, headers=SAME).headers["set-cookie"] for _ in range(2)]
    secure.cookies.clear()
    secret = [re.match(r"__Host-zhinan=([\w-]+);", cookie)[1] for cookie in said]  # type: ignore[index]
    assert secret[0] != secret[1] and min(map(len, secret)) >= 22
    ended = secure.get("/desk", headers={"Cookie": "__Host-zhinan=x"}).headers["set-cookie"]
    for cookie in (*said, ended):
        flags = set(cookie.split("; ")[1:])
        assert flags >= {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} and "Domain" not in cookie
    assert "Max-Age=0" in ended


def test_a_signed_in_person_is_led_nowhere_else(secure: TestClient, settings: Settings) -> None:
    """With a session, too, no lure, host or forwarded header gives a redirect or a link to another place."""
    store = Store(settings.database)
    with store.writing() as connection:
        token = open_session(connection, "wang.fang", datetime.now(UTC), 12)
    store.close()
    name = cookie_name(settings.model_copy(update={"public_url": HTTPS}))
    headers = {"Cookie": f"{name}={token}", "Host": EVIL, "X-Forwarded-Host": EVIL, "Accept": "text/html"}
    assert secure.get("/desk", headers=headers).status_code == 200
    for path in ("/desk", "/sign-in", "/public", "/staff/internal/stf-bike-audit", *LURES):
        answer = secure.get(f"http://testserver{path}", headers=headers)
        assert urlsplit(answer.headers.get("location", "")).netloc == "", path
        assert EVIL in path or EVIL not in answer.text, path


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        ('{"question": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}", {400}),
        ('{"history": ' + "[" * 10_000 + "]" * 10_000 + ', "question": "x"}', {400, 422}),
        ("[" * 10_000 + "]" * 10_000, {400, 422}),
        ('{"question": 1' + "0" * 5_000 + "}", {400, 422}),
        ('{"question": "x", "lang": 1e999}', {422}),
        ('{"question": NaN}', {422}),
        ('{"question": -Infinity}', {422}),
        ('{"question": "x", "question": {}}', {422}),
        ('{"question": {}, "question": "号牌"}', {200, 422}),
        ('{"question": "号牌", "__proto__": {"level": "restricted"}}', {422}),
        ('{"question": "号牌\\ud83d"}', {422}),
        ('{"question": "\\ud83d\\ude00号牌"}', {200}),
        ('{"question": "号牌\\u0000"}', {200, 422}),
        ('\ufeff{"question": "号牌"}', {200, 400, 422}),
        ('{"question": "号牌"} {"question": "号牌"}', {422}),
        ('{"question": "号牌",}', {422}),
        ("{'question': '号牌'}", {422}),
        ('{"question": "' + "号" * 501 + '"}', {422}),
        ('{"question": "x", "history": [' + ",".join(['{"role":"user","text":"x"}'] * 21) + "]}", {422}),
        ("true", {422}),
        ('"号牌"', {422}),
        ("", {422}),
        (json.dumps({"question": "x"}).encode("utf-16").decode("latin-1"), {400, 422}),
    ],
    ids=range(23),
)
@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/requests"])
def test_no_json_makes_the_server_fail(client: TestClient, path: str, body: str, statuses: set[int]) -> None:
    """Depth, size, numbers that are none, doubled keys, half characters and marks of order are the caller's fault."""
    if "history" in body and path.endswith("requests"):
        statuses = statuses | {422}
    kept = {201 if status == 200 and path.endswith("requests") else status for status in statuses}
    answer = client.post(path, content=body.encode("utf-8"), headers={"Content-Type": "application/json"})
    assert answer.status_code in kept
    if answer.status_code >= 400:
        assert ErrorOut.model_validate(answer.json(), extra="forbid").error.code
