"""How long things are kept, and how they are forgotten earlier.

Texts that people wrote go first. What is left of an answer (day, outcome, generation, chunks) says nothing of
anybody: it counts what guides answer and what they do not, and goes with the audit trail of its time.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Table, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.audit import Act, Audit
from api.errors import log_failure
from api.requests import look_up
from api.store import Store, upsert
from api.tables import ANSWERS, COUNTERS, LINKS, META, RATINGS, REQUESTS, SESSIONS
from rag.settings import Settings

_LAST_DAY = "retention-day"
"""Key in META: the day on which the daily run was last done."""
_LOOK_EVERY = 3600.0


class Kept(StrEnum):
    """Kinds of what is kept for a time."""

    QUESTIONS = "questions"
    RATINGS = "ratings"
    REQUEST_TEXTS = "request-texts"
    ANSWERS = "answers"
    REQUESTS = "requests"
    COUNTERS = "counters"
    EVENTS = "events"
    SESSIONS = "sessions"
    LINKS = "links"


@dataclass(frozen=True)
class Times:
    """The moments before which texts and rows go."""

    now: datetime
    texts: datetime
    rows: datetime


Counts = Mapping[Kept, int]


class _Undo(Exception):
    """Ends a transaction without keeping it."""


def times_of(settings: Settings, now: datetime) -> Times:
    """What these settings mean at a moment."""
    days = timedelta(days=settings.question_days), timedelta(days=settings.log_days)
    return Times(now, now - days[0], now - days[1])


def preview(store: Store, audit: Audit, times: Times) -> Counts:
    """What a run would delete; it is done and undone, so the counts are those of a real run."""
    counts: Counts = {}
    try:
        with store.writing() as connection:
            counts = _enforce(connection, audit, times)
            raise _Undo
    except _Undo:
        return counts


def enforce(store: Store, audit: Audit, times: Times, actor: str) -> Counts:
    """Delete what is older than it may be; the run and its counts are an event."""
    counts: dict[Kept, int] = {}
    with audit.act(actor, Act.RETENTION, times.now.date().isoformat(), counts=counts) as connection:
        counts |= _enforce(connection, audit, times)
        _claim(connection, times.now)
    store.scrub()
    return counts


def run_daily(store: Store, audit: Audit, times: Times) -> Counts | None:
    """The run of the day, by whichever worker comes first; None if it has been done. A run that deletes
    nothing is no event."""
    counts: dict[Kept, int] = {}
    if _is_done(store, times.now):
        return None
    try:
        with audit.act("server", Act.RETENTION, times.now.date().isoformat(), counts=counts) as connection:
            is_first = _claim(connection, times.now)
            counts |= _enforce(connection, audit, times) if is_first else {}
            if not any(counts.values()):
                raise _Undo
    except _Undo:
        with store.writing() as connection:
            return counts if _claim(connection, times.now) else None
    store.scrub()
    return counts


@asynccontextmanager
async def daily(store: Store, audit: Audit, settings: Settings) -> AsyncIterator[None]:
    """The daily run, for as long as the server runs; a run that has begun is waited for."""
    ended = asyncio.Event()
    task = asyncio.create_task(_keep_daily(store, audit, settings, ended))
    try:
        yield
    finally:
        ended.set()
        await task


async def _keep_daily(store: Store, audit: Audit, settings: Settings, ended: asyncio.Event) -> None:
    """A failure is logged and tried again an hour later."""
    while not ended.is_set():
        try:
            await run_in_threadpool(run_daily, store, audit, times_of(settings, datetime.now(UTC)))
        except (SQLAlchemyError, OSError) as error:
            log_failure(error)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _LOOK_EVERY)


def forget_answer(store: Store, audit: Audit, answer_id: str, actor: str) -> bool:
    """Erase an answer with its question and rating; False if there is none. The event holds none of it."""
    try:
        with audit.act(actor, Act.FORGOTTEN, f"answer:{answer_id}") as connection:
            connection.execute(delete(RATINGS).where(RATINGS.c.answer_id == answer_id))
            named = update(REQUESTS).where(REQUESTS.c.answer_id == answer_id)
            connection.execute(named.values(answer_id=None))
            if not connection.execute(delete(ANSWERS).where(ANSWERS.c.id == answer_id)).rowcount:
                raise _Undo
    except _Undo:
        return False
    store.scrub()
    return True


def forget_request(store: Store, audit: Audit, number: str, actor: str) -> bool:
    """Erase a request; False if there is none. Its number is not given again."""
    try:
        with audit.act(actor, Act.FORGOTTEN, f"request:{number}") as connection:
            if not connection.execute(delete(REQUESTS).where(REQUESTS.c.number == number)).rowcount:
                raise _Undo
    except _Undo:
        return False
    store.scrub()
    return True


def forget_own_request(store: Store, audit: Audit, number: str, code: str, actor: str) -> bool:
    """Erase a request for whoever holds its code; a wrong code and an unknown number look the same."""
    return look_up(store, number, code) is not None and forget_request(store, audit, number, actor)


def _enforce(connection: Connection, audit: Audit, times: Times) -> dict[Kept, int]:
    """Delete inside a transaction; how much of each kind."""
    old_text = select(ANSWERS.c.id).where(ANSWERS.c.at < times.texts)
    counts = {
        Kept.RATINGS: _delete(connection, RATINGS, RATINGS.c.answer_id.in_(old_text)),
        Kept.ANSWERS: _delete(connection, ANSWERS, ANSWERS.c.at < times.rows),
        Kept.REQUESTS: _delete(connection, REQUESTS, REQUESTS.c.at < times.rows),
        Kept.COUNTERS: _delete(connection, COUNTERS, COUNTERS.c.name.in_(_old_series(connection, times))),
        Kept.SESSIONS: _delete(connection, SESSIONS, SESSIONS.c.expires <= times.now),
        Kept.LINKS: _delete(connection, LINKS, LINKS.c.expires <= times.now),
    }
    asked = update(ANSWERS).where(ANSWERS.c.at < times.texts, ANSWERS.c.question != "")
    counts[Kept.QUESTIONS] = connection.execute(asked.values(question="")).rowcount
    filed = update(REQUESTS).where(REQUESTS.c.at < times.texts, REQUESTS.c.question != "")
    counts[Kept.REQUEST_TEXTS] = connection.execute(
        filed.values(question="", contact=None, answer_id=None)
    ).rowcount
    counts[Kept.EVENTS] = audit.prune(connection, times.rows)
    return counts


def _delete(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(which)).rowcount


def _old_series(connection: Connection, times: Times) -> Iterable[str]:
    """Counters of days whose requests are gone; the letters and the day make the name."""
    names = connection.execute(select(COUNTERS.c.name)).scalars()
    last = f"{times.rows:%Y%m%d}"
    return [name for name in names if name.rpartition("-")[2] < last]


def _is_done(store: Store, now: datetime) -> bool:
    with store.reading() as connection:
        last = connection.execute(select(META.c.value).where(META.c.key == _LAST_DAY)).scalar()
    return last is not None and last >= now.date().isoformat()


def _claim(connection: Connection, now: datetime) -> bool:
    """Take the day, if no other worker has: on PostgreSQL the second waits for the first and then sees it."""
    fresh = upsert(connection, META).values(key=_LAST_DAY, value="")
    connection.execute(fresh.on_conflict_do_nothing())
    day = now.date().isoformat()
    return bool(
        connection.execute(
            update(META).where(META.c.key == _LAST_DAY, META.c.value < day).values(value=day)
        ).rowcount
    )
