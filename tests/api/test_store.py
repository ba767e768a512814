"""The store: durable, counted safely, on SQLite and, where ZHINAN_TEST_POSTGRES names one, PostgreSQL."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

import api.store
from api.answers import rate, record_answer
from api.keys import ALL_SCOPES, Quota, list_keys
from api.requests import add_request
from api.store import REVISION, SchemaError, Store
from api.tables import REQUESTS, TABLES

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST_RELEASE = """
CREATE TABLE meta (key VARCHAR(40) PRIMARY KEY, value VARCHAR(200));
INSERT INTO meta VALUES ('schema', '1');
CREATE TABLE answers (id VARCHAR(64) PRIMARY KEY, at TIMESTAMP NOT NULL, outcome VARCHAR(20) NOT NULL,
  reason VARCHAR(40) NOT NULL, lang VARCHAR(10) NOT NULL, audience VARCHAR(20) NOT NULL,
  level VARCHAR(20) NOT NULL, generation VARCHAR(80) NOT NULL, writer VARCHAR(20) NOT NULL,
  chunks JSON NOT NULL, elapsed_ms FLOAT NOT NULL, question TEXT NOT NULL);
CREATE TABLE ratings (answer_id VARCHAR(64) PRIMARY KEY REFERENCES answers (id), at TIMESTAMP NOT NULL,
  useful BOOLEAN NOT NULL, reason VARCHAR(20));
CREATE TABLE requests (number VARCHAR(24) PRIMARY KEY, code_hash VARCHAR(64) NOT NULL, at TIMESTAMP NOT NULL,
  due VARCHAR(10) NOT NULL, state VARCHAR(20) NOT NULL, question TEXT NOT NULL, contact TEXT,
  answer_id VARCHAR(64));
CREATE TABLE counters (name VARCHAR(24) PRIMARY KEY, n INTEGER);
CREATE TABLE keys (hash VARCHAR(64) PRIMARY KEY, prefix VARCHAR(8) NOT NULL, name VARCHAR(200) NOT NULL,
  audience VARCHAR(20) NOT NULL, level VARCHAR(20) NOT NULL, roles JSON NOT NULL, created TIMESTAMP NOT NULL,
  expires TIMESTAMP NOT NULL, revoked TIMESTAMP);
INSERT INTO answers VALUES ('a1', '2026-11-01 00:00:00', 'answered', 'evidence', 'zh-Hans', 'public', 'open',
  'g', 'extractive', '[]', 1.0, 'q');
INSERT INTO keys VALUES ('h', 'zn_12345', 'k', 'public', 'open', '[]', '2026-11-01 00:00:00',
  '2027-11-01 00:00:00', NULL)
"""
"""Tables as the first release made them, with a row of each kind that an upgrade must keep."""


def answer(**changed: Any) -> dict[str, Any]:
    """A row of an answer."""
    row = {
        "id": "a1",
        "at": NOW,
        "outcome": "answered",
        "reason": "evidence",
        "lang": "zh-Hans",
        "audience": "public",
        "level": "open",
        "generation": "gen-1",
        "writer": "extractive",
        "chunks": ["pub-bike-tag:zh:how"],
        "elapsed_ms": 3.5,
        "question": "号牌多少钱",
    }
    return row | changed


def request_row() -> dict[str, Any]:
    """A row of a request."""
    return {
        "code_hash": "0" * 64,
        "at": NOW,
        "due": "2026-11-24",
        "state": "new",
        "question": "号牌丢了",
        "contact": None,
        "answer_id": None,
    }


def test_a_new_store_takes_writes(store: Store) -> None:
    """A store that was just made, folder included, is writable."""
    store.check_writable()


def test_opening_twice_keeps_what_is_there(address: str) -> None:
    """A second opening finds the rows of the first, and moments come back with their zone."""
    first = Store(address)
    number = add_request(first, "SS-20261123", request_row())
    first.close()
    second = Store(address)
    with second.reading() as connection:
        found = connection.execute(select(REQUESTS)).mappings().one()
    second.close()
    assert (found["number"], found["question"], found["at"]) == (number, "号牌丢了", NOW)


def test_workers_may_open_an_empty_store_together(address: str) -> None:
    """Eight processes' worth of openings at once all succeed."""
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(Store, [address] * 8))
    for one in opened:
        one.check_writable()
        one.close()


def test_another_schema_is_refused(address: str) -> None:
    """A store of another version is refused by number and not written to."""
    Store(address).close()
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SchemaError) as caught:
        Store(address)
    assert caught.value.found == "9999"


def test_twenty_threads_get_numbers_without_gap_or_double(address: str) -> None:
    """Twenty threads over two stores file 100 requests: 0001 to 0100, each once."""
    stores = [Store(address), Store(address)]

    def file_five(n: int) -> list[str]:
        return [add_request(stores[n % 2], "SS-20261123", request_row()) for _ in range(5)]

    with ThreadPoolExecutor(20) as pool:
        numbers = [number for five in pool.map(file_five, range(20)) for number in five]
    for one in stores:
        one.close()
    assert sorted(numbers) == [f"SS-20261123-{n:04d}" for n in range(1, 101)]


