"""The app as a whole: one error shape, safe headers everywhere, and no body larger than 64 kB."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from api.app import create_app
from api.edge import BODY_LIMIT, Edge
from api.errors import ErrorOut
from api.metrics import Metrics
from api.shapes import AnswerOut
from rag.settings import Settings
from tests.api.conftest import serving

ASK = "/api/v1/ask"
EVERYWHERE = [
    ("GET", "/", 200),
    ("GET", "/nothing-here", 404),
    ("GET", "/public", 307),
    ("POST", "/", 405),
    ("GET", "/livez", 200),
    ("GET", "/readyz", 200),
    ("GET", "/metrics", 200),
    ("GET", "/api/v1/openapi.json", 200),
    ("GET", "/api/v1/guides", 200),
    ("GET", "/api/v1/nothing-here", 404),
    ("GET", "/api/v1/ask", 405),
    ("DELETE", "/api/v1/guides", 405),
    ("GET", "/api/v1/search", 422),
    ("POST", ASK, 422),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERYWHERE)
def test_every_response_has_the_security_headers(
    client: TestClient, method: str, path: str, status: int
) -> None:
    """Success, redirect and failure alike carry the policy, and differ by key for any cache between."""
    response = client.request(method, path)
    assert response.status_code == status
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["vary"] == "X-API-Key, Cookie"
    assert "cache-control" in response.headers


@pytest.mark.parametrize(("method", "path", "status"), [row for row in EVERYWHERE if row[2] >= 400])
def test_every_failure_has_the_one_shape(client: TestClient, method: str, path: str, status: int) -> None:
    """A failure is {"error": {"code", "message"}} with Chinese and English in the message."""
    error = ErrorOut.model_validate(client.request(method, path).json(), extra="forbid").error
    chinese, english = error.message.split(" / ", 1)
    assert not chinese.isascii()
    assert english


def test_method_not_allowed_names_the_allowed_ones(client: TestClient) -> None:
    """405 carries Allow, for routes and for the site."""
    assert client.get(ASK).headers["allow"] == "POST"
    assert client.post("/").headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/api/v1/guides", "/api/v1/topics", "/api/v1/units", "/api/v1/nothing-here"]
)
def test_the_api_is_stored_in_no_cache(client: TestClient, path: str) -> None:
    """Answers of the API are private and kept nowhere."""
    assert client.get(path).headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"\xff\xfe", 422),
        (b"\x80", 400),
        (b"[" * 60_000, 400),
        (b"null", 422),
        (b'{"question": "\\ud800"}', 422),
        (b'{"\\ud800": 1, "question": "x"}', 422),
        (b'{"question": "x", "level": "internal"}', 422),
        (b'{"question": "x", "lang": "fr"}', 422),
        (b'{"question": "   "}', 422),
        (b'{"question": 5}', 422),
    ],
)
def test_a_malformed_body_is_the_callers_fault(client: TestClient, body: bytes, status: int) -> None:
    """Broken JSON, deep nesting, half characters, unknown keys and wrong types are 4xx, never 5xx."""
    response = client.post(ASK, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    ErrorOut.model_validate(response.json())


def test_a_validation_error_names_the_field_and_repeats_no_value(client: TestClient) -> None:
    """The person learns which field is wrong; what was sent does not come back."""
    response = client.post(ASK, json={"question": "秘密词" * 200})
    assert response.json()["error"]["code"] == "invalid"
    assert "question" in response.json()["error"]["message"]
    assert "秘密词" not in response.text


def test_a_large_body_is_refused_by_its_length(client: TestClient) -> None:
    """One byte over 64 kB is 413, 64 kB itself is read."""
    at_limit = b'{"question": "x"}'.ljust(BODY_LIMIT)
    headers = {"Content-Type": "application/json"}
    assert client.post(ASK, content=at_limit, headers=headers).status_code == 200
    response = client.post(ASK, content=at_limit + b" ", headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too-large")


def test_an_endless_body_is_refused_while_it_comes() -> None:
    """A body without a length is cut off at 64 kB: of an endless stream no more than that is taken in."""
    taken = 0
    sent: list[Message] = []

    async def unreached(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("nothing may be parsed")

    async def endless() -> Message:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": ASK, "headers": []}
    asyncio.run(Edge(unreached, Metrics(), Settings())(scope, endless, keep))
    assert (sent[0]["status"], taken) == (413, 65)
    assert json.loads(sent[1]["body"])["error"]["code"] == "too-large"


def test_a_body_that_does_not_come_is_given_up() -> None:
    """A client that sends half a body holds its place for the time limit, not for ever."""
    sent: list[Message] = []
    parts: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def unreached(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("nothing may be parsed")

    async def half() -> Message:
        if parts:
            return parts.pop()
        await asyncio.sleep(60)
        raise AssertionError("waited too long")

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": ASK, "headers": []}
    asyncio.run(Edge(unreached, Metrics(), Settings(body_seconds=0.05))(scope, half, keep))
    assert sent[0]["status"] == 408


@pytest.fixture
def failing(settings: Settings, caplog: pytest.LogCaptureFixture) -> Iterator[TestClient]:
    """The app with one more route, which fails with a person's words in its message."""
    app: FastAPI = create_app(settings)

    words = "".join(["CANARY", "WORDS"])

    def boom() -> None:
        raise RuntimeError(words)

    app.add_api_route("/boom", boom)
    caplog.set_level(logging.INFO)
    with serving(app) as opened:
        yield opened


