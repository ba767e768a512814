"""The audit trail: whole as written, and any change, removal or reordering is found."""

import random
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from api.audit import Act, Audit
from api.secret import load_secret
from api.store import Store
from tests.api.tampering import WAYS, Rows
from tests.postgres import emptied

FORGERIES = {
    "actor": "update events set actor = 'cli:somebody' where seq = :n",
    "act": "update events set act = 'signed-in' where seq = :n",
    "target": "update events set target = 'other' where seq = :n",
    "detail": "update events set detail = '{}' where seq = :n",
    "time": "update events set at = '2026-01-01 00:00:00' where seq = :n",
    "removal": "delete from events where seq = :n",
    "seal": "update events set seal = (select seal from events where seq = 1) where seq = :n",
    "order": "update events set seq = seq + 900 where seq = :n",
    "insertion": "insert into events select 99, at, actor, act, target, detail, seal from events where seq = :n",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open, empty store."""
    opened = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def audit(store: Store, tmp_path: Path) -> Audit:
    """A trail of nine events."""
    made = Audit(store, tmp_path / "secret.key")
    for n in range(9):
        made.record("cli:tester", Act.KEY_CREATED, f"key {n}", level="members", 号=n)
    return made


def forge(tmp_path: Path, statement: str, **values: object) -> None:
    """Write to the database as one who owns the file and takes the guards away."""
    engine = create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with engine.begin() as connection:
        for name in ("events_no_update", "events_no_delete"):
            connection.execute(text(f"drop trigger if exists {name}"))
        connection.execute(text(statement), values)
    engine.dispose()


def test_an_untouched_trail_is_whole(audit: Audit) -> None:
    """Nine events stand in order, and verify finds nothing."""
    assert [event.target for event in audit.events()] == [f"key {n}" for n in range(9)]
    assert audit.verify() == []


@pytest.mark.parametrize("kind", FORGERIES)
@pytest.mark.parametrize("n", [3, 9])
def test_every_forgery_is_found(audit: Audit, tmp_path: Path, kind: str, n: int) -> None:
    """An edit of any field, a removal, an insertion or a swap is found, in the middle and at the end."""
    forge(tmp_path, FORGERIES[kind], n=n)
    assert audit.verify()


def test_cutting_off_the_newest_events_is_found(audit: Audit, tmp_path: Path) -> None:
    """A trail that simply ends earlier is whole by its seals, but not by the anchor beside the secret."""
    forge(tmp_path, "delete from events where seq > :n", n=6)
    assert [flaw.seq for flaw in audit.verify()] == [9]


def test_a_trail_emptied_with_a_false_base_is_found(audit: Audit, tmp_path: Path) -> None:
    """Removal cannot be passed off as retention without the secret."""
    forge(tmp_path, "delete from events where seq <= 4")
    forge(tmp_path, "insert into meta (key, value) values ('audit-base', '4:abc:def')")
    assert audit.verify()


@given(
    edits=st.lists(st.tuples(st.integers(1, 9), st.sampled_from(sorted(FORGERIES))), min_size=1, max_size=3)
)
@settings(max_examples=25)
def test_several_forgeries_do_not_hide_each_other(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, str]]
) -> None:
    """Whatever is done to the rows without the secret, the rows differ or the trail is found broken."""
    folder = tmp_path_factory.mktemp("trail")
    store = Store(f"sqlite:///{folder / 'store.sqlite'}")
    trail = Audit(store, folder / "secret.key")
    for n in range(9):
        trail.record("cli:tester", Act.KEY_CREATED, f"key {n}")
    before = list(trail.events())
    for n, kind in edits:
        try:
            forge(folder, FORGERIES[kind], n=n)
        except DBAPIError:
            continue  # a number that is taken already
    assert list(trail.events()) == before or trail.verify()
    store.close()


def test_the_database_itself_refuses_to_change_the_trail(audit: Audit, tmp_path: Path) -> None:
    """A statement that edits an event, or deletes a recent one, fails."""
    engine = create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")
    for statement in ("update events set actor = 'x'", "delete from events"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
    engine.dispose()


def test_an_act_that_fails_leaves_no_event(audit: Audit, store: Store) -> None:
    """Act and event are committed together: where the act raises, neither stands."""
    with pytest.raises(RuntimeError), audit.act("cli:tester", Act.KEY_REVOKED, "key") as connection:
        connection.execute(text("insert into meta (key, value) values ('half', 'done')"))
        raise RuntimeError
    assert len(list(audit.events())) == 9
    with store.reading() as connection:
        assert connection.execute(text("select count(*) from meta where key = 'half'")).scalar() == 0


def test_events_of_many_threads_stand_in_one_chain(audit: Audit, store: Store, tmp_path: Path) -> None:
    """Twenty threads over two trails add 60 events without a gap, and the chain holds."""
    trails = [audit, Audit(store, tmp_path / "secret.key")]

    def three(n: int) -> None:
        for _ in range(3):
            trails[n % 2].record(f"cli:{n}", Act.STARTED, "assistant")

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(three, range(20)))
    assert [event.seq for event in audit.events()] == list(range(1, 70))
    assert audit.verify() == []


def test_the_trail_holds_on_postgresql_too(postgres: str, tmp_path: Path) -> None:
    """One chain from many threads, statements that change it fail, and a forgery behind the guards is found."""
    store = Store(emptied(postgres))
    trails = [Audit(store, tmp_path / "secret.key") for _ in range(2)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda n: trails[n % 2].record(f"cli:{n}", Act.STARTED, "assistant"), range(40)))
    assert [event.seq for event in trails[0].events()] == list(range(1, 41))
    assert trails[0].verify() == []
    engine = create_engine(postgres)
    for statement in ("update events set actor = 'x'", "delete from events"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
    with engine.begin() as connection:
        connection.execute(text("alter table events disable trigger all"))
        connection.execute(text("update events set target = 'x' where seq = 7"))
    engine.dispose()
    assert [flaw.seq for flaw in trails[0].verify()] == [7]
    store.close()


def test_retention_keeps_the_rest_verifiable(audit: Audit, store: Store, tmp_path: Path) -> None:
    """After old events were removed the trail goes on, and a forgery in what is left is still found."""
    forge(tmp_path, "select 1")
    with store.writing() as connection:
        assert audit.prune(connection, datetime.now(UTC) + timedelta(days=1)) == 9
    assert audit.verify() == []
    for n in range(3):
        audit.record("cli:tester", Act.STARTED, f"assistant {n}")
    assert [event.seq for event in audit.events()] == [10, 11, 12]
    assert audit.verify() == []
    forge(tmp_path, "update events set target = 'x' where seq = 11")
    assert audit.verify()


def test_another_installation_cannot_vouch_for_the_trail(audit: Audit, store: Store, tmp_path: Path) -> None:
    """With another secret no seal holds."""
    assert len(Audit(store, tmp_path / "other.key").verify()) >= 9


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """Workers that start together read the same 32 bytes, and other accounts of the machine none."""
    file = tmp_path / "deep" / "secret.key"
    with ThreadPoolExecutor(8) as pool:
        made = {secret.value for secret in pool.map(load_secret, [file] * 8)}
    assert len(made) == 1 and len(made.pop()) == 32
    assert file.stat().st_mode & 0o077 == 0
    assert [item.name for item in file.parent.iterdir()] == ["secret.key"]


def test_the_secret_is_never_printed(tmp_path: Path) -> None:
    """Neither its text form nor a key derived from it shows the bytes."""
    secret = load_secret(tmp_path / "secret.key")
    assert repr(secret.value) not in repr(secret)
    assert secret.derive("a") != secret.derive("b") != secret.value


def test_a_thousand_random_changes_are_all_found(tmp_path: Path) -> None:
    """Of 1,000 edits, removals, swaps, insertions and truncations of the table, one to three at once, each is found;
    what changed nothing is whole."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    trail = Audit(store, tmp_path / "secret.key")
    for n in range(30):
        trail.record(f"cli:{n % 7}", list(Act)[n % len(Act)], f"key {n % 11}", level="members", n=n)
    chance, missed, found = random.Random(20261123), [], 0
    with closing(sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)) as table:
        for guard in ("events_no_update", "events_no_delete"):
            table.execute(f"drop trigger {guard}")
        whole = table.execute(
            "select seq, at, actor, act, target, detail, seal from events order by seq"
        ).fetchall()
        while found + len(missed) < 1000:
            ways = chance.choices(WAYS, k=chance.choice((1, 1, 1, 2, 3)))
            rows = whole
            for way in ways:
                rows = way(rows, chance) if len(rows) > 6 else rows
            if len({row[0] for row in rows}) < len(rows):
                continue  # a number that is taken already, which the table itself refuses
            _write(table, rows)
            flaws = trail.verify()
            if rows != whole:
                found += bool(flaws)
                missed += [[way.__name__ for way in ways]] * (not flaws)
            else:
                assert flaws == []
        _write(table, whole)
    assert missed == [] and found == 1000
    assert trail.verify() == []
    store.close()


def _write(table: sqlite3.Connection, rows: Rows) -> None:
    """Put these rows in place of the table's."""
    table.execute("begin")
    table.execute("delete from events")
    table.executemany("insert into events values (?, ?, ?, ?, ?, ?, ?)", rows)
    table.execute("commit")
