"""The office served by the real application, and the readers that ask it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from api.keys import HEADER, Scope, choose_key, revoke_key
from api.sessions import open_session
from api.store import Store
from rag.access import ANONYMOUS, Audience, Level, Reader
from rag.answer import Assistant
from rag.build import build
from rag.settings import Settings
from tests.api.identities import make_account, make_key
from tests.leak.marks import Marks
from tests.leak.office import Subject, write_office

Headers = dict[str, str]

READERS = {
    "anonymous": ANONYMOUS,
    "organisation": Reader(Audience.ORGANISATIONS),
    "members": Reader(Audience.ORGANISATIONS, Level.MEMBERS),
    "internal": Reader(Audience.STAFF, Level.INTERNAL),
    "no-role": Reader(Audience.LEADERS, Level.RESTRICTED),
    "auditor": Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"auditor"})),
    "director": Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"director"})),
    "both": Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"auditor", "director"})),
}
OURS = ("zhinan", "rag", "api", "uvicorn")
"""Loggers whose lines an operator keeps."""


@dataclass(frozen=True)
class Served:
    """One office behind the application, with a key for each reader."""

    settings: Settings
    subjects: tuple[Subject, ...]
    client: TestClient
    headers: dict[str, Headers]
    log: list[str]

    def hidden(self, reader: str) -> list[Subject]:
        """Guides that this reader may not know of."""
        return [subject for subject in self.subjects if not subject.opens_to(READERS[reader])]

    def marks(self, reader: str) -> Marks:
        """What betrays them."""
        return Marks(self.hidden(reader))

    def assistant(self) -> Assistant:
        """The assistant that serves."""
        found: Assistant = self.client.app.state.services.live.assistant()  # type: ignore[attr-defined]
        return found

    def fresh(self) -> Assistant:
        """An assistant of the same generation that nobody has asked yet."""
        old = self.assistant()
        return Assistant(old.generation, old._embed.args[0])


class _Kept(logging.Handler):
    """Keeps every line of our own loggers as the operator would read it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line, with its traceback."""
        self._lines.append(logging.Formatter().format(record))


@contextmanager
def served(folder: Path, subjects: Sequence[Subject], models: Path, cache: Path) -> Iterator[Served]:
    """Write, build and serve the office of these subjects in `folder`."""
    settings = Settings(
        docs=write_office(folder / "docs", subjects),
        out=folder / "out",
        models=models,
        cache=cache,
        database=f"sqlite:///{folder / 'store.sqlite'}",
        secret=folder / "secret.key",
        # Thousands of probes come from one address.
        address_per_minute=10_000_000,
        local_per_minute=10_000_000,
    )
    build(settings)
    with opened(settings, subjects) as found:
        yield found


@contextmanager
def opened(settings: Settings, subjects: Sequence[Subject]) -> Iterator[Served]:
    """Serve an office that is built."""
    lines: list[str] = []
    with _kept(lines), TestClient(create_app(settings), follow_redirects=False) as client:
        yield Served(settings, tuple(subjects), client, keys_of(settings.database), lines)


@contextmanager
def _kept(lines: list[str]) -> Iterator[None]:
    """Keep the lines of our own loggers meanwhile."""
    keep, loggers = _Kept(lines), [logging.getLogger(name) for name in OURS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(keep)
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(keep)
            logger.setLevel(level)


def keys_of(database: str) -> dict[str, Headers]:
    """Headers of each reader; those of keys that do not hold come last."""
    store, now = Store(database), datetime.now(UTC)
    made: dict[str, Headers] = {"anonymous": {}}
    for name, reader in READERS.items():
        if reader != ANONYMOUS:
            made[name] = {HEADER: make_key(store, name, reader, 30, now)}
    both = READERS["both"]
    made["expired"] = {HEADER: make_key(store, "expired", both, 1, now - timedelta(days=2))}
    made["revoked"] = {HEADER: make_key(store, "revoked", both, 30, now)}
    made["malformed"] = {HEADER: "zn_" + "A" * 43}
    made["search-only"] = {HEADER: make_key(store, "search-only", both, scopes={Scope.SEARCH})}
    made["session"] = _signed_in(store, make_account(store, "director", READERS["director"]), now)
    made["ended"] = _signed_in(store, "director", now - timedelta(hours=13))
    with store.writing() as connection:
        revoke_key(connection, choose_key(store, made["revoked"][HEADER][:8]), now)
    store.close()
    return made


def _signed_in(store: Store, account: str, now: datetime) -> Headers:
    """What a browser sends with a request that a page of this site makes, after its owner signed in."""
    with store.writing() as connection:
        token = open_session(connection, account, now, 12)
    return {"Cookie": f"zhinan={token}", "Sec-Fetch-Site": "same-origin"}
