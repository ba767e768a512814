"""The office served by the real application, and the readers that ask it."""

import logging
import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.accounts import add_account
from api.app import create_app
from api.deps import Services
from api.keys import HEADER, Scope, choose_key, revoke_key
from api.sessions import open_session
from api.store import Store
from api.switches import Switch, Target, What, switch_off, switch_on
from rag import build as building
from rag.access import ANONYMOUS, Audience, Level, Reader
from rag.answer import Assistant
from rag.build import build
from rag.checks import checked_library, errors
from rag.generation import switch
from rag.settings import Settings
from tests.api.identities import make_key
from tests.api.oidc.provider import CLIENT_ID, CLIENT_SECRET
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
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a request that a page of this site makes."""
_LIMITS = ("address_per_minute", "local_per_minute", "sign_ins_per_account", "sign_ins_per_address")
"""Thousands of probes come from one address."""
PUBLIC_URL = "http://guide.example"
"""Where people reach the office."""
_NO_ISSUER = "http://127.0.0.1:1"
"""Nobody answers here: staff could sign in at their own provider, if it were not down."""
_RULES = """
rules:
  - when: {claim: groups, has: leaders}
    audience: leaders
    level: restricted
    roles: [director]
  - when: {claim: groups, has: trainers}
    audience: staff
    level: internal
  - when: {claim: groups, has: partners}
    audience: organisations
    level: members
"""
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
    withdrawn: frozenset[str] = frozenset()
    """Ids of guides that are above everybody."""

    @property
    def services(self) -> Services:
        """What the application holds open."""
        found: Services = self.client.app.state.services  # type: ignore[attr-defined]
        return found

    def hidden(self, reader: str) -> list[Subject]:
        """Guides that this reader may not know of."""
        asker = READERS[reader]
        return [s for s in self.subjects if s.id in self.withdrawn or not s.opens_to(asker)]

    def marks(self, reader: str) -> Marks:
        """What betrays them."""
        return Marks(self.hidden(reader))

    def assistant(self) -> Assistant:
        """The assistant that serves."""
        return self.services.live.assistant()

    def fresh(self) -> Assistant:
        """An assistant of the same generation that nobody has asked yet."""
        old = self.assistant()
        return Assistant(old.generation, old._embed.args[0])


@contextmanager
def switched_off(found: Served, *targets: Target) -> Iterator[None]:
    """Meanwhile these are switched off, as an operator does it; the application has looked when this begins."""
    services, now = found.services, datetime.now(UTC)
    with services.store.writing() as connection:
        for target in targets:
            switch_off(connection, Switch(target, "wrong", "cli:test", now))
    _look(services)
    try:
        yield
    finally:
        with services.store.writing() as connection:
            for target in targets:
                switch_on(connection, target)
        _look(services)


def _look(services: Services) -> None:
    """What the next half second would bring."""
    services.watch._read_at = -math.inf
    services.watch.now()


@contextmanager
def without_guides(found: Served, ids: Collection[str]) -> Iterator[Served]:
    """The same office while guides are withdrawn."""
    with switched_off(found, *(Target(What.GUIDE, guide) for guide in ids)):
        yield replace(found, withdrawn=frozenset(ids))


class _Kept(logging.Handler):
    """Keeps every line of our own loggers as the operator would read it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line, with its traceback."""
        self._lines.append(logging.Formatter().format(record))


@contextmanager
def served(
    folder: Path, subjects: Sequence[Subject], base: Settings, is_tested: bool = True
) -> Iterator[Served]:
    """Write, build and serve the office of these subjects in `folder`, with the encoder and cache of `base`."""
    own: dict[str, object] = {
        "docs": write_office(folder / "docs", subjects),
        "out": folder / "out",
        "database": f"sqlite:///{folder / 'store.sqlite'}",
        "secret": folder / "secret.key",
    }
    own |= office_sign_in_at(_NO_ISSUER, folder)
    settings = base.model_copy(update=own | dict.fromkeys(_LIMITS, 10_000_000))
    if is_tested:
        build(settings)
    else:
        _build_untested(settings)
    with opened(settings, subjects) as found:
        yield found


def office_sign_in_at(issuer: str, folder: Path) -> dict[str, object]:
    """Settings with which staff sign in at an issuer; the rules lie in `folder`."""
    rules = folder / "sign-in.yml"
    rules.write_text(_RULES, encoding="utf-8")
    return {
        "public_url": PUBLIC_URL,
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SecretStr(CLIENT_SECRET),
        "oidc_rules": rules,
    }


def _build_untested(settings: Settings) -> None:
    """All of a build but its self-test, which costs eight seconds and is passed by the whole office's build."""
    library, problems = checked_library(settings.docs)
    assert not errors(problems)
    fresh = settings.out / "fresh"
    building._write(fresh, library, settings, building._quiet)
    name = building._name(fresh)
    fresh.rename(settings.out / name)
    switch(settings.out, name)


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
    """Headers of each reader, by key and by session; those of keys that do not hold come last."""
    store, now = Store(database), datetime.now(UTC)
    made: dict[str, Headers] = {"anonymous": {}, session("anonymous"): SAME_ORIGIN}
    for name, reader in READERS.items():
        if reader != ANONYMOUS:
            made[name] = {HEADER: make_key(store, name, reader, 30, now)}
            made[session(name)] = _signed_in(store, _account(store, name, reader), now)
    both = READERS["both"]
    made["expired"] = {HEADER: make_key(store, "expired", both, 1, now - timedelta(days=2))}
    made["revoked"] = {HEADER: make_key(store, "revoked", both, 30, now)}
    made["malformed"] = {HEADER: "zn_" + "A" * 43}
    made["search-only"] = {HEADER: make_key(store, "search-only", both, scopes={Scope.SEARCH})}
    made["session"] = made[session("director")]
    made["ended"] = _signed_in(store, "director", now - timedelta(hours=13))
    with store.writing() as connection:
        revoke_key(connection, choose_key(store, made["revoked"][HEADER][:8]), now)
    store.close()
    return made


def session(reader: str) -> str:
    """Name of the headers with which a reader's browser asks, who has signed in; the anonymous has not."""
    return f"session of {reader}"


def _account(store: Store, name: str, reader: Reader) -> str:
    """An account without a password, which nobody needs who holds a session; its name."""
    with store.writing() as connection:
        add_account(connection, name, reader, None, datetime.now(UTC))
    return name


def _signed_in(store: Store, account: str, now: datetime) -> Headers:
    """What a browser sends with a request that a page of this site makes, after its owner signed in."""
    with store.writing() as connection:
        token = open_session(connection, account, now, 12)
    return {"Cookie": f"zhinan={token}", **SAME_ORIGIN}
