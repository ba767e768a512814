"""Sessions: random, kept as a digest, ended by time, sign-out and every change of the account."""

from datetime import UTC, datetime, timedelta

import pytest

from api.accounts import change_account, disable_account, set_password
from api.sessions import Session, close_session, close_sessions, open_session, session_of
from api.store import Store
from rag.access import Audience, Level, Reader
from tests.api.identities import everything_stored, make_account

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
IDLE = timedelta(minutes=30)
STAFF = Reader(Audience.STAFF, Level.INTERNAL)
LEADER = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"leaders"}))


@pytest.fixture(autouse=True)
def account(store: Store) -> None:
    """The account whose sessions these are."""
    make_account(store, "li.na", STAFF)


def opened(store: Store) -> str:
    """The cookie of a new session."""
    with store.writing() as connection:
        return open_session(connection, "li.na", NOW, 12)


def found(store: Store, token: str, after: timedelta = timedelta()) -> Session | None:
    """The session some time later."""
    return session_of(store, token, NOW + after, IDLE)


def test_a_cookie_stands_for_its_account(store: Store) -> None:
    """The session is the account's, and no row of the store holds the cookie."""
    token = opened(store)
    session = found(store, token)
    assert session is not None and session.account.reader == STAFF
    assert token not in everything_stored(store)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\ud800", "密" * 20])
def test_any_other_cookie_is_nobody(store: Store, token: str) -> None:
    """Empty, short, invented and unreadable cookies stand for nobody."""
    opened(store)
    assert found(store, token) is None


def test_an_unused_session_ends_after_half_an_hour(store: Store) -> None:
    """Unused it ends; used, it goes on."""
    unused, used = opened(store), opened(store)
    assert found(store, used, timedelta(minutes=29)) is not None
    assert found(store, unused, timedelta(minutes=30)) is None
    assert found(store, used, timedelta(minutes=58)) is not None


def test_no_session_outlives_its_day(store: Store) -> None:
    """Used all day, it ends after twelve hours all the same."""
    token = opened(store)
    for minute in range(20, 12 * 60, 20):
        assert found(store, token, timedelta(minutes=minute)) is not None
    assert found(store, token, timedelta(hours=12)) is None


def test_signing_out_ends_one_or_all(store: Store) -> None:
    """One browser, or every browser of the account."""
    one, other, third = opened(store), opened(store), opened(store)
    session = found(store, one)
    assert session is not None
    with store.writing() as connection:
        close_session(connection, session)
    assert found(store, one) is None and found(store, other) is not None
    with store.writing() as connection:
        assert close_sessions(connection, "li.na") == 2
    assert found(store, third) is None


def test_what_an_account_may_read_changes_with_its_next_request(store: Store) -> None:
    """A session holds no copy of the level."""
    token = opened(store)
    with store.writing() as connection:
        change_account(connection, "li.na", LEADER, None)
    session = found(store, token)
    assert session is not None and session.account.reader == LEADER


@pytest.mark.parametrize("change", ["disable", "password"])
def test_a_new_password_or_a_disabled_account_ends_its_sessions(store: Store, change: str) -> None:
    """Whoever held the cookie is out at once."""
    token = opened(store)
    with store.writing() as connection:
        if change == "disable":
            disable_account(connection, "li.na", NOW)
        else:
            set_password(connection, "li.na", "another long password 8")
    assert found(store, token) is None


def test_the_form_token_belongs_to_one_session(store: Store) -> None:
    """Two sessions of one account have different form tokens, none of which is the cookie."""
    tokens = [opened(store), opened(store)]
    sessions = [session for token in tokens if (session := found(store, token))]
    assert len({session.form_token for session in sessions} | set(tokens)) == 4
