"""What is kept: answers, ratings, requests and keys, in SQLite or PostgreSQL by address alone.

Only masked text comes in here. A method that returns has committed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

SCHEMA = "1"


class UtcTime(TypeDecorator[datetime]):
    """A moment, always with its zone; SQLite would drop it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a moment without a zone raises ValueError."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a stored moment needs a zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back as UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


TABLES = MetaData()
_meta = Table("meta", TABLES, Column("key", String(40), primary_key=True), Column("value", String(200)))
_answers = Table(
    "answers",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("outcome", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("lang", String(10), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("level", String(20), nullable=False),
    Column("generation", String(80), nullable=False),
    Column("writer", String(20), nullable=False),
    Column("chunks", JSON, nullable=False),
    Column("elapsed_ms", Float, nullable=False),
    Column("question", Text, nullable=False),
)
_ratings = Table(
    "ratings",
    TABLES,
    Column("answer_id", ForeignKey("answers.id"), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("useful", Boolean, nullable=False),
    Column("reason", String(20)),
)
_requests = Table(
    "requests",
    TABLES,
    Column("number", String(24), primary_key=True),
    Column("code_hash", String(64), nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("due", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("question", Text, nullable=False),
    Column("contact", Text),
    # The asker's claim, kept as said: the answer itself may not have been recorded.
    Column("answer_id", String(64)),
)
_counters = Table("counters", TABLES, Column("name", String(24), primary_key=True), Column("n", Integer))
_keys = Table(
    "keys",
    TABLES,
    Column("hash", String(64), primary_key=True),
    Column("prefix", String(8), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("level", String(20), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("revoked", UtcTime),
)


class SchemaError(Exception):
    """The store was written by another version of this program."""

    def __init__(self, found: str) -> None:
        super().__init__(f"store schema {found}, this program needs {SCHEMA}")
        self.found = found


class Store:
    """One open database; safe to use from several threads and processes."""

    def __init__(self, address: str) -> None:
        # Parameters are people's words and key digests: they stay out of error messages.
        self._engine = create_engine(address, hide_parameters=True, pool_pre_ping=True)
        if self._engine.dialect.name == "sqlite":
            _prepare_sqlite(self._engine)
        try:
            self._create()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def check_writable(self) -> None:
        """Raise if a row cannot be written now; nothing is changed."""
        with self._engine.connect() as connection:
            connection.execute(update(_meta).where(_meta.c.key == "schema").values(value=SCHEMA))
            connection.rollback()

    def add_answer(self, row: Mapping[str, Any]) -> None:
        """Record an answer that was given."""
        with self._engine.begin() as connection:
            connection.execute(insert(_answers).values(**row))

    def rate(self, answer_id: str, row: Mapping[str, Any]) -> bool:
        """Set the rating of an answer, in place of an earlier one; False if there is no such answer."""
        with self._engine.begin() as connection:
            known = connection.execute(select(_answers.c.id).where(_answers.c.id == answer_id)).first()
            if known:
                added = self._insert(_ratings).values(answer_id=answer_id, **row)
                connection.execute(added.on_conflict_do_update(index_elements=["answer_id"], set_=dict(row)))
            return known is not None

    def add_request(self, series: str, row: Mapping[str, Any]) -> str:
        """File a request under the next number of its series (`SS-20261123`), which is returned."""
        counted = self._insert(_counters).values(name=series, n=1)
        counted = counted.on_conflict_do_update(index_elements=["name"], set_={"n": _counters.c.n + 1})
        with self._engine.begin() as connection:
            # The counter's row stays locked until the request stands too: no number twice, none lost.
            n = connection.execute(counted.returning(_counters.c.n)).scalar_one()
            number = f"{series}-{n:04d}"
            connection.execute(insert(_requests).values(number=number, **row))
        return number

    def request(self, number: str) -> RowMapping | None:
        """The request of this number."""
        with self._engine.connect() as connection:
            return (
                connection.execute(select(_requests).where(_requests.c.number == number)).mappings().first()
            )

    def add_key(self, row: Mapping[str, Any]) -> None:
        """Store what is known of a new key; the key itself is not among it."""
        with self._engine.begin() as connection:
            connection.execute(insert(_keys).values(**row))

    def find_keys(self, prefix: str | None = None) -> list[RowMapping]:
        """Keys that begin so, oldest first; all of them where no prefix is given."""
        query = select(_keys).order_by(_keys.c.created)
        if prefix is not None:
            query = query.where(_keys.c.prefix == prefix)
        with self._engine.connect() as connection:
            return list(connection.execute(query).mappings())

    def revoke_key(self, digest: str, now: datetime) -> None:
        """Stop a key from this moment on; the first revocation stands."""
        with self._engine.begin() as connection:
            stopped = update(_keys).where(_keys.c.hash == digest, _keys.c.revoked.is_(None))
            connection.execute(stopped.values(revoked=now))

    def _insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """An INSERT that may say what to do on conflict, in the dialect of this database."""
        return sqlite.insert(table) if self._engine.dialect.name == "sqlite" else postgresql.insert(table)

    def _create(self) -> None:
        """Make the tables that are missing, and refuse a store of another schema."""
        try:
            self._make_tables()
        except DBAPIError:
            # Workers start together, and PostgreSQL lets two create one table: the second look finds it.
            self._make_tables()
        with self._engine.connect() as connection:
            found = connection.execute(select(_meta.c.value).where(_meta.c.key == "schema")).scalar_one()
        if found != SCHEMA:
            raise SchemaError(found)

    def _make_tables(self) -> None:
        with self._engine.begin() as connection:
            for table in TABLES.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))
            version = self._insert(_meta).values(key="schema", value=SCHEMA)
            connection.execute(version.on_conflict_do_nothing())


def _prepare_sqlite(engine: Engine) -> None:
    """Durable and concurrent: a write-ahead log, flushed at each commit; writers wait for each other."""
    file = engine.url.database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch(mode=0o600)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