def test_each_series_counts_for_itself(store: Store) -> None:
    """Another day and another letter begin at 0001 again; past 9999 the number grows a digit."""
    series = ["SS-20261123", "ZZ-20261123", "SS-20261124", "SS-20261123"]
    assert [add_request(store, name, request_row())[-4:] for name in series] == [
        "0001",
        "0001",
        "0001",
        "0002",
    ]


def test_a_failed_filing_uses_no_number(store: Store) -> None:
    """A request that cannot be stored leaves no gap behind."""
    with pytest.raises(DBAPIError):
        add_request(store, "SS-20261123", request_row() | {"question": None})
    assert add_request(store, "SS-20261123", request_row()) == "SS-20261123-0001"


def test_a_second_rating_takes_the_place_of_the_first(store: Store, address: str) -> None:
    """One answer has one rating, the last one."""
    record_answer(store, answer())
    assert rate(store, "a1", True, None, NOW)
    assert rate(store, "a1", False, "wrong", NOW)
    engine = create_engine(address)
    with engine.connect() as connection:
        rows = connection.execute(text("select answer_id, useful, reason from ratings")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [("a1", False, "wrong")]


def test_an_unknown_answer_cannot_be_rated(store: Store) -> None:
    """A rating of no answer is not stored, and the store says so."""
    assert not rate(store, "none", True, None, NOW)


def test_errors_do_not_carry_what_was_stored(store: Store) -> None:
    """The message of a failed write names no parameter."""
    record_answer(store, answer(question="CANARYQUESTION"))
    with pytest.raises(DBAPIError) as caught:
        record_answer(store, answer(question="CANARYQUESTION"))
    assert "CANARYQUESTION" not in str(caught.value)


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    """Local time without its zone would be misread by the next reader."""
    with pytest.raises(Exception, match="needs a zone"):
        record_answer(store, answer(at=datetime(2026, 11, 23)))


def test_sqlite_flushes_each_commit_to_a_write_ahead_log(tmp_path: Path) -> None:
    """Pragmas of each connection: WAL, synchronous=FULL (2), foreign keys, and a wait for other writers."""
    file = tmp_path / "store.sqlite"
    store = Store(f"sqlite:///{file}")
    with store._engine.connect() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.execute(text(f"pragma {name}")).scalar_one() for name in names]
    store.close()
    assert found == ["wal", 2, 1, 5000]


def test_the_sqlite_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """What people asked is not readable by other accounts of the machine."""
    file = tmp_path / "store.sqlite"
    Store(f"sqlite:///{file}").close()
    assert file.stat().st_mode & 0o077 == 0


def test_a_locked_sqlite_file_is_not_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness fails while somebody else holds the write lock for longer than the wait."""
    file = tmp_path / "store.sqlite"
    store = Store(f"sqlite:///{file}")
    with store._engine.connect() as connection:  # the pool hands this connection out again
        connection.execute(text("pragma busy_timeout=50"))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(DBAPIError):
        store.check_writable()
    other.execute("rollback")
    other.close()
    store.check_writable()
    store.close()


_KILLED = """
import os, sys
from api.answers import record_answer
from api.store import Store
from tests.api.test_store import answer
record_answer(Store(sys.argv[1]), answer())
os._exit(9)
"""


def test_a_killed_process_loses_no_answer(tmp_path: Path) -> None:
    """What `record_answer` has taken is there although nothing was closed, in a process that ends at once."""
    address = f"sqlite:///{tmp_path / 'store.sqlite'}"
    assert subprocess.run([sys.executable, "-c", _KILLED, address], check=False).returncode == 9
    store = Store(address)
    assert rate(store, "a1", True, None, NOW)
    store.close()


def test_every_commit_is_flushed_to_the_disk(tmp_path: Path) -> None:
    """SQLite's highest level but one, which a power failure does not undo."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store._engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
    store.close()


def test_the_migrations_make_the_tables_that_the_program_uses(address: str) -> None:
    """Between the migrated schema and the declared tables Alembic finds no difference."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    store = Store(address)
    with store.reading() as connection:
        found = compare_metadata(MigrationContext.configure(connection), TABLES)
    store.close()
    assert found == []


def test_the_newest_migration_is_the_one_that_the_store_asks_for() -> None:
    """A revision that is added without the store knowing it would never be run."""
    from alembic.script import ScriptDirectory

    folder = ScriptDirectory(str(Path(api.store.__file__).parent / "migrations"))
    assert folder.get_current_head() == REVISION


def test_a_store_of_the_first_release_is_brought_up_to_date(address: str) -> None:
    """Answers, requests and keys of the first release are kept, and its keys cover every route."""
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).parent.mkdir(parents=True)
    with engine.begin() as connection:
        for statement in FIRST_RELEASE.split(";"):
            connection.execute(text(statement))
    engine.dispose()
    store = Store(address)
    assert rate(store, "a1", True, None, NOW)
    assert [(key.name, key.scopes, key.quota) for key in list_keys(store)] == [("k", ALL_SCOPES, Quota())]
    store.close()
