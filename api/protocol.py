"""How long a connection may take and how many may stand: what uvicorn's HTTP protocol leaves open.

A request head must be complete in time and of bounded size, an answer must be taken in time, and neither
one address nor all of them together hold more than their share of connections of a process.
"""

import asyncio
import resource
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.callers import is_loopback, network_of
from api.errors import BUSY, HEAD_TOO_LARGE, TOO_SLOW, UNREADABLE, Say
from api.headers import ALWAYS, NEVER_STORED
from rag.settings import Settings

LOOPBACK_TIMES = 16
"""A proxy, or who measures, sits on loopback and speaks for many."""
_OTHER_FILES = 256
_HEAD_BYTES = 64 * 1024
_PIPELINED = 16


@dataclass(frozen=True)
class Allowed:
    """What a connection may take."""

    head_seconds: float
    send_seconds: float
    per_address: int
    in_all: int


@dataclass
class Door:
    """The open connections of one process, counted by address."""

    allowed: Allowed
    open: Counter[str] = field(default_factory=Counter)

    def admit(self, network: str, loopback: bool) -> bool:
        """Whether one more may stand; it is counted if so."""
        most = self.allowed.per_address * (LOOPBACK_TIMES if loopback else 1)
        if self.open[network] >= most or self.open.total() >= self.allowed.in_all:
            return False
        self.open[network] += 1
        return True

    def leave(self, network: str) -> None:
        """One of this address has gone."""
        self.open[network] -= 1
        if not self.open[network]:
            del self.open[network]


class Protocol(HttpToolsProtocol):
    """One connection, with its deadlines."""

    def __init__(self, *args: Any, door: Door, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._door = door
        self._network: str | None = None
        self._head_clock: asyncio.TimerHandle | None = None
        self._send_clock: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Count the connection and start its clock, or turn it away."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        network = network_of(address)
        if not self._door.admit(network, is_loopback(address)):
            self._refuse(503, BUSY, (b"retry-after", b"10"))
            return
        self._network = network
        self._start_head_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        if self._network is not None:
            self._door.leave(self._network)
            self._network = None
        self._stop_head_clock()
        self._stop_send_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, as long as its head stays within bounds."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            # Uvicorn ends the idle clock at any byte, also at one that begins no request.
            self._start_head_clock()
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_clock and self._head_bytes > _HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """The head is here: from now on the app minds the time."""
        self._stop_head_clock()
        if not self.transport.get_write_buffer_size():
            self._stop_send_clock()  # it was of an answer that has been taken
        if len(self.pipeline) >= _PIPELINED:
            raise ValueError("more requests at once than this server takes")  # becomes a 400
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """The answer is written; what the client has not taken yet must go in time, too."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._start_send_clock()

    def pause_writing(self) -> None:
        """The client reads slower than we write: it has so long to take some."""
        super().pause_writing()
        self._stop_send_clock()
        self._start_send_clock()

    def resume_writing(self) -> None:
        """It took enough to go on."""
        super().resume_writing()
        self._stop_send_clock()

    def send_400_response(self, msg: str) -> None:
        """A request that can't be parsed gets the same error shape as any other."""
        self._refuse(400, UNREADABLE)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: anybody can ask for an upgrade, and the log is not theirs to fill."""

    def _start_head_clock(self) -> None:
        if self._head_clock is None:
            self._head_bytes = 0
            seconds = self._door.allowed.head_seconds
            self._head_clock = self.loop.call_later(seconds, self._head_is_late)

    def _stop_head_clock(self) -> None:
        if self._head_clock:
            self._head_clock.cancel()
            self._head_clock = None

    def _start_send_clock(self) -> None:
        if self._send_clock is None:
            self._send_clock = self.loop.call_later(self._door.allowed.send_seconds, self._answer_is_stuck)

    def _stop_send_clock(self) -> None:
        if self._send_clock:
            self._send_clock.cancel()
            self._send_clock = None

    def _head_is_late(self) -> None:
        if not self.transport.is_closing():
            self._refuse(408, TOO_SLOW)

    def _answer_is_stuck(self) -> None:
        self._send_clock = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _refuse(self, status: int, say: Say, *more: tuple[bytes, bytes]) -> None:
        """Answer by hand, since no request stands that the app could answer, and close."""
        body = say.as_bytes()
        lines = [(name.lower().encode(), value.encode()) for name, value in (ALWAYS | NEVER_STORED).items()]
        lines += [
            *more,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%s: %s\r\n" % line for line in lines)
        self._start_send_clock()
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self.transport.close()


def protocol_of(settings: Settings) -> "partial[Protocol]":
    """What uvicorn calls for each connection; the count is each process's own."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    in_all = min(settings.connections, max(files - _OTHER_FILES, 1))
    allowed = Allowed(settings.head_seconds, settings.send_seconds, settings.connections_per_address, in_all)
    return partial(Protocol, door=Door(allowed))


def allow_files(connections: int) -> None:
    """Let this process, and those that it starts, open as many files as its connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
