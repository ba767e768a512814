"""Keys of the API: what an organisation's program shows in the header X-API-Key.

A key stands for one reader, may use some kinds of routes, and has a quota. Only its digest is kept.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, insert, select, update

from api.store import Store
from api.tables import KEYS
from rag.access import Audience, Level, Reader

HEADER = "X-API-Key"
DAYS = 365
_PREFIX_CHARS = 8
_SHAPE = re.compile(r"zn_[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    """Kinds of routes that a key may use."""

    ASK = "ask"
    SEARCH = "search"
    GUIDES = "guides"
    RATINGS = "ratings"
    REQUESTS = "requests"


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True)
class Quota:
    """How often a key may be used."""

    per_minute: int = 60
    per_day: int = 5000


@dataclass(frozen=True)
class Grant:
    """What a key opens, and for how long."""

    reader: Reader
    scopes: frozenset[Scope] = ALL_SCOPES
    quota: Quota = Quota()
    days: int = DAYS


@dataclass(frozen=True)
class Key:
    """What is stored of a key: everything but the key."""

    prefix: str
    name: str
    reader: Reader
    scopes: frozenset[Scope]
    quota: Quota
    created: datetime
    expires: datetime
    revoked: datetime | None
    digest: str

    def holds(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.revoked is None and now < self.expires


class KeyChoiceError(Exception):
    """A prefix that names no key, or more than one; `found` says how many."""

    def __init__(self, prefix: str, found: int) -> None:
        super().__init__(f"{found} keys begin with {prefix}")
        self.prefix = prefix
        self.found = found


def create_key(connection: Connection, name: str, grant: Grant, now: datetime) -> str:
    """Make and store a key; the text that is returned can be seen only this once."""
    text = "zn_" + secrets.token_urlsafe(32)
    row = {
        "hash": _digest(text),
        "prefix": text[:_PREFIX_CHARS],
        "name": name,
        "audience": grant.reader.audience.value,
        "level": grant.reader.level.value,
        "roles": sorted(grant.reader.roles),
        "scopes": sorted(grant.scopes),
        "per_minute": grant.quota.per_minute,
        "per_day": grant.quota.per_day,
        "created": now,
        "expires": now + timedelta(days=grant.days),
    }
    connection.execute(insert(KEYS).values(**row))
    return text


def rotate_key(connection: Connection, key: Key, overlap: timedelta, days: int, now: datetime) -> str:
    """A new key for the same grant; the old one holds for `overlap` longer and no more."""
    ends = min(key.expires, now + overlap)
    connection.execute(update(KEYS).where(KEYS.c.hash == key.digest).values(expires=ends))
    return create_key(connection, key.name, Grant(key.reader, key.scopes, key.quota, days), now)


def revoke_key(connection: Connection, key: Key, now: datetime) -> None:
    """Stop a key from this moment on; the first revocation stands."""
    stopped = update(KEYS).where(KEYS.c.hash == key.digest, KEYS.c.revoked.is_(None))
    connection.execute(stopped.values(revoked=now))


def list_keys(store: Store) -> list[Key]:
    """All keys, oldest first."""
    return _find(store)


def choose_key(store: Store, prefix: str) -> Key:
    """The one key that begins with `prefix`; KeyChoiceError if it is not exactly one."""
    found = _find(store, prefix[:_PREFIX_CHARS])
    if len(found) != 1:
        raise KeyChoiceError(prefix, len(found))
    return found[0]


def key_of(store: Store, text: str, now: datetime) -> Key | None:
    """The key of this text, or None if it is unknown, expired or revoked. Asked anew for each request, so a
    revocation holds at once in every worker."""
    if not _SHAPE.fullmatch(text):
        return None
    digest = _digest(text)
    for key in _find(store, text[:_PREFIX_CHARS]):
        if hmac.compare_digest(key.digest, digest) and key.holds(now):
            return key
    return None


def _find(store: Store, prefix: str | None = None) -> list[Key]:
    query = select(KEYS).order_by(KEYS.c.created)
    if prefix is not None:
        query = query.where(KEYS.c.prefix == prefix)
    with store.reading() as connection:
        return [_key(row) for row in connection.execute(query).mappings()]


def _digest(text: str) -> str:
    # A key is 256 random bits: a plain digest cannot be guessed back, and costs a request nothing.
    return hashlib.sha256(text.encode()).hexdigest()


def _key(row: RowMapping) -> Key:
    return Key(
        prefix=row["prefix"],
        name=row["name"],
        reader=Reader(Audience(row["audience"]), Level(row["level"]), frozenset(row["roles"])),
        scopes=scopes_of(row["scopes"]),
        quota=Quota(row["per_minute"], row["per_day"]),
        created=row["created"],
        expires=row["expires"],
        revoked=row["revoked"],
        digest=row["hash"],
    )


def scopes_of(names: Collection[str]) -> frozenset[Scope]:
    """Scopes by name; ValueError for one that does not exist."""
    return frozenset(Scope(name) for name in names)
