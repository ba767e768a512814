"""Keys: only a digest is kept, and a key that does not hold opens nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from api.keys import KeyChoiceError, Quota, Scope, choose_key, key_of, list_keys, revoke_key, rotate_key
from api.store import Store
from rag.access import Audience, Level, Reader
from tests.api.identities import everything_stored, make_key

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STAFF = Reader(Audience.STAFF, Level.RESTRICTED, frozenset({"incident-team", "leader"}))


def reader_of(store: Store, text: str, now: datetime) -> Reader | None:
    """Whom a key stands for."""
    key = key_of(store, text, now)
    return key.reader if key else None


def revoke(store: Store, prefix: str, now: datetime) -> str:
    """Stop the key that begins so; its name."""
    key = choose_key(store, prefix)
    with store.writing() as connection:
        revoke_key(connection, key, now)
    return key.name


def test_a_key_stands_for_exactly_its_reader(store: Store) -> None:
    """Audience, level and roles come back as they were given."""
    assert reader_of(store, make_key(store, "desk", STAFF, 365, NOW), NOW) == STAFF


def test_a_key_is_long_and_random(store: Store) -> None:
    """Two keys differ, begin with zn_ and carry 32 random bytes (43 characters)."""
    one, other = (make_key(store, "desk", STAFF, 365, NOW) for _ in range(2))
    assert one != other
    assert one.startswith("zn_") and len(one) == 3 + 43


def test_the_key_itself_is_not_stored(store: Store) -> None:
    """No row of the store holds the key, only its digest and first eight characters."""
    text = make_key(store, "desk", STAFF, 365, NOW)
    assert text[8:] not in everything_stored(store)
    assert [key.prefix for key in list_keys(store)] == [text[:8]]


@pytest.mark.parametrize("days", [365, 366, 4000])
def test_an_expired_key_opens_nothing(store: Store, days: int) -> None:
    """From the moment of expiry on there is no reader."""
    text = make_key(store, "desk", STAFF, 365, NOW)
    assert reader_of(store, text, NOW + timedelta(days=days)) is None
    assert reader_of(store, text, NOW + timedelta(days=365, seconds=-1)) == STAFF


def test_a_revoked_key_opens_nothing_at_once(store: Store) -> None:
    """Revoking by the first characters stops that key and no other."""
    gone, kept = (make_key(store, name, STAFF, 365, NOW) for name in ("a", "b"))
    assert revoke(store, gone[:8], NOW) == "a"
    assert reader_of(store, gone, NOW) is None
    assert reader_of(store, kept, NOW) == STAFF


def test_revoking_twice_keeps_the_first_moment(store: Store) -> None:
    """The record says when the key really stopped."""
    text = make_key(store, "desk", STAFF, 365, NOW)
    revoke(store, text[:8], NOW)
    revoke(store, text[:8], NOW + timedelta(days=3))
    assert list_keys(store)[0].revoked == NOW


def test_a_prefix_of_no_key_is_an_error(store: Store) -> None:
    """Nothing is revoked by a name that fits no key."""
    make_key(store, "desk", STAFF, 365, NOW)
    with pytest.raises(KeyChoiceError) as caught:
        revoke(store, "zn_xxxxx", NOW)
    assert (caught.value.found, list_keys(store)[0].revoked) == (0, None)


@pytest.mark.parametrize("text", ["", "zn_", "x", "zn_" + "A" * 43, "密钥", "\ud800", "%", "_" * 8])
def test_other_text_is_no_key(store: Store, text: str) -> None:
    """Empty, short, foreign and wildcard text stands for nobody."""
    make_key(store, "desk", STAFF, 365, NOW)
    assert reader_of(store, text, NOW) is None


def test_a_key_with_one_other_character_is_no_key(store: Store) -> None:
    """The shared first eight characters alone open nothing."""
    text = make_key(store, "desk", STAFF, 365, NOW)
    other = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert reader_of(store, other, NOW) is None


def test_a_key_keeps_its_scopes_and_its_quota(store: Store) -> None:
    """What a key covers and how often it may be used come back as they were given."""
    text = make_key(store, "asks", STAFF, scopes={Scope.ASK}, quota=Quota(5, 50))
    key = key_of(store, text, datetime.now(UTC))
    assert key is not None
    assert (key.scopes, key.quota) == ({Scope.ASK}, Quota(5, 50))


def test_old_and_new_key_overlap_and_then_the_old_one_ends(store: Store) -> None:
    """A rotated key holds for the overlap and no longer; the new one opens the same."""
    old = make_key(store, "desk", STAFF, 365, NOW, scopes={Scope.ASK, Scope.SEARCH})
    with store.writing() as connection:
        new = rotate_key(connection, choose_key(store, old[:8]), timedelta(days=7), 365, NOW)
    soon, later = NOW + timedelta(days=6), NOW + timedelta(days=7)
    assert reader_of(store, old, soon) == reader_of(store, new, soon) == STAFF
    assert (reader_of(store, old, later), reader_of(store, new, later)) == (None, STAFF)
    assert {key.scopes for key in list_keys(store)} == {frozenset({Scope.ASK, Scope.SEARCH})}


def test_rotation_never_lengthens_an_old_key(store: Store) -> None:
    """A key that would have ended tomorrow does not hold for the whole overlap."""
    old = make_key(store, "desk", STAFF, 1, NOW)
    with store.writing() as connection:
        rotate_key(connection, choose_key(store, old[:8]), timedelta(days=7), 365, NOW)
    assert reader_of(store, old, NOW + timedelta(days=2)) is None
