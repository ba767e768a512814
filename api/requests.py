"""Requests: a matter handed to a person, followed with a number and a code that only the asker has."""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from api.secret import Secret
from api.store import Store, upsert
from api.tables import COUNTERS, REQUESTS
from rag.access import Audience, Reader
from rag.rules.marks import secret_mark
from rag.screen import mask

CONSULTATION_WORKING_DAYS = 1
_NUMBER = re.compile(r"(SS|ZZ)-\d{8}-\d{4,9}", re.ASCII)
_ANSWER_ID = re.compile("[0-9a-f]{32}")
"""What this server gives its answers as ids."""
_CODE_LENGTH = 8
_CODE_CHARS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capitals without those that are mistaken for each other on paper or by telephone."""


class State(StrEnum):
    """Where a request stands."""

    NEW = "new"


@dataclass(frozen=True)
class Matter:
    """What somebody asks a person to look at, as it was written."""

    question: str
    contact: str | None = None
    answer_id: str | None = None


@dataclass(frozen=True)
class Once:
    """What makes one request of two sendings: a mark that is kept, and the code that both are told."""

    mark: str
    code: str

    @classmethod
    def of(cls, secret: Secret, key: str, matter: Matter) -> "Once":
        """From the sender's `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header). The code follows
        from key, matter and secret, so it can be told again without being kept."""
        derived = secret.derive("requests sent once")
        said = json.dumps([key, matter.question, matter.contact, matter.answer_id])
        drawn = int.from_bytes(hmac.digest(derived, f"code {said}".encode(), hashlib.sha256))
        signs = []
        for _ in range(_CODE_LENGTH):
            drawn, sign = divmod(drawn, len(_CODE_CHARS))
            signs.append(_CODE_CHARS[sign])
        return cls(hmac.new(derived, f"mark {key}".encode(), hashlib.sha256).hexdigest(), "".join(signs))


class SentOtherwiseError(Exception):
    """A key came a second time with another matter."""


@dataclass(frozen=True)
class Filed:
    """A request that now stands in the store; the code is told only here."""

    number: str
    code: str
    state: State
    due: date


@dataclass(frozen=True)
class Status:
    """What the holder of number and code is told."""

    number: str
    state: State
    filed: datetime
    due: date


def file_request(
    store: Store, matter: Matter, reader: Reader, now: datetime, once: Once | None = None
) -> Filed:
    """Store a matter, personal data masked, under the next number of its day; `now` is local time. What was sent
    before is not stored again: it is told the same. SentOtherwiseError if it was something else."""
    code = once.code if once else "".join(secrets.choice(_CODE_CHARS) for _ in range(_CODE_LENGTH))
    due = working_days_after(now.date(), CONSULTATION_WORKING_DAYS)
    row = {
        "code_hash": _digest(code),
        "at": now,
        "due": due.isoformat(),
        "state": State.NEW.value,
        "question": storable(matter.question),
        "contact": storable(matter.contact) if matter.contact else None,
        # An id that the asker made up may be somebody's number.
        "answer_id": matter.answer_id if _ANSWER_ID.fullmatch(matter.answer_id or "") else None,
        "sent_once": once.mark if once else None,
    }
    try:
        number = add_request(store, f"{_letters(reader)}-{now:%Y%m%d}", row)
    except IntegrityError:
        before = _sent_before(store, once) if once else None
        if before is None:
            raise
        return before
    return Filed(number, code, State.NEW, due)


def _sent_before(store: Store, once: Once) -> Filed | None:
    with store.reading() as connection:
        query = select(REQUESTS).where(REQUESTS.c.sent_once == once.mark)
        row = connection.execute(query).mappings().first()
    if row is None:
        return None
    if not hmac.compare_digest(row["code_hash"], _digest(once.code)):
        raise SentOtherwiseError
    return Filed(row["number"], once.code, State(row["state"]), date.fromisoformat(row["due"]))


def add_request(store: Store, series: str, row: Mapping[str, Any]) -> str:
    """File a request under the next number of its series (`SS-20261123`), which is returned."""
    with store.writing() as connection:
        counted = upsert(connection, COUNTERS).values(name=series, n=1)
        counted = counted.on_conflict_do_update(index_elements=["name"], set_={"n": COUNTERS.c.n + 1})
        # The counter's row stays locked until the request stands too: no number twice, none lost.
        n = connection.execute(counted.returning(COUNTERS.c.n)).scalar_one()
        number = f"{series}-{n:04d}"
        connection.execute(insert(REQUESTS).values(number=number, **row))
    return number


def look_up(store: Store, number: str, code: str) -> Status | None:
    """The status of a request, or None: a wrong code and an unknown number look the same."""
    row = find_request(store, number) if _NUMBER.fullmatch(number) else None
    expected = row["code_hash"] if row else _digest("")
    if not hmac.compare_digest(expected, _digest(code)) or row is None:
        return None
    return Status(number, State(row["state"]), row["at"], date.fromisoformat(row["due"]))


def find_request(store: Store, number: str) -> RowMapping | None:
    """The stored request of this number."""
    with store.reading() as connection:
        return connection.execute(select(REQUESTS).where(REQUESTS.c.number == number)).mappings().first()


def working_days_after(day: date, count: int) -> date:
    """The day that is `count` working days later; Saturdays and Sundays are none."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def storable(text: str) -> str:
    """A person's words as they are kept: personal data masked, no NUL (PostgreSQL refuses it), and nothing at all of
    a text that is marked as a state secret."""
    return "" if secret_mark(text) else mask(text.replace("\0", ""))


def _letters(reader: Reader) -> str:
    """ZZ for organisations, SS for everybody else."""
    return "ZZ" if reader.audience is Audience.ORGANISATIONS else "SS"


def _digest(code: str) -> str:
    plain = code.upper().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
