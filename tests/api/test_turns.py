"""Questions wait in order, and never too many of them."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Scope

from api.app import create_app
from api.errors import ApiError
from api.streams import Streams
from api.turns import TURNS, Turns
from rag.settings import Settings
from tests.api.conftest import serving

QUEUE = 3


def test_the_queue_is_bounded_and_in_order() -> None:
    """Beyond those at work and those waiting the next is refused at once; the others come in their order."""

    async def scene() -> list[int]:
        turns, gate, done = Turns(QUEUE), asyncio.Event(), []

        async def ask(number: int) -> None:
            async with turns.one():
                await gate.wait()
                done.append(number)

        asked = [asyncio.create_task(ask(number)) for number in range(TURNS + QUEUE)]
        await asyncio.sleep(0)
        with pytest.raises(ApiError) as refused:
            async with turns.one():
                raise AssertionError("no turn was free")
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "5")
        gate.set()
        await asyncio.gather(*asked)
        return done

    assert asyncio.run(scene()) == list(range(TURNS + QUEUE))


def test_who_leaves_the_queue_gives_his_place_back() -> None:
    """A caller that is gone, and one whose work failed, hold no place."""

    async def scene() -> None:
        turns = Turns(1)

        async def fail() -> None:
            async with turns.one():
                await asyncio.sleep(0)
                raise RuntimeError("work failed")

        async def hold() -> None:
            async with turns.one():
                await asyncio.sleep(60)

        for _ in range(5):
            with pytest.raises(RuntimeError):
                await fail()
            held = [asyncio.create_task(hold()) for _ in range(TURNS + 1)]
            await asyncio.sleep(0)
            for task in held:
                task.cancel()
            await asyncio.gather(*held, return_exceptions=True)
        async with asyncio.timeout(5), turns.one():
            pass

    asyncio.run(scene())


@pytest.fixture
def full(settings: Settings) -> Iterator[TestClient]:
    """The app of a server on which nobody may wait."""
    with serving(create_app(settings.model_copy(update={"queue": 0}))) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/ask"), ("GET", "/api/v1/search?q=x")])
def test_a_full_queue_is_said_in_words(full: TestClient, method: str, path: str) -> None:
    """503 with Retry-After names the hotline in both languages; the rest of the server goes on."""
    turns = full.app.state.services.turns  # type: ignore[attr-defined]

    held = [turns.one() for _ in range(TURNS)]

    async def take() -> None:
        for one in held:
            await one.__aenter__()

    assert full.portal is not None
    full.portal.call(take)
    body = {"json": {"question": "x"}} if method == "POST" else {}
    response = full.request(method, path, **body)  # type: ignore[arg-type]
    error = response.json()["error"]
    assert (response.status_code, error["code"], response.headers["retry-after"]) == (503, "busy", "5")
    assert "热线" in error["fix"] and "hotline" in error["fix"]
    assert full.get("/api/v1/topics").status_code == 200


def _scope(accept: str, address: str, forwarded: bool = False) -> Scope:
    headers = [(b"accept", accept.encode())] + ([(b"x-forwarded-for", b"x")] if forwarded else [])
    return {"type": "http", "client": (address, 1), "headers": headers}


def test_streams_are_counted_by_address() -> None:
    """An address holds its number of streams at once and no more; its other requests and others go on."""
    streams, stream = Streams(2), "text/event-stream"
    with streams.held(_scope(stream, "198.51.100.7")), streams.held(_scope(f"{stream}, */*", "198.51.100.7")):
        with pytest.raises(ApiError) as refused, streams.held(_scope(stream.upper(), "198.51.100.7")):
            raise AssertionError("one too many")
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "5")
        with (
            streams.held(_scope("application/json", "198.51.100.7")),
            streams.held(_scope(stream, "198.51.100.8")),
        ):
            pass
    with streams.held(_scope(stream, "198.51.100.7")):
        pass


@pytest.mark.parametrize(("forwarded", "most"), [(False, 64), (True, 2)])
def test_this_machine_may_hold_more_streams(forwarded: bool, most: int) -> None:
    """A load test beside the server may hold 32 times as many; whom a proxy names may not."""
    streams, held = Streams(2), []
    with pytest.raises(ApiError):
        for _ in range(100):
            one = streams.held(_scope("text/event-stream", "127.0.0.1", forwarded))
            one.__enter__()
            held.append(one)
    assert len(held) == most


def test_a_stream_that_is_given_up_frees_its_place(settings: Settings) -> None:
    """Clients that leave while the answer streams leave no count behind."""
    app = create_app(settings.model_copy(update={"streams_per_address": 1}))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/ask",
        "raw_path": b"/api/v1/ask",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("x", 80),
        "http_version": "1.1",
        "client": ("198.51.100.7", 1),
        "headers": [(b"accept", b"text/event-stream"), (b"content-type", b"application/json")],
    }
    sent: list[Message] = []

    async def once() -> None:
        bodies = [{"type": "http.request", "body": json.dumps({"question": "自行车号牌"}).encode()}]

        async def receive() -> Message:
            return bodies.pop() if bodies else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)
            if message["type"] == "http.response.body":
                raise OSError("the client has gone")

        await app({**scope, "state": {}}, receive, send)

    with serving(app) as client:
        assert client.portal is not None
        for _ in range(3):
            try:
                client.portal.call(once)
            except (OSError, ExceptionGroup):
                continue
    assert [message["status"] for message in sent if "status" in message] == [200, 200, 200]
