"""Requests: numbered by day and asker, followed only with the code, kept without personal data."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api.requests import (
    Matter,
    Once,
    SentOtherwiseError,
    file_request,
    find_request,
    look_up,
    working_days_after,
)
from api.secret import Secret
from api.store import Store
from api.tables import REQUESTS
from rag.access import ANONYMOUS, Audience, Level, Reader
from tests.api.identities import everything_stored

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=timezone(timedelta(hours=8)))
ORGANISATION = Reader(Audience.ORGANISATIONS, Level.MEMBERS)


@pytest.mark.parametrize(
    ("reader", "number"),
    [
        (ANONYMOUS, "SS-20261123-0001"),
        (ORGANISATION, "ZZ-20261123-0001"),
        (Reader(Audience.STAFF, Level.INTERNAL), "SS-20261123-0001"),
    ],
)
def test_the_number_tells_asker_and_local_day(store: Store, reader: Reader, number: str) -> None:
    """Organisations get ZZ, everybody else SS; the day is that of the office, not of Greenwich."""
    assert file_request(store, Matter("号牌丢了"), reader, NOW).number == number


def test_only_number_and_code_together_show_the_status(store: Store) -> None:
    """A wrong code, an empty one, another request's code and an unknown number all show nothing."""
    one, other = (file_request(store, Matter("号牌丢了"), ANONYMOUS, NOW) for _ in range(2))
    found = look_up(store, one.number, one.code)
    assert found is not None and (found.state, found.due) == (one.state, one.due)
    wrong = [
        (one.number, other.code),
        (one.number, ""),
        ("SS-20261123-9999", one.code),
        ("", ""),
        ("x", "\ud800"),
    ]
    assert [look_up(store, number, code) for number, code in wrong] == [None] * 5


def test_a_code_may_be_written_as_people_write(store: Store) -> None:
    """Small letters, spaces and dashes do not matter."""
    filed = file_request(store, Matter("号牌丢了"), ANONYMOUS, NOW)
    said = f"{filed.code[:4].lower()}-{filed.code[4:]} "
    assert look_up(store, filed.number, said) is not None


def test_codes_are_unambiguous_and_differ(store: Store) -> None:
    """Eight characters, none of 0 O 1 I L, never the same twice in fifty."""
    codes = {file_request(store, Matter("号牌丢了"), ANONYMOUS, NOW).code for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == 8 and not set(code) & set("01OIL") for code in codes)


def test_personal_data_and_codes_are_not_stored(store: Store) -> None:
    """Mobile, identity number, e-mail and the code itself stand in no row of the store."""
    said = "我叫王小明，手机13800138000，身份证11010519491231002X，邮箱xiaoming@mail.example"
    filed = file_request(store, Matter(said, "微信同号 13800138000"), ANONYMOUS, NOW)
    stored = everything_stored(store)
    for secret in ("13800138000", "11010519491231002X", "xiaoming@mail.example", filed.code):
        assert secret not in stored


def test_nul_is_dropped(store: Store) -> None:
    """A NUL, which PostgreSQL cannot hold, does not keep a matter from being filed."""
    number = file_request(store, Matter("号牌\0丢了"), ANONYMOUS, NOW).number
    row = find_request(store, number)
    assert row is not None and row["question"] == "号牌丢了"


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 11, 23), date(2026, 11, 24)),  # Monday
        (date(2026, 11, 27), date(2026, 11, 30)),  # Friday
        (date(2026, 11, 28), date(2026, 11, 30)),  # Saturday
        (date(2026, 11, 29), date(2026, 11, 30)),  # Sunday
    ],
)
def test_due_is_the_next_working_day(day: date, due: date) -> None:
    """Weekends are no working days."""
    assert working_days_after(day, 1) == due


def test_filed_moment_is_kept_in_utc(store: Store) -> None:
    """The stored moment is the same instant as the local one."""
    filed = file_request(store, Matter("号牌丢了"), ANONYMOUS, NOW)
    status = look_up(store, filed.number, filed.code)
    assert status is not None and status.filed == NOW and status.filed.tzinfo == UTC


SECRET = Secret(bytes(32))
KEY = "0123456789abcdef01234567"


def _numbers(store: Store) -> list[str]:
    with store.reading() as connection:
        return [row.number for row in connection.execute(select(REQUESTS))]


def test_what_is_sent_again_is_filed_once(store: Store) -> None:
    """Ten tries of one request at the same moment leave one row; all are told its number, code and day, and the code
    opens it."""
    matter = Matter("号牌丢了", "办公室")

    def send(_: int) -> object:
        return file_request(store, matter, ANONYMOUS, NOW, Once.of(SECRET, KEY, matter))

    with ThreadPoolExecutor(10) as pool:
        told = set(pool.map(send, range(10)))
    assert len(told) == 1
    filed = file_request(store, matter, ANONYMOUS, NOW + timedelta(days=3), Once.of(SECRET, KEY, matter))
    assert told == {filed}
    assert _numbers(store) == [filed.number]
    assert look_up(store, filed.number, filed.code) is not None
    assert file_request(store, matter, ANONYMOUS, NOW).number == "SS-20261123-0002"


@pytest.mark.parametrize(
    "other", [Matter("号牌坏了", "办公室"), Matter("号牌丢了"), Matter("号牌丢了", "办公室", "0" * 32)]
)
def test_a_key_belongs_to_one_matter(store: Store, other: Matter) -> None:
    """Who knows the key and not the whole matter is told nothing, and nothing is filed."""
    matter = Matter("号牌丢了", "办公室")
    filed = file_request(store, matter, ANONYMOUS, NOW, Once.of(SECRET, KEY, matter))
    with pytest.raises(SentOtherwiseError):
        file_request(store, other, ANONYMOUS, NOW, Once.of(SECRET, KEY, other))
    assert _numbers(store) == [filed.number]


@given(key=st.text(min_size=22, max_size=40), question=st.text(min_size=1, max_size=40))
def test_code_and_mark_follow_from_secret_key_and_matter(key: str, question: str) -> None:
    """The same three give the same; another of any gives another code, and none of them stands in the mark."""
    one = Once.of(SECRET, key, Matter(question))
    assert one == Once.of(SECRET, key, Matter(question))
    others = [
        Once.of(Secret(bytes([1] * 32)), key, Matter(question)),
        Once.of(SECRET, key + "x", Matter(question)),
        Once.of(SECRET, key, Matter(question + "x")),
    ]
    assert one.code not in {other.code for other in others}
    assert len(one.code) == 8 and not set(one.code) & set("01OIL")
    assert len(one.mark) == 64 and one.code not in one.mark.upper()
