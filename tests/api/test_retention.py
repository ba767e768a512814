"""Retention and forgetting: what is old goes, what is young stays, and what was deleted is in no byte."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import func, insert, select, text
from typer.testing import CliRunner

from api.answers import rate, record_answer
from api.app import create_app
from api.audit import Act, Audit
from api.cli import commands
from api.requests import Matter, file_request, look_up
from api.retention import Kept, Times, enforce, forget_answer, preview, run_daily, times_of
from api.sessions import open_session
from api.store import Store
from api.tables import ANSWERS, LINKS, RATINGS, REQUESTS, TABLES
from rag.access import ANONYMOUS, Level, Reader
from rag.settings import Settings
from tests.api.conftest import serving, settings_in
from tests.api.identities import make_account

NOW = datetime.now(UTC)
API = "/api/v1"


@pytest.fixture
def office(address: str, tmp_path: Path) -> Iterator[tuple[Store, Audit]]:
    """An open store of each kind and its trail, without the guard of young events, for time travel."""
    store = Store(address)
    guard = "events_no_delete" if store.is_sqlite else "events_guard on events"
    with store.writing() as connection:
        connection.execute(text(f"drop trigger {guard}"))
    yield store, Audit(store, tmp_path / "secret.key")
    store.close()


def times(days: int = 0) -> Times:
    """What the default settings mean so many days from now."""
    return times_of(Settings(), NOW + timedelta(days=days))


def answered(store: Store, days_ago: int, question: str = "号牌多少钱") -> str:
    """An answer of that day with a rating; its id."""
    at = NOW - timedelta(days=days_ago)
    row: dict[str, Any] = {
        "id": f"{days_ago:032x}", "at": at, "outcome": "answered", "reason": "evidence", "lang": "zh-Hans",
        "audience": "public", "level": "open", "generation": "gen-1", "writer": "extractive", "chunks": ["a"],
        "elapsed_ms": 1.0, "question": question,
    }  # fmt: skip
    record_answer(store, row)
    rate(store, row["id"], True, None, at)
    return str(row["id"])


def filled(store: Store, audit: Audit) -> None:
    """Something of every kind: young, older than the time of texts, older than that of rows."""
    for days in (0, 179, 181, 364, 366):
        answered(store, days)
        file_request(store, Matter("号牌丢了", "微信", f"{days:032x}"), ANONYMOUS, NOW - timedelta(days=days))
    make_account(store, "li", Reader(level=Level.INTERNAL))
    with store.writing() as connection:
        for hours in (-1, 1):
            open_session(connection, "li", NOW + timedelta(hours=hours), 0)
        connection.execute(insert(LINKS).values(hash="x", account="li", expires=NOW - timedelta(hours=1)))
    audit.record("cli:tester", Act.STARTED, "assistant")


EXPECTED = {
    Kept.QUESTIONS: 2, Kept.RATINGS: 3, Kept.REQUEST_TEXTS: 2, Kept.ANSWERS: 1, Kept.REQUESTS: 1, Kept.COUNTERS: 1,
    Kept.EVENTS: 0, Kept.SESSIONS: 1, Kept.LINKS: 1,
}  # fmt: skip


def everything(store: Store) -> dict[str, list[Any]]:
    """All rows of all tables."""
    with store.reading() as connection:
        return {table.name: connection.execute(select(table)).all() for table in TABLES.sorted_tables}


def test_each_kind_goes_at_its_time(office: tuple[Store, Audit]) -> None:
    """After 180 days the texts and ratings go, after 365 the rows; what is younger stays as it was."""
    store, audit = office
    filled(store, audit)
    assert enforce(store, audit, times(), "cli:tester") == EXPECTED
    with store.reading() as connection:
        answers = connection.execute(select(ANSWERS.c.id, ANSWERS.c.question, ANSWERS.c.outcome)).all()
        requests = connection.execute(
            select(REQUESTS.c.question, REQUESTS.c.contact, REQUESTS.c.answer_id)
        ).all()
        ratings = connection.execute(select(func.count()).select_from(RATINGS)).scalar_one()
    kept = {int(row.id, 16): (row.question, row.outcome) for row in answers}
    young, bare = ("号牌多少钱", "answered"), ("", "answered")
    assert kept == {0: young, 179: young, 181: bare, 364: bare}
    assert ratings == 2
    assert sorted(requests)[:2] == [("", None, None)] * 2 and len(requests) == 4
    assert {row[0] for row in sorted(requests)[2:]} == {"号牌丢了"}


def test_a_dry_run_counts_the_same_and_changes_nothing(office: tuple[Store, Audit]) -> None:
    """Not a row differs afterwards, and the run that follows deletes what was announced."""
    store, audit = office
    filled(store, audit)
    before = everything(store)
    assert preview(store, audit, times()) == EXPECTED
    assert everything(store) == before
    assert enforce(store, audit, times(), "cli:tester") == EXPECTED


def test_the_trail_is_shortened_and_stays_whole(office: tuple[Store, Audit]) -> None:
    """A year later its old events go too; what is left verifies, and names the counts of the run."""
    store, audit = office
    filled(store, audit)
    counts = enforce(store, audit, times(400), "cli:tester")
    assert counts[Kept.EVENTS] == 1 and counts[Kept.ANSWERS] == 5
    [event] = audit.events()
    assert (event.act, event.actor) == ("retention", "cli:tester")
    assert json.loads(event.detail)["counts"] == {kind.value: n for kind, n in counts.items()}
    assert audit.verify() == []


def test_one_worker_of_several_does_the_daily_run(
    office: tuple[Store, Audit], address: str, tmp_path: Path
) -> None:
    """Of eight workers one runs, the others find it done; the next day it is done again."""
    store, audit = office
    filled(store, audit)
    others = [Store(address) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        done = list(
            pool.map(lambda other: run_daily(other, Audit(other, tmp_path / "secret.key"), times()), others)
        )
    for other in others:
        other.close()
    assert [counts for counts in done if counts is not None] == [EXPECTED]
    assert run_daily(store, audit, times()) is None
    assert run_daily(store, audit, times(1)) is not None
    assert [event.act for event in audit.events()].count("retention") == 2


def test_a_day_without_anything_old_is_no_event(office: tuple[Store, Audit]) -> None:
    """The run counts nothing, is not repeated that day and leaves the trail alone."""
    store, audit = office
    assert run_daily(store, audit, times()) == dict.fromkeys(Kept, 0)
    assert run_daily(store, audit, times()) is None
    assert list(audit.events()) == []


def test_a_server_runs_it_by_itself(built: Path, tmp_path: Path) -> None:
    """Whoever starts a server finds the old texts gone when it stops again."""
    settings = settings_in(tmp_path, built)
    store = Store(settings.database)
    answered(store, 200)
    with serving(create_app(settings)) as client:
        assert client.get("/livez").status_code == 200
    with store.reading() as connection:
        assert connection.execute(select(ANSWERS.c.question)).scalar_one() == ""
    store.close()


@pytest.mark.parametrize("changed", [{"log_days": 182}, {"question_days": 0}, {"question_days": 367}])
def test_times_outside_the_law_are_refused(changed: dict[str, int]) -> None:
    """Logs are kept for six months at least, texts for a year at most."""
    with pytest.raises(ValidationError):
        Settings(**changed)  # type: ignore[arg-type]  # pydantic checks the values


# -- forgetting ------------------------------------------------------------------------------------------


def stored_bytes(folder: Path) -> bytes:
    """All bytes of the store, its write-ahead log included."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.name.startswith("store"))


