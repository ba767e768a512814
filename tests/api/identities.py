"""Keys and accounts for tests, made as the commands make them."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import select

from api.accounts import add_account, set_password
from api.keys import ALL_SCOPES, Grant, Quota, Scope, create_key
from api.store import Store
from api.tables import TABLES
from rag.access import Reader

PASSWORD = "correct horse battery 9"


def make_key(
    store: Store,
    name: str,
    reader: Reader,
    days: int = 30,
    now: datetime | None = None,
    *,
    scopes: Collection[Scope] = ALL_SCOPES,
    quota: Quota | None = None,
) -> str:
    """A stored key's text."""
    grant = Grant(reader, frozenset(scopes), quota or Quota(100_000, 10_000_000), days)
    with store.writing() as connection:
        return create_key(connection, name, grant, now or datetime.now(UTC))


def everything_stored(store: Store) -> str:
    """Every value of every table, as text."""
    with store.reading() as connection:
        rows = [connection.execute(select(table)).all() for table in TABLES.sorted_tables]
    return str(rows)


def make_account(store: Store, name: str, reader: Reader, unit: str | None = None) -> str:
    """An account whose owner has set PASSWORD; its name."""
    with store.writing() as connection:
        add_account(connection, name, reader, unit, datetime.now(UTC))
        set_password(connection, name, PASSWORD)
    return name
