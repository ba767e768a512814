"""Who asks: one Reader, made only from the key in the header X-API-Key.

No key is the anonymous public. A key that does not hold is refused, never taken for no key.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from api.store import Store
from rag.access import Audience, Level, Reader

HEADER = "X-API-Key"
DAYS = 365
_PREFIX_CHARS = 8
_SHAPE = re.compile(r"zn_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Key:
    """What is stored of a key: everything but the key."""

    prefix: str
    name: str
    reader: Reader
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


def create_key(store: Store, name: str, reader: Reader, days: int, now: datetime) -> str:
    """Make and store a key for `reader`; the text that is returned can be seen only this once."""
    text = "zn_" + secrets.token_urlsafe(32)
    store.add_key(
        {
            "hash": _digest(text),
            "prefix": text[:_PREFIX_CHARS],
            "name": name,
            "audience": reader.audience.value,
            "level": reader.level.value,
            "roles": sorted(reader.roles),
            "created": now,
            "expires": now + timedelta(days=days),
        }
    )
    return text


def list_keys(store: Store) -> list[Key]:
    """All keys, oldest first."""
    return [_key(row) for row in store.find_keys()]


def revoke_key(store: Store, prefix: str, now: datetime) -> Key:
    """Stop the one key that begins with `prefix`; KeyChoiceError if it is not exactly one."""
    found = [key for key in list_keys(store) if key.prefix == prefix[:_PREFIX_CHARS]]
    if len(found) != 1:
        raise KeyChoiceError(prefix, len(found))
    store.revoke_key(found[0].digest, now)
    return found[0]


def reader_of_key(store: Store, text: str, now: datetime) -> Reader | None:
    """The reader that a key stands for, or None if it is unknown, expired or revoked."""
    if not _SHAPE.fullmatch(text):
        return None
    digest = _digest(text)
    for row in store.find_keys(text[:_PREFIX_CHARS]):
        key = _key(row)
        if hmac.compare_digest(key.digest, digest) and key.holds(now):
            return key.reader
    return None


def _digest(text: str) -> str:
    # A key is 256 random bits: a plain digest cannot be guessed back, and costs a request nothing.
    return hashlib.sha256(text.encode()).hexdigest()


def _key(row: RowMapping) -> Key:
    reader = Reader(Audience(row["audience"]), Level(row["level"]), frozenset(row["roles"]))
    return Key(
        row["prefix"], row["name"], reader, row["created"], row["expires"], row["revoked"], row["hash"]
    )