def test_an_answer_is_erased_by_its_id(built: Path, tmp_path: Path) -> None:
    """Row, rating and question are in no byte of the store afterwards; a second time it is 404, as for any other."""
    secret = "我想给红色的折叠车办号牌"
    with serving(create_app(settings_in(tmp_path, built))) as client:
        answer = client.post(f"{API}/ask", json={"question": secret}).json()
        address = f"{API}/answers/{answer['id']}"
        assert client.post(f"{address}/rating", json={"useful": True}).status_code == 201
        client.post(f"{API}/requests", json={"question": "号牌丢了", "answer_id": answer["id"]})
        assert secret.encode() in stored_bytes(tmp_path)
        erased = client.delete(address)
        assert (erased.status_code, erased.content) == (204, b"")
        again, unknown = client.delete(address), client.delete(f"{API}/answers/{'0' * 32}")
        assert (again.status_code, again.text) == (404, unknown.text)
        assert client.post(f"{address}/rating", json={"useful": True}).status_code == 404
    assert secret.encode() not in stored_bytes(tmp_path)
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    rows = everything(store)
    trail = rows.pop("events")
    store.close()
    assert answer["id"] not in str(rows)
    assert [(event.act, event.target) for event in trail] == [("forgotten", f"answer:{answer['id']}")]


