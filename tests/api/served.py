"""The real server, started by its command in a process of its own, for tests of what the wire shows."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from rag.settings import ROOT, Settings

_READY_SECONDS = 60.0
LOG = "server.log"


@dataclass(frozen=True)
class Served:
    """A running server."""

    port: int
    process: int

    def connect(self, seconds: float = 20) -> socket.socket:
        """A fresh connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def get(self, path: str = "/livez", *headers: str) -> bytes:
        """The whole answer to one request."""
        with self.connect() as wire:
            lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
            wire.sendall("\r\n".join(lines).encode())
            return rest(wire)

    def memory_kb(self) -> int:
        """Memory that the process holds."""
        lines = Path(f"/proc/{self.process}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def rest(wire: socket.socket) -> bytes:
    """Everything until the server closes."""
    got = b""
    with suppress(ConnectionError):
        while piece := wire.recv(65536):
            got += piece
    return got


@contextmanager
def served(settings: Settings, folder: Path, workers: int = 1, **changed: object) -> Iterator[Served]:
    """`zhinan serve` with so many processes and these settings, until the block ends; what it says lies in LOG."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    values = settings.model_dump(exclude_unset=True) | changed | {"port": port}
    environment = os.environ | {f"ZHINAN_{name.upper()}": str(value) for name, value in values.items()}
    command = [sys.executable, "-m", "api.cli", "serve", "--workers", str(workers)]
    log = folder / LOG
    with log.open("w") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    server = Served(port, process.pid)
    try:
        _wait(server, process, log)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _wait(server: Served, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            if b" 200 " in server.get("/readyz"):
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server was not ready:\n{log.read_text()[-2000:]}")


@contextmanager
def in_thread(app: ASGIApp, **options: Any) -> Iterator[str]:
    """Address of a server of this process, for tests that need the wire but not its own process."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", **options)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + _READY_SECONDS
    while not running.started:
        assert thread.is_alive() and time.monotonic() < until, "the server did not start"
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join(timeout=30)
