"""A PostgreSQL of the tests' own, on loopback, from Debian's packages; ended when the tests end."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl, if PostgreSQL is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).resolve().parent if path else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The SQLAlchemy address of a fresh server. It refuses to run as root, so root starts it as `postgres`."""
    user = "postgres" if os.geteuid() == 0 else None
    # Not below pytest's folder, which other users may not enter.
    home = Path(tempfile.mkdtemp(prefix="zhinan-postgres-"))
    if user:
        shutil.chown(home, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(
            [str(folder / command[0]), *command[1:]], user=user, cwd=home, check=True, timeout=90,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    run("initdb", "-D", str(home / "data"), "-A", "trust", "-U", "postgres", "--no-sync")
    options = f"-p {port} -k {home} -h 127.0.0.1 -F"
    run("pg_ctl", "-D", str(home / "data"), "-o", options, "-l", str(home / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(home / "data"), "-m", "fast", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


def emptied(address: str) -> str:
    """The same address, everything in the database dropped."""
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return address
