"""What every response carries, route by route, and which bodies are taken."""

import importlib.util
import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.headers import ALWAYS
from rag.settings import Settings
from tests.api.conftest import serving

ASK = "/api/v1/ask"
QUESTION = json.dumps({"question": "自行车号牌"}).encode()
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
PLACES = {"guide_id": "pub-bike-tag", "answer_id": "a" * 22, "number": "SS-20261123-0001"}


def _paths(client: TestClient) -> list[str]:
    """An address of every route that the app has, and several of the site."""
    routes = list(client.get("/api/v1/openapi.json").json()["paths"])
    assert len(routes) >= 11
    more = ["/api/v1/openapi.json", "/api/v1/nothing", "/metrics", "/", "/public/", "/public", "/nothing"]
    more += [
        "/en/",
        "/search-data.json",
        "/assets/page.js",
        "/sign-in",
        "/sign-in/link",
        "/desk",
        "/desk/desk.css",
        "/sign-out",
        "/x\\y",
    ]
    return [path.format_map(PLACES) for path in routes + more]


def test_every_route_and_method_has_every_header(client: TestClient, keys: dict[str, dict[str, str]]) -> None:
    """Every route by eight methods as seven callers, whatever comes of it: all headers, and no CORS."""
    callers = [
        *keys.values(),
        {"X-API-Key": "wrong"},
        {"Accept": "text/html"},
        {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    ]
    seen = set()
    for path in _paths(client):
        for method in METHODS:
            for caller in callers:
                response = client.request(method, path, headers=caller)
                seen.add(response.status_code)
                said = {name: response.headers.get(name) for name in ALWAYS}
                assert said == ALWAYS, (method, path, caller)
                assert "cache-control" in response.headers, (method, path, caller)
                assert not [name for name in response.headers if name.startswith("access-control")]
                assert "server" not in response.headers and "x-powered-by" not in response.headers
                if path.startswith("/api/"):
                    assert response.headers["cache-control"] == "private, no-store", (method, path)
    assert seen >= {200, 307, 401, 404, 405, 422} and max(seen) < 500


@pytest.mark.parametrize(
    ("path", "content", "kind", "status"),
    [
        (ASK, b"{", "application/json", 422),
        (ASK, b"\x80", "application/json", 400),
        (ASK, b"x" * 70_000, "application/json", 413),
        (ASK, QUESTION, "text/plain", 415),
        ("/" + "a" * 33_000, b"", "application/json", 431),
    ],
)
def test_every_error_kind_has_every_header(
    client: TestClient, path: str, content: bytes, kind: str, status: int
) -> None:
    """Refusals before and behind the routes carry the same headers."""
    response = client.request("POST", path, content=content, headers={"Content-Type": kind})
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in ALWAYS} == ALWAYS


def test_the_policy_allows_nothing_but_our_own_files() -> None:
    """No word of the policy lets in inline code, other hosts, data addresses or markup made by scripts."""
    policy = dict(rule.split(" ", 1) for rule in ALWAYS["Content-Security-Policy"].split("; "))
    assert policy.pop("require-trusted-types-for") == "'script'"
    assert set(policy.values()) == {"'self'", "'none'"}
    assert {name for name, value in policy.items() if value == "'none'"} == {
        "default-src",
        "base-uri",
        "frame-ancestors",
        "trusted-types",
    }


@pytest.mark.parametrize(("address", "told"), [("https://guide.example", True), ("http://guide.example", False), (None, False)])  # fmt: skip
def test_https_is_kept_where_there_is_https(settings: Settings, address: str | None, told: bool) -> None:
    """Only an installation that people reach over https tells browsers to stay there."""
    with serving(create_app(settings.model_copy(update={"public_url": address}))) as client:
        for path in ("/", "/nothing", "/api/v1/topics"):
            assert ("strict-transport-security" in client.get(path).headers) is told


def test_only_open_pages_may_be_kept_and_they_vary(
    client: TestClient, keys: dict[str, dict[str, str]]
) -> None:
    """A cache may keep an open page, but asks each time and never for one who shows a key or cookie."""
    page = client.get("/public/pub-bike-tag/")
    assert (page.headers["cache-control"], page.headers["vary"]) == ("public, no-cache", "X-API-Key, Cookie")
    mine = client.get("/public/pub-bike-tag/", headers=keys["internal"])
    assert (mine.headers["cache-control"], mine.headers["vary"]) == ("private, no-cache", "X-API-Key, Cookie")


@pytest.fixture(scope="module")
def asked(client: TestClient) -> Iterator[TestClient]:
    """The same client, once it is seen that the question is a good one."""
    assert client.post(ASK, content=QUESTION, headers={"Content-Type": "application/json"}).is_success
    yield client


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "text/plain; application/json"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/xml"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json, text/plain"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
@pytest.mark.parametrize("path", [ASK, "/api/v1/requests", "/api/v1/answers/x/rating"])
def test_only_json_that_says_so_is_taken(asked: TestClient, path: str, headers: dict[str, str]) -> None:
    """What a form or script of a foreign page can send without asking is 415, whatever it holds."""
    response = asked.post(path, content=QUESTION, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (415, "not-json")


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_taken_however_it_is_written(asked: TestClient, kind: str) -> None:
    """The type counts, not its case or parameters."""
    assert asked.post(ASK, content=QUESTION, headers={"Content-Type": kind}).status_code == 200


def test_forms_with_files_cannot_even_be_read() -> None:
    """The parser of multipart bodies, which had its share of holes, is not installed."""
    assert importlib.util.find_spec("python_multipart") is None
    assert importlib.util.find_spec("multipart") is None
