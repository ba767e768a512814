"""Slow, huge and many: what a hostile client can't do to the real server."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from api.errors import ErrorOut
from api.headers import ALWAYS
from rag.settings import Settings
from tests.api.served import Served, rest, served

HEAD_SECONDS, BODY_SECONDS, SEND_SECONDS = 1.0, 1.5, 1.0
GENEROUS = 8.0
"""What a busy machine may add to a time limit."""
POST = b"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with short time limits."""
    limits = {
        "head_seconds": HEAD_SECONDS,
        "body_seconds": BODY_SECONDS,
        "send_seconds": SEND_SECONDS,
    }
    with served(settings, tmp_path_factory.mktemp("served"), **limits) as running:
        yield running


@pytest.fixture(scope="module")
def narrow(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that takes 16 connections from this machine."""
    with served(settings, tmp_path_factory.mktemp("narrow"), connections_per_address=1) as running:
        yield running


def _assert_refused(answer: bytes, status: int, code: str) -> None:
    """The answer is an error of the one shape, with every security header, and the last on its connection."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert first.split()[1] == str(status)
    assert ErrorOut.model_validate(json.loads(body)).error.code == code
    assert {name.lower(): value for name, value in ALWAYS.items()}.items() <= headers.items()
    assert (headers["connection"], headers["cache-control"]) == ("close", "private, no-store")


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "used before"])
@pytest.mark.parametrize(
    "sent", [b"\r\n", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "]
)
def test_a_head_that_does_not_come_is_given_up(server: Served, sent: bytes, used: bool) -> None:
    """Half a head is answered 408 and closed in time, also on a connection that was used before."""
    with server.connect() as wire:
        if used:
            wire.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            assert wire.recv(65_536).startswith(b"HTTP/1.1 200")
        begun = time.monotonic()
        wire.sendall(sent)
        _assert_refused(rest(wire), 408, "too-slow")
    assert HEAD_SECONDS * 0.9 <= time.monotonic() - begun <= HEAD_SECONDS + GENEROUS


def test_silence_is_given_up(server: Served) -> None:
    """A connection on which nothing was ever sent is closed in time."""
    with server.connect() as wire:
        begun = time.monotonic()
        _assert_refused(rest(wire), 408, "too-slow")
    assert time.monotonic() - begun <= HEAD_SECONDS + GENEROUS


def test_a_head_that_drips_is_given_up(server: Served) -> None:
    """Sending a byte now and then does not buy more time."""
    begun = time.monotonic()
    with server.connect() as wire:
        wire.sendall(b"GET /livez HTTP/1.1\r\nX-A: ")
        with pytest.raises(OSError):
            while time.monotonic() - begun < HEAD_SECONDS + GENEROUS:
                wire.sendall(b"a")
                time.sleep(0.05)
    assert time.monotonic() - begun < HEAD_SECONDS + GENEROUS


@pytest.mark.parametrize("framing", [b"Content-Length: 400", b"Transfer-Encoding: chunked"])
def test_a_body_that_drips_is_given_up(server: Served, framing: bytes) -> None:
    """A body that comes byte by byte ends in 408 and a closed connection."""
    with server.connect() as wire:
        wire.sendall(POST + framing + b"\r\n\r\n")
        piece = b"1\r\n{\r\n" if b"chunked" in framing else b"{"
        wire.setblocking(False)
        begun, answer = time.monotonic(), b""
        while not answer and time.monotonic() - begun < BODY_SECONDS + GENEROUS:
            wire.send(piece)
            time.sleep(0.05)
            try:
                answer = wire.recv(65536)
            except BlockingIOError:
                continue
        wire.setblocking(True)
        answer += rest(wire)
    _assert_refused(answer, 408, "too-slow")


def test_half_open_connections_keep_nobody_out(server: Served) -> None:
    """While a hundred heads stand half sent, twenty requests at once are answered; then all hundred are closed."""
    with ExitStack() as stack:
        wires = [stack.enter_context(server.connect()) for _ in range(100)]
        for wire in wires:
            wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: server.get("/"), range(20)))
        assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
        begun = time.monotonic()
        assert all(b" 408 " in rest(wire) for wire in wires)
        assert time.monotonic() - begun < HEAD_SECONDS + GENEROUS


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_large_body_costs_no_memory(server: Served, framing: str) -> None:
    """Ten megabytes get 413, and the server grows by less than one."""
    _send_large(server, framing)  # what a first time allocates is not what is measured
    before = server.memory_kb()
    answers = [_send_large(server, framing) for _ in range(5)]
    assert all(answer.startswith(b"HTTP/1.1 413") for answer in answers)
    assert server.memory_kb() - before < 1024


