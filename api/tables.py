"""The tables of the store. Their history is in api/migrations; a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


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
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


TABLES = MetaData()

META = Table("meta", TABLES, Column("key", String(40), primary_key=True), Column("value", String(200)))
"""Single values, such as the moment of the last retention run."""

ANSWERS = Table(
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
    # Empty once the time that question texts are kept has passed.
    Column("question", Text, nullable=False),
)

RATINGS = Table(
    "ratings",
    TABLES,
    Column("answer_id", ForeignKey("answers.id"), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("useful", Boolean, nullable=False),
    Column("reason", String(20)),
)

REQUESTS = Table(
    "requests",
    TABLES,
    Column("number", String(24), primary_key=True),
    Column("code_hash", String(64), nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("due", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    # Empty once the time that texts are kept has passed.
    Column("question", Text, nullable=False),
    Column("contact", Text),
    # The asker's claim, kept as said: the answer itself may not have been recorded.
    Column("answer_id", String(64)),
    # Digest of the key that marks what is sent again; empty where none was sent.
    Column("sent_once", String(64), unique=True),
)

COUNTERS = Table("counters", TABLES, Column("name", String(24), primary_key=True), Column("n", Integer))

KEYS = Table(
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
    Column("scopes", JSON, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("per_day", Integer, nullable=False),
)

ACCOUNTS = Table(
    "accounts",
    TABLES,
    Column("name", String(80), primary_key=True),
    Column("audience", String(20), nullable=False),
    Column("level", String(20), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("unit", String(80)),
    # argon2id, with its own salt and parameters; null for those who sign in elsewhere or not yet.
    Column("password", String(200)),
    # Issuer and subject of the office's own sign-in (OpenID Connect).
    Column("subject", String(400), unique=True),
    Column("created", UtcTime, nullable=False),
    Column("disabled", UtcTime),
)

SESSIONS = Table(
    "sessions",
    TABLES,
    Column("hash", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
)

LINKS = Table(
    "links",
    TABLES,
    Column("hash", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires", UtcTime, nullable=False),
)

SWITCHES = Table(
    "switches",
    TABLES,
    Column("target", String(120), primary_key=True),
    Column("reason", String(400), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("at", UtcTime, nullable=False),
)

EVENTS = Table(
    "events",
    TABLES,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("actor", String(120), nullable=False),
    Column("act", String(40), nullable=False),
    Column("target", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("seal", String(64), nullable=False),
)
