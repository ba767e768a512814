"""One tiny generation for all API tests, and clients that ask it as different readers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.keys import HEADER
from api.store import Store
from rag.access import Audience, Level, Reader
from rag.build import build
from rag.settings import Settings
from tests.api.identities import make_key
from tests.api.library import ROLE, write_library
from tests.api.shell import Run, environment
from tests.postgres import binaries, emptied, running

READERS = {
    "members": Reader(Audience.ORGANISATIONS, Level.MEMBERS),
    "internal": Reader(Audience.STAFF, Level.INTERNAL),
    "restricted": Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({ROLE})),
    "restricted-other-role": Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"budget-team"})),
}
OPENS = {
    "anonymous": [],
    "members": ["members"],
    "internal": ["members", "internal"],
    "restricted": ["members", "internal", "restricted"],
    "restricted-other-role": ["members", "internal"],
}
"""Levels above `open` whose guides each reader may read."""


def settings_in(folder: Path, built: Path) -> Settings:
    """Settings whose store lies in `folder` and whose guides and generations lie in `built`."""
    return Settings(
        docs=built / "docs",
        out=built / "out",
        cache=built / "vectors.sqlite",
        database=f"sqlite:///{folder / 'store.sqlite'}",
        secret=folder / "secret.key",
        # Tests ask more in a minute than people do.
        address_per_minute=100_000,
        local_per_minute=100_000,
        sign_ins_per_account=10_000,
        sign_ins_per_address=10_000,
    )


@contextmanager
def serving(app: FastAPI) -> Iterator[TestClient]:
    """A client of an app that has started and will stop."""
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, e5_folder: Path) -> Path:
    """A folder with the guides and one generation of them, by the default encoder: outcomes depend on it."""
    folder = tmp_path_factory.mktemp("built")
    write_library(folder / "docs")
    build(settings_in(folder, folder))
    return folder


@pytest.fixture(scope="module")
def settings(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a store of this test module's own."""
    return settings_in(tmp_path_factory.mktemp("store"), built)


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    """A client of the whole app, anonymous unless a test sends a key."""
    with serving(create_app(settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def keys(settings: Settings) -> dict[str, dict[str, str]]:
    """Headers of each kind of reader; anonymous sends none."""
    store = Store(settings.database)
    now = datetime.now(UTC)
    made = {name: {HEADER: make_key(store, name, reader, 30, now)} for name, reader in READERS.items()}
    store.close()
    return {"anonymous": {}} | made


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL; skipped where there is none, which in CI is a failure."""
    given, folder = os.environ.get("ZHINAN_TEST_POSTGRES"), binaries()
    if given:
        yield given
    elif folder:
        with running(folder) as address:
            yield address
    elif os.environ.get("CI"):
        pytest.fail("CI has no PostgreSQL: install Debian's package postgresql")
    else:
        pytest.skip("no PostgreSQL: install Debian's package postgresql, or set ZHINAN_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'store.sqlite'}"
    return emptied(request.getfixturevalue("postgres"))


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """An open, empty store of each kind."""
    opened = Store(address)
    yield opened
    opened.close()


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands in this process with the settings of the tiny office."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    return Run()
