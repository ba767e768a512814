"""Gates over how much may stand at once: streams, questions that wait, connections, and half a request."""

import asyncio
import socket
import time
from contextlib import ExitStack

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from api.edge import Edge
from api.errors import ApiError
from api.metrics import Metrics
from api.protocol import Allowed, Door, protocol_of
from api.turns import TURNS, Turns
from rag.settings import Settings
from tests.api.served import in_thread, rest
from tests.leak.judge import Judge
from tests.leak.own import run_apart

_STRANGER, _OTHER = "198.51.100.7", "198.51.100.8"


def stream_gate(_: Judge) -> list[str]:
    """An address holds two streams and no third; another one begins all the same."""
    seen: list[tuple[str, int, dict[bytes, bytes]]] = []
    waiting = [_STRANGER, _STRANGER, _STRANGER, _OTHER]

    async def next_one() -> None:
        address = waiting.pop(0)
        scope = {
            "type": "http", "method": "GET", "path": "/", "client": (address, 1), "query_string": b"",
            "headers": [(b"accept", b"text/event-stream")], "state": {},
        }  # fmt: skip

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.append((address, message["status"], dict(message["headers"])))

        await edge(scope, receive, send)
        if waiting:
            await next_one()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """Another stream begins while this one is open."""
        if waiting:
            await next_one()
        await PlainTextResponse()(scope, receive, send)

    edge = Edge(app, Metrics(), Settings(streams_per_address=2))
    run_apart(next_one())
    told = sorted((address, status) for address, status, _ in seen)
    wanted = [(_STRANGER, 200), (_STRANGER, 200), (_STRANGER, 429), (_OTHER, 200)]
    late = [s for _, s, headers in seen if s == 429 and b"retry-after" not in headers]
    return [str(told)] * (told != wanted) + ["no Retry-After"] * len(late)


def turn_gate(_: Judge) -> list[str]:
    """Beyond those at work and one who waits the next is told to come back."""

    async def scene() -> list[str]:
        turns, gate = Turns(1), asyncio.Event()

        async def ask() -> None:
            async with turns.one():
                await gate.wait()

        asked = [asyncio.create_task(ask()) for _ in range(TURNS + 1)]
        await asyncio.sleep(0)
        refused = asyncio.create_task(ask())
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*asked)
        try:
            await refused
        except ApiError as error:
            return [] if error.status == 503 and "Retry-After" in error.headers else [str(error.headers)]
        return ["one more waited"]

    return run_apart(scene())


def door_gate(_: Judge) -> list[str]:
    """An address holds two connections and all together three; who leaves gives his place back."""
    door = Door(Allowed(1, 1, per_address=2, in_all=3))
    found = [door.admit(name, False) for name in ("a", "a", "a", "b", "c")]
    door.leave("a")
    found.append(door.admit("c", False))
    return [] if found == [True, True, False, True, False, True] else [str(found)]


def connection_gate(_: Judge) -> list[str]:
    """The server gives up a head that does not come or does not end, and tells whom it turns away when to return."""
    settings = Settings(head_seconds=0.3, connections=2)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse()(scope, receive, send)

    with in_thread(app, http=protocol_of(settings), lifespan="off") as address:
        port = int(address.rpartition(":")[2])
        late = _sent(port, b"GET / HTTP/1.1\r\nHost: x\r\n")
        large = _sent(port, b"GET / HTTP/1.1\r\nX-A: " + b"a" * 100_000)
        with ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(socket.create_connection(("127.0.0.1", port), 3))
            time.sleep(0.05)
            full = _sent(port, b"")
    return (
        ["a head that does not come is waited for"] * (b" 408 " not in late)
        + ["a head without end is read"] * (b" 431 " not in large)
        + ["one connection more"] * (b" 503 " not in full)
        + ["turned away without Retry-After"] * (b"retry-after" not in full)
    )


def _sent(port: int, data: bytes) -> bytes:
    """What the server answers to these bytes until it closes, or nothing within three seconds."""
    with socket.create_connection(("127.0.0.1", port), 3) as wire:
        try:
            wire.sendall(data)
            return rest(wire)
        except TimeoutError:
            return b""