def test_a_request_is_erased_by_whoever_holds_its_code(client: TestClient) -> None:
    """A wrong code, an unknown number and a missing one erase nothing and look the same; the right one erases."""
    filed = client.post(f"{API}/requests", json={"question": "号牌丢了"}).json()
    address = f"{API}/requests/{filed['number']}"
    tried = [
        (address, "22222222"),
        (f"{API}/requests/SS-20200101-0001", filed["code"]),
        (f"{API}/requests/x", ""),
    ]
    refused = [client.delete(where, params={"code": code}) for where, code in tried]
    assert {response.status_code for response in refused} == {404}
    assert len({response.text for response in refused}) == 1
    assert client.get(address, params={"code": filed["code"]}).status_code == 200
    assert client.delete(address, params={"code": filed["code"]}).status_code == 204
    assert client.get(address, params={"code": filed["code"]}).status_code == 404
    assert client.delete(address, params={"code": filed["code"]}).status_code == 404


def test_what_was_never_there_leaves_no_event(office: tuple[Store, Audit]) -> None:
    """Nobody fills the trail with ids that he makes up."""
    store, audit = office
    assert not forget_answer(store, audit, "0" * 32, "anonymous")
    assert list(audit.events()) == []


@pytest.fixture
def run(tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs commands on a store of its own."""
    settings = settings_in(tmp_path, built)
    for name in ("database", "secret", "out", "docs"):
        monkeypatch.setenv(f"ZHINAN_{name.upper()}", str(getattr(settings, name)))
    return lambda *args: CliRunner().invoke(commands(), args, env={"COLUMNS": "160"})


def test_the_office_erases_on_request(run: Any, tmp_path: Path) -> None:
    """forget erases answers and requests by their numbers, says what it did not find, and records each."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    known = answered(store, 3)
    filed = file_request(store, Matter("号牌丢了"), ANONYMOUS, NOW)
    result = run("forget", "--answer", known, "--answer", "f" * 32, "--request", filed.number)
    assert result.exit_code == 1 and "f" * 32 in result.stderr and known in result.stdout
    assert look_up(store, filed.number, filed.code) is None
    events = list(Audit(store, tmp_path / "secret.key").events())
    store.close()
    assert [event.target for event in events] == [f"answer:{known}", f"request:{filed.number}"]
    assert {event.act for event in events} == {"forgotten"} and events[0].actor.startswith("cli:")
    assert run("forget").exit_code == 2


def test_the_command_shows_a_table_of_counts(run: Any, tmp_path: Path) -> None:
    """With --dry-run it counts and deletes nothing, without it deletes; every kind has its line."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    answered(store, 200)
    dry, real, after = (run("retention", *args) for args in (["--dry-run"], [], ["--dry-run"]))
    store.close()
    assert [result.exit_code for result in (dry, real, after)] == [0, 0, 0]
    lines = [
        next(line for line in result.stdout.splitlines() if "texts of questions" in line)
        for result in (dry, real, after)
    ]
    assert ["│ 1 " in line or line.rstrip(" │").endswith("1") for line in lines] == [True, True, False]
    assert sum("/" in line and ":" in line for line in dry.stdout.splitlines()) == len(Kept)