def _send_large(server: Served, framing: str) -> bytes:
    """The answer to ten megabytes, or to as many of them as the server took."""
    piece = b"x" * 65_536
    head = b"Content-Length: 10485760" if framing == "length" else b"Transfer-Encoding: chunked"
    with server.connect() as wire:
        wire.sendall(POST + head + b"\r\n\r\n")
        time.sleep(0.05)
        try:
            for _ in range(160):
                wire.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if framing == "chunked" else piece)
                wire.setblocking(False)
                try:
                    if answer := wire.recv(65_536):
                        return answer
                except BlockingIOError:
                    wire.settimeout(20)
        except OSError:
            pass
        wire.settimeout(20)
        return rest(wire)


def test_an_endless_head_is_cut(server: Served) -> None:
    """A head that goes on after 64 kB is refused before it is complete."""
    with server.connect() as wire:
        wire.sendall(b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 9000)
        _assert_refused(rest(wire), 431, "head-too-large")


@pytest.mark.parametrize("path", ["/" + "a" * 40_000, "/livez"])
def test_a_large_head_is_refused(server: Served, path: str) -> None:
    """A complete head of more than 32 kB is 431, be it the address or a header."""
    _assert_refused(server.get(path, "X-A: " + "b" * (0 if len(path) > 9 else 40_000)), 431, "head-too-large")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET / HTTP/9.9\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
    ],
    ids=["TLS", "version", "method", "byte", "two framings", "two lengths", "bad chunk", "200 at once"],
)
def test_what_is_no_request_is_refused_like_any_other(server: Served, sent: bytes) -> None:
    """What the parser refuses gets the one error shape with all headers, and the connection ends."""
    with server.connect() as wire:
        wire.sendall(sent)
        answer = rest(wire)
    _assert_refused(answer[answer.rindex(b"HTTP/1.1 400") :], 400, "bad-request")


def test_an_upgrade_is_not_followed(server: Served) -> None:
    """Who asks for a web socket gets the page over HTTP."""
    answer = server.get("/livez", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: eA==")
    assert answer.startswith(b"HTTP/1.1 200")


def test_who_does_not_read_is_cut(server: Served) -> None:
    """A client that asks on and takes no answer loses its connection in time."""
    with server.connect() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        begun = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - begun < SEND_SECONDS + GENEROUS:
                wire.sendall(b"GET /assets/search.js HTTP/1.1\r\nHost: x\r\n\r\n" * 8)
                time.sleep(0.02)


def test_one_address_has_its_share_of_connections(narrow: Served) -> None:
    """Beyond its share an address is told to come back, and may as soon as a place is free."""
    with ExitStack() as stack:
        wires = [stack.enter_context(narrow.connect()) for _ in range(16)]
        wires[0].sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wires[0].recv(65_536).startswith(b"HTTP/1.1 200")
        with narrow.connect() as wire:
            _assert_refused(rest(wire), 503, "busy")
        wires.pop().close()
        end = time.monotonic() + GENEROUS
        while not (answer := narrow.get()).startswith(b"HTTP/1.1 200"):
            assert time.monotonic() < end, answer
            time.sleep(0.05)
