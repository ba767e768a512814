"""Rows of every kind that is kept for a time: young ones, and ones that should be gone."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from api.answers import rate, record_answer
from api.requests import Matter, file_request
from api.sessions import open_session
from api.store import Store
from api.tables import ANSWERS, COUNTERS, LINKS, RATINGS, REQUESTS, SESSIONS
from rag.access import ANONYMOUS
from tests.leak.own import new_account

NOW = datetime.now(UTC)
TEXT = "号牌多少钱"
YOUNG, OLD_TEXT, OLD = 170, 190, 380
"""Days of something that stays as it is, of something whose text goes, and of something that goes."""


Rows = Sequence[Sequence[object]]


def answered(store: Store, days_ago: int, question: str = TEXT) -> str:
    """An answer of that day with a rating; its id."""
    at, name = NOW - timedelta(days=days_ago), uuid.uuid4().hex
    row = {
        "id": name, "at": at, "outcome": "answered", "reason": "evidence", "lang": "zh-Hans", "audience": "public",
        "level": "open", "generation": "g", "writer": "extractive", "chunks": ["a"], "elapsed_ms": 1.0,
        "question": question,
    }  # fmt: skip
    record_answer(store, row)
    rate(store, name, True, None, at)
    return name


def fill(store: Store) -> None:
    """A row of each age in each table that retention looks after; a session and a link that hold, and ended ones."""
    account = new_account(store)
    for days in (YOUNG, OLD_TEXT, OLD):
        answer = answered(store, days)
        file_request(store, Matter(TEXT, "微信号码不写", answer), ANONYMOUS, NOW - timedelta(days=days))
    with store.writing() as connection:
        for n, hours in enumerate((-1, 1)):
            open_session(connection, account, NOW + timedelta(hours=hours), 0)
            ends = NOW + timedelta(hours=hours)
            connection.execute(insert(LINKS).values(hash=f"{n}", account=account, expires=ends))


def left(store: Store) -> Mapping[str, Rows]:
    """What is left of it, table by table, the youngest first."""
    wanted = {
        "answers": select(ANSWERS.c.at, ANSWERS.c.question),
        "ratings": select(RATINGS.c.at),
        "requests": select(REQUESTS.c.at, REQUESTS.c.question, REQUESTS.c.contact, REQUESTS.c.answer_id),
        "counters": select(COUNTERS.c.name),
        "sessions": select(SESSIONS.c.expires),
        "links": select(LINKS.c.expires),
    }
    with store.reading() as connection:
        rows = {name: connection.execute(query).all() for name, query in wanted.items()}
    return {name: sorted(found, key=lambda row: str(row[0]), reverse=True) for name, found in rows.items()}
