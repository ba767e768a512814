"""A connection to each worker process of a server, told apart by who holds its other end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.api.served import Served

_TRIED = 400


@contextmanager
def each_worker(server: Served, count: int = 2) -> Iterator[dict[int, httpx.Client]]:
    """A client of each worker by its process id, each with a connection of its own."""
    found: dict[int, httpx.Client] = {}
    opened: list[httpx.Client] = []
    try:
        while len(found) < count:
            assert len(opened) < _TRIED, f"only {len(found)} workers take connections"
            client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60, trust_env=False)
            opened.append(client)
            found.setdefault(worker_of(client, server), client)
        yield found
    finally:
        for client in opened:
            client.close()


def worker_of(client: httpx.Client, server: Served) -> int:
    """The process that holds the other end of a client's connection."""
    response = client.get("/livez")
    own = response.extensions["network_stream"].get_extra_info("client_addr")[1]
    inode = _inode(server.port, own)
    return next(process for process in _below(server.process) if inode in _sockets(process))


def _inode(port: int, other: int) -> str:
    """Number of the socket that a local port has for one connection."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if (int(fields[1][-4:], 16), int(fields[2][-4:], 16)) == (port, other):
            return fields[9]
    raise LookupError(f"no connection from {other}")


def _below(process: int) -> Iterator[int]:
    """A process and its descendants."""
    yield process
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        yield from _below(int(child))


def _sockets(process: int) -> set[str]:
    found = set()
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):
            found.add(os.readlink(file).removeprefix("socket:[").removesuffix("]"))
    return found