def test_an_unexpected_failure_is_a_500_of_the_same_shape(
    failing: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of the error's message reaches the client or the log; kind and place are logged."""
    response = failing.get("/boom")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal")
    assert "content-security-policy" in response.headers
    assert "RuntimeError" in caplog.text and " boom <" in caplog.text
    assert "CANARYWORDS" not in response.text + caplog.text


def test_one_log_line_a_request_without_words_keys_or_addresses(
    client: TestClient, keys: dict[str, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    """The log names method, route template, status and time, and nothing that a person wrote."""
    caplog.set_level(logging.INFO, logger="zhinan")
    key = keys["internal"]
    client.post(ASK, json={"question": "CANARYQUESTION 号牌"}, headers=key)
    client.get("/api/v1/search", params={"q": "CANARYQUERY"})
    client.get("/api/v1/requests/SS-20261123-0001", params={"code": "CANARYCODE"})
    client.get("/CANARYPATH")
    lines = [record.getMessage() for record in caplog.records if record.name == "zhinan.access"]
    assert [line.rsplit(" ", 1)[0] for line in lines] == [
        "POST /api/v1/ask 200",
        "GET /api/v1/search 200",
        "GET /api/v1/requests/{number} 404",
        "GET site 404",
    ]
    assert "CANARY" not in caplog.text and next(iter(key.values())) not in caplog.text


@pytest.mark.parametrize("key", ["", "zn_", "wrong", "zn_" + "A" * 43, "anonymous"])
@pytest.mark.parametrize("path", ["/", "/public/pub-bike-tag/", "/api/v1/guides", "/api/v1/units"])
def test_a_key_that_does_not_hold_is_401_everywhere(client: TestClient, path: str, key: str) -> None:
    """An empty or unknown key is refused, also for what everybody may read; it is never anonymous."""
    response = client.get(path, headers={"X-API-Key": key})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "bad-key")


def test_two_keys_at_once_are_none(client: TestClient, keys: dict[str, dict[str, str]]) -> None:
    """A request cannot speak for two readers."""
    key = keys["internal"]["X-API-Key"]
    response = client.get("/api/v1/guides", headers=[("X-API-Key", key), ("X-API-Key", key)])
    assert response.status_code == 401


def test_a_key_in_the_address_is_no_key(client: TestClient, keys: dict[str, dict[str, str]]) -> None:
    """Identity comes from the header alone: query and body can't raise a level."""
    key = keys["internal"]["X-API-Key"]
    listed = client.get("/api/v1/guides", params={"X-API-Key": key, "level": "internal"}).json()
    assert {guide["level"] for guide in listed["guides"]} == {"open"}


def test_the_description_is_openapi_3_1(client: TestClient) -> None:
    """The API describes itself: version, the core routes, the key header, the error shape."""
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {
        "/api/v1/ask",
        "/api/v1/search",
        "/api/v1/guides",
        "/api/v1/guides/{guide_id}",
        "/api/v1/topics",
        "/api/v1/units",
        "/api/v1/answers/{answer_id}",
        "/api/v1/answers/{answer_id}/rating",
        "/api/v1/requests",
        "/api/v1/requests/{number}",
        "/livez",
        "/readyz",
    }
    scheme = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert scheme in described["components"]["securitySchemes"].values()
    assert described["paths"]["/api/v1/ask"]["post"]["security"] == [{"APIKeyHeader": []}, {}]
    failure = described["paths"]["/api/v1/ask"]["post"]["responses"]["422"]
    assert failure["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorOut")


def test_the_described_answer_is_the_real_one(client: TestClient) -> None:
    """An answer has exactly the fields that the description promises."""
    answer = client.post(ASK, json={"question": "自行车号牌的申领收费吗"}).json()
    AnswerOut.model_validate(answer, extra="forbid")
    assert set(answer) == set(AnswerOut.model_fields)


def test_nothing_is_opened_before_the_app_starts(settings: Settings) -> None:
    """Making an app reads no generation and creates no store."""
    unused = settings.model_copy(
        update={"database": "sqlite:////nonexistent/folder/x", "out": settings.out / "x"}
    )
    assert create_app(unused).title == "Zhinan 指南"
