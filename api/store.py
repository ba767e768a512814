"""The store: one open database, SQLite or PostgreSQL by address alone.

Only masked text comes in here. What was written inside `writing()` has been committed when it ends.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from api.tables import META

REVISION = "0003"
"""Newest revision in api/migrations, which this program needs."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "zhinan_writes"
_MIGRATING = 7_214_001
"""Number of PostgreSQL's advisory lock that one worker holds while it migrates."""


class SchemaError(Exception):
    """The store was written by a newer version of this program."""

    def __init__(self, found: str) -> None:
        super().__init__(f"store revision {found}, this program knows {REVISION}")
        self.found = found


class Store:
    """One open database; safe to use from several threads and processes."""

    def __init__(self, address: str) -> None:
        # Parameters are people's words and key digests: they stay out of error messages.
        self._engine = create_engine(address, hide_parameters=True, pool_pre_ping=True)
        if self._engine.dialect.name == "sqlite":
            _prepare_sqlite(self._engine)
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self._engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read with."""
        return self._engine.connect()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose transaction is committed at the end, or undone by an exception.

        On SQLite it holds the write lock from the beginning, so that what it has read still stands when it
        writes.
        """
        with self._engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
            yield connection

    def check_writable(self) -> None:
        """Raise if a row cannot be written now; nothing is changed."""
        with self._engine.connect().execution_options(**{_WRITES: True}) as connection:
            connection.execute(update(META).values(value=META.c.value))
            connection.rollback()

    def scrub(self) -> None:
        """Leave nothing of what was deleted in SQLite's write-ahead log; where somebody still reads the log,
        it is emptied at a later call."""
        if self.is_sqlite:
            connection = self._engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.close()

    def _migrate(self) -> None:
        """Bring the schema to this program's revision; refuse one that it does not know."""
        if self._revision() == REVISION:
            return
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.execute(select(text(f"pg_advisory_xact_lock({_MIGRATING})")))
            _upgrade(connection)

    def _revision(self) -> str | None:
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upsert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that may say what to do on conflict, in the dialect of this database."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _upgrade(connection: Connection) -> None:
    """Run the revisions that are missing; another worker may have run them a moment ago."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    found = inspect(connection)
    if found.has_table("meta") and not found.has_table("alembic_version"):
        # Written by the first release, which counted its schema itself.
        command.stamp(config, "0001")
    if found.has_table("alembic_version"):
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
        try:
            ScriptDirectory.from_config(config).get_revision(revision)
        except CommandError as error:
            raise SchemaError(revision) from error
    command.upgrade(config, "head")


def _prepare_sqlite(engine: Engine) -> None:
    """Durable and concurrent: a write-ahead log, flushed at each commit; writers wait for each other."""
    file = engine.url.database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch(mode=0o600)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        # Transactions are begun below, not by the driver, which would begin them too late.
        connection.isolation_level = None
        # What is deleted is overwritten, so that the file holds nothing of it.
        pragmas = (
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=5000",
            "foreign_keys=ON",
            "secure_delete=ON",
        )
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
