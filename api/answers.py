"""Answers that were given, and what people thought of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from api.store import Store, upsert
from api.tables import ANSWERS, RATINGS


def record_answer(store: Store, row: Mapping[str, Any]) -> None:
    """Keep that an answer was given, under its id."""
    with store.writing() as connection:
        connection.execute(insert(ANSWERS).values(**row))


def rate(store: Store, answer_id: str, useful: bool, reason: str | None, now: datetime) -> bool:
    """Set the rating of an answer, in place of an earlier one; False if there is no such answer."""
    row = {"at": now, "useful": useful, "reason": reason}
    with store.writing() as connection:
        known = connection.execute(select(ANSWERS.c.id).where(ANSWERS.c.id == answer_id)).first()
        if known:
            added = upsert(connection, RATINGS).values(answer_id=answer_id, **row)
            connection.execute(added.on_conflict_do_update(index_elements=["answer_id"], set_=row))
        return known is not None
