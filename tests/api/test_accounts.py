"""Accounts: passwords that only their owners know, links that hold once, and no way in for the disabled."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.accounts import (
    AccountError,
    account_of_link,
    add_account,
    admit,
    change_account,
    check_password,
    delete_account,
    disable_account,
    find_account,
    list_accounts,
    make_link,
    set_password,
)
from api.store import Store
from rag.access import Audience, Level, Reader
from tests.api.identities import PASSWORD, everything_stored, make_account

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STAFF = Reader(Audience.STAFF, Level.INTERNAL, frozenset({"trainer"}))
LEADER = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"leaders"}))


def test_the_right_password_gives_the_account(store: Store) -> None:
    """Reader and unit come back as they were given."""
    make_account(store, "li.na", STAFF, "data-bureau")
    account = check_password(store, "Li.Na", PASSWORD)
    assert account is not None
    assert (account.name, account.reader, account.unit) == ("li.na", STAFF, "data-bureau")


@pytest.mark.parametrize(
    ("name", "password"),
    [("li.na", PASSWORD + "x"), ("li.na", ""), ("nobody", PASSWORD), ("", ""), ("li.na", "\ud800" * 12)],
)
def test_a_wrong_name_or_password_gives_nothing(store: Store, name: str, password: str) -> None:
    """Unknown names and wrong passwords look the same: None."""
    make_account(store, "li.na", STAFF)
    assert check_password(store, name, password) is None


def test_a_password_is_kept_as_argon2id_alone(store: Store) -> None:
    """No row of the store holds the password."""
    make_account(store, "li.na", STAFF)
    stored = everything_stored(store)
    assert PASSWORD not in stored and "$argon2id$" in stored


@pytest.mark.parametrize(
    "password",
    ["short", "aaaaaaaaaaaaaaaa", "x" * 129, "li.na.li.na.li.na", "password1234", "qwertyuiop123", ""],
)
def test_a_weak_password_is_refused(store: Store, password: str) -> None:
    """Too short, too long, common or made of the name: refused, and the old one stands."""
    make_account(store, "li.na", STAFF)
    with pytest.raises(AccountError), store.writing() as connection:
        set_password(connection, "li.na", password)
    assert check_password(store, "li.na", PASSWORD) is not None


def test_an_account_without_a_password_cannot_sign_in(store: Store) -> None:
    """Before its owner has set one, no password is right."""
    with store.writing() as connection:
        add_account(connection, "new", STAFF, None, NOW)
    assert all(check_password(store, "new", text) is None for text in ("", "new", PASSWORD))


def test_a_disabled_account_opens_nothing(store: Store) -> None:
    """Neither password nor link let it in, until it is enabled again."""
    make_account(store, "li.na", STAFF)
    with store.writing() as connection:
        disable_account(connection, "li.na", NOW)
        token = make_link(connection, "li.na", NOW)
    assert check_password(store, "li.na", PASSWORD) is None
    assert account_of_link(store, token, NOW) is None
    with store.writing() as connection:
        disable_account(connection, "li.na", None)
    assert check_password(store, "li.na", PASSWORD) is not None


def test_a_link_holds_for_a_day_and_until_a_password_is_set(store: Store) -> None:
    """It ends after 24 hours, with a newer link, and when it was used."""
    with store.writing() as connection:
        add_account(connection, "new", STAFF, None, NOW)
        first, second = make_link(connection, "new", NOW), make_link(connection, "new", NOW)
    assert account_of_link(store, first, NOW) is None
    assert account_of_link(store, second, NOW + timedelta(hours=24)) is None
    account = account_of_link(store, second, NOW + timedelta(hours=23))
    assert account is not None and account.name == "new"
    with store.writing() as connection:
        set_password(connection, "new", PASSWORD)
    assert account_of_link(store, second, NOW) is None


def test_two_accounts_cannot_have_one_name(store: Store) -> None:
    """Capitals do not tell two names apart."""
    make_account(store, "li.na", STAFF)
    with pytest.raises(AccountError), store.writing() as connection:
        add_account(connection, "Li.Na", LEADER, None, NOW)
    assert [account.reader for account in list_accounts(store)] == [STAFF]


@given(name=st.text(max_size=80))
def test_a_name_is_plain_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Every text is either a name that comes back in small letters, or an error in two languages."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('names') / 's.sqlite'}")
    try:
        with store.writing() as connection:
            add_account(connection, name, STAFF, None, NOW)
        assert find_account(store, name).name == name.lower()
    except AccountError as error:
        assert error.zh and error.en
    finally:
        store.close()


def test_changes_and_removal_hold_at_once(store: Store) -> None:
    """The reader is what was set last, and a removed account is gone."""
    make_account(store, "li.na", STAFF)
    with store.writing() as connection:
        change_account(connection, "li.na", LEADER, None)
    assert find_account(store, "li.na").reader == LEADER
    with store.writing() as connection:
        delete_account(connection, "li.na")
    with pytest.raises(AccountError):
        find_account(store, "li.na")


def test_one_who_signs_in_elsewhere_keeps_one_account(store: Store) -> None:
    """The same subject comes back to the same account, with what it may read now; a disabled one is refused."""
    with store.writing() as connection:
        assert admit(connection, "https://id#7", "Wang.Wei", STAFF, None, NOW) == "wang.wei"
        assert admit(connection, "https://id#7", "Wang.Wei2", LEADER, "unit", NOW) == "wang.wei"
    assert find_account(store, "wang.wei").reader == LEADER
    with store.writing() as connection:
        disable_account(connection, "wang.wei", NOW)
    with pytest.raises(AccountError), store.writing() as connection:
        admit(connection, "https://id#7", "wang.wei", STAFF, None, NOW)


def test_one_who_signs_in_elsewhere_cannot_take_a_local_account(store: Store) -> None:
    """A name that a local account has is not handed to whoever claims it elsewhere."""
    make_account(store, "admin", LEADER)
    with pytest.raises(AccountError), store.writing() as connection:
        admit(connection, "https://id#8", "admin", STAFF, None, NOW)
    assert find_account(store, "admin").reader == LEADER
