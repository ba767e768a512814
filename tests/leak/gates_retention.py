"""Gates over what is kept too long, deleted too early, or left of what was to be forgotten."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import select

from api.audit import Act, Audit
from api.retention import Times, _claim, enforce, preview, run_daily, times_of
from api.store import Store
from api.tables import TABLES
from rag.settings import Settings
from tests.leak.exits import Sent
from tests.leak.judge import Judge
from tests.leak.kept import NOW, Rows, fill, left
from tests.leak.own import new_store, store_of


def _times() -> Times:
    """What the default settings mean now."""
    return times_of(Settings(), NOW)


def retention_gate(_: Judge) -> list[str]:
    """Texts go after 180 days, rows after 365, what has ended at once, and what is younger stays."""
    with new_store() as (store, folder):
        fill(store)
        before = left(store)
        enforce(store, Audit(store, folder / "secret.key"), _times(), "cli:test")
        return [f"{name}: {fault}" for name, rows in left(store).items() for fault in _unlike(name, rows, before[name])]  # fmt: skip


def _unlike(name: str, rows: Rows, before: Rows) -> list[str]:
    """What is wrong with what is left of a table, young rows first."""
    if name in ("sessions", "links", "ratings"):
        return [] if rows == before[:1] else [f"{len(rows)} of {len(before)} left"]
    wrong = [] if len(rows) == 2 else [f"{len(rows)} of {len(before)} left"]
    wrong += ["a young one changed"] * (rows[:1] != before[:1])
    if name in ("answers", "requests") and len(rows) > 1:
        wrong += [f"kept: {rows[1][1:]}"] * any(rows[1][1:])
    return wrong


def dry_run_gate(_: Judge) -> list[str]:
    """A dry run changes no row and counts what the run then deletes."""
    with new_store() as (store, folder):
        fill(store)
        audit, before = Audit(store, folder / "secret.key"), _everything(store)
        counts = preview(store, audit, _times())
        changed = [name for name, rows in _everything(store).items() if rows != before[name]]
        done = enforce(store, audit, _times(), "cli:test")
        return changed + [f"announced {counts}, deleted {done}"] * (counts != done)


def day_gate(_: Judge) -> list[str]:
    """Each day is done once, by one worker, and the next day again."""
    with new_store() as (store, folder):
        fill(store)
        audit = Audit(store, folder / "secret.key")
        days = [times_of(Settings(), NOW + timedelta(days=n)) for n in (0, 0, 1)]
        told = [run_daily(store, audit, day) is not None for day in days]
        # Of two workers that both find the day not done the second comes too late.
        with store.writing() as connection:
            claimed = [_claim(connection, NOW + timedelta(days=2)) for _ in range(2)]
        told += [True] * (claimed != [True, False])
        old = [row[1] for row in left(store)["answers"]][1:]
        return [f"runs: {told}"] * (told != [True, False, True]) + [f"kept: {old}"] * any(old)


def pruning_gate(_: Judge) -> list[str]:
    """Of the trail what is older than a year goes and nothing else, also where a clock was wrong; the rest verifies."""
    wrong = []
    for name, ages in {"in order": (400, 366, 364, 200, 1), "a wrong clock": (400, 300, 9000, 20, 1)}.items():
        with _aged(ages) as (store, audit):
            enforce(store, audit, times_of(Settings(), datetime.now(UTC)), "cli:test")
            found = [int(event.target) for event in audit.events() if event.act == Act.STARTED]
            # From the first that stays on all stay.
            wanted = list(ages[next(n for n, age in enumerate(ages) if age <= 365) :])
            wrong += [f"{name}: {found} left of {ages}"] * (found != wanted)
            wrong += [f"{name}: {flaw.en}" for flaw in audit.verify()]
    return wrong


def forgetting_rows_gate(judge: Judge) -> list[str]:
    """Of an answer and a request that somebody wants forgotten nothing is in any table or byte of the store."""
    store, words = store_of(judge), [f"{uuid.uuid4().hex}雨棚借用" for _ in range(2)]
    asked = judge.send("anonymous", Sent("POST", "/api/v1/ask", body={"question": words[0]})).json()
    answer = f"/api/v1/answers/{asked['id']}"
    judge.send("anonymous", Sent("POST", f"{answer}/rating", body={"useful": True}))
    body = {"question": words[1], "contact": words[1], "answer_id": asked["id"]}
    filed = judge.send("anonymous", Sent("POST", "/api/v1/requests", body=body)).json()
    request, code = f"/api/v1/requests/{filed['number']}", {"code": filed["code"]}
    wrong = ["not kept at all"] * (len(_holding(store, asked["id"])) != 3)
    tried = [(Sent("DELETE", answer), 204, (asked["id"], words[0]))]
    tried += [(Sent("DELETE", request, {"code": "WRONGCOD"}), 404, ())]
    tried += [(Sent("DELETE", request, code), 204, (filed["number"], words[1]))]
    for sent, expected, gone in tried:
        status = judge.send("anonymous", sent).status_code
        wrong += [f"{sent.url.split('/')[3]}: {status}"] * (status != expected)
        wrong += [f"{place} holds it" for value in gone for place in _holding(store, value)]
        wrong += ["the file holds it"] * any(word in _bytes(judge) for word in gone[1:])
    return wrong


# -- means -------------------------------------------------------------------------------------------------


def _everything(store: Store) -> dict[str, list[object]]:
    """All rows of all tables."""
    with store.reading() as connection:
        return {t.name: list(connection.execute(select(t)).all()) for t in TABLES.sorted_tables}


def _holding(store: Store, value: str) -> list[str]:
    """Tables but the trail's that hold a value."""
    return [name for name, rows in _everything(store).items() if name != "events" and value in str(rows)]


@contextmanager
def _aged(ages: tuple[int, ...]) -> Iterator[tuple[Store, Audit]]:
    """A trail of events that are so many days old, each of which names its age."""
    with new_store() as (store, folder):
        audit = Audit(store, folder / "secret.key")
        for age in ages:
            with patch("api.audit.datetime", _clock(age)):
                audit.record("cli:test", Act.STARTED, f"{age}")
        yield store, audit


def _clock(days: int) -> type[datetime]:
    """A clock that is so many days behind."""

    class Behind(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain moment will do
            """That moment."""
            return NOW - timedelta(days=days)

    return Behind


def _bytes(judge: Judge) -> str:
    """Every byte of the store and its log."""
    file = Path(judge.served.settings.database.removeprefix("sqlite:///"))
    return b"".join(f.read_bytes() for f in sorted(file.parent.glob(f"{file.name}*"))).decode(
        "utf-8", "ignore"
    )
