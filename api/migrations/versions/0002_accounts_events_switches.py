"""Accounts with sessions, the audit trail, switches, and keys with scopes and quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SCOPES = '["ask", "search", "guides", "ratings", "requests"]'
_NO_CHANGE = "the audit trail is append-only"
_KEPT_DAYS = 183
"""Days that no statement may delete an event; the law asks for six months."""


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """To this revision."""
    op.execute("DELETE FROM meta WHERE key = 'schema'")
    with op.batch_alter_table("keys") as batch:
        batch.add_column(sa.Column("scopes", sa.JSON(), nullable=False, server_default=_SCOPES))
        batch.add_column(sa.Column("per_minute", sa.Integer(), nullable=False, server_default="60"))
        batch.add_column(sa.Column("per_day", sa.Integer(), nullable=False, server_default="5000"))
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("unit", sa.String(80)),
        sa.Column("password", sa.String(200)),
        sa.Column("subject", sa.String(400), unique=True),
        _moment("created"),
        _moment("disabled", nullable=True),
    )
    op.create_table("sessions", *_held_by_account(), _moment("created"), _moment("seen"), _moment("expires"))
    op.create_table("links", *_held_by_account(), _moment("expires"))
    for table in ("sessions", "links"):
        op.create_index(f"ix_{table}_account", table, ["account"])
    op.create_table(
        "switches",
        sa.Column("target", sa.String(120), primary_key=True),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        _moment("at"),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        _moment("at"),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("target", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )
    op.create_index("ix_events_at", "events", ["at"])
    _guard_events()


def downgrade() -> None:
    """Back to the first release; what only this one knows is lost."""
    for table in ("events", "switches", "links", "sessions", "accounts"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION events_guard()")
    with op.batch_alter_table("keys") as batch:
        for name in ("scopes", "per_minute", "per_day"):
            batch.drop_column(name)
    op.execute("INSERT INTO meta (key, value) VALUES ('schema', '1')")


def _held_by_account() -> list[sa.Column[object]]:
    owner = sa.ForeignKey("accounts.name", ondelete="CASCADE")
    return [
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(80), owner, nullable=False),
    ]


def _guard_events() -> None:
    """The database itself refuses to change an event, and to delete a recent one."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END"
        op.execute(f"CREATE TRIGGER events_no_update BEFORE UPDATE ON events {refuse}")
        recent = f"OLD.at > datetime('now', '-{_KEPT_DAYS} days')"
        op.execute(f"CREATE TRIGGER events_no_delete BEFORE DELETE ON events WHEN {recent} {refuse}")
        return
    op.execute(
        f"""CREATE FUNCTION events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' AND OLD.at <= now() - interval '{_KEPT_DAYS} days' THEN
            RETURN OLD;
          END IF;
          RAISE EXCEPTION '{_NO_CHANGE}';
        END $$"""
    )
    op.execute(
        "CREATE TRIGGER events_guard BEFORE UPDATE OR DELETE ON events "
        "FOR EACH ROW EXECUTE FUNCTION events_guard()"
    )
