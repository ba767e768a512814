"""Many clients at once against a served assistant on loopback: asks a second, and how long each took."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from rag.settings import ROOT
from tests.bench.results import spread
from tests.bench.scale import questions

CLIENTS = 16
SECONDS = 20.0
_READY_WITHIN = 90.0


def measured(
    workers: Sequence[int] = (1, 2), clients: int = CLIENTS, seconds: float = SECONDS
) -> list[dict[str, Any]]:
    """One row a number of server processes."""
    return [_row(number, clients, seconds) for number in workers]


def _row(workers: int, clients: int, seconds: float) -> dict[str, Any]:
    with served(workers) as address:
        asyncio.run(_load(address, clients, 3.0))  # every worker opens its index and builds its scope
        spent, failed, took = asyncio.run(_load(address, clients, seconds))
    return {
        "workers": workers,
        "clients": clients,
        "seconds": round(took, 1),
        "asks_per_second": round(len(spent) / took, 1),
        "failed": failed,
        "ms": spread(spent),
    }


@contextmanager
def served(workers: int) -> Iterator[str]:
    """`zhinan serve` of the current generation with a store of its own, until the block ends; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="zhinan-serve-") as folder:
        command = [
            sys.executable,  # the code that is measured, whichever is installed
            "-m",
            "api.cli",
            "serve",
            "--port",
            str(port),
            "--workers",
            str(workers),
        ]
        environment = os.environ | {"ZHINAN_DATABASE": f"sqlite:///{folder}/store.sqlite"}
        log = Path(folder) / "log"
        with log.open("w", encoding="utf-8") as said:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        try:
            address = f"http://127.0.0.1:{port}"
            if not _is_ready(address, server):
                raise RuntimeError(f"the server was not ready:\n{log.read_text(encoding='utf-8')[-2000:]}")
            yield address
        finally:
            server.terminate()
            server.wait(20)


def _is_ready(address: str, server: subprocess.Popen[bytes]) -> bool:
    """Whether the server answers before the time is up or it ends."""
    end = time.monotonic() + _READY_WITHIN
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"{address}/readyz", trust_env=False).is_success:
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    return False


async def _load(address: str, clients: int, seconds: float) -> tuple[list[float], int, float]:
    """Milliseconds of each answered ask, how many failed, and the seconds all of it took."""
    texts, number = questions(), count()
    spent: list[float] = []
    failed = 0
    began = time.perf_counter()

    async def client(http: httpx.AsyncClient) -> None:
        nonlocal failed
        while time.perf_counter() - began < seconds:
            asked = time.perf_counter()
            reply = await http.post("/api/v1/ask", json={"question": texts[next(number) % len(texts)]})
            if reply.is_success:
                spent.append((time.perf_counter() - asked) * 1000)
            else:
                failed += 1

    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=30, trust_env=False) as http:
        await asyncio.gather(*(client(http) for _ in range(clients)))
    return spent, failed, time.perf_counter() - began
