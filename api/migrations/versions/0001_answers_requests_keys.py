"""Answers, ratings, requests and keys: the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "meta", sa.Column("key", sa.String(40), primary_key=True), sa.Column("value", sa.String(200))
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.String(64), primary_key=True),
        _moment("at"),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("lang", sa.String(10), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("generation", sa.String(80), nullable=False),
        sa.Column("writer", sa.String(20), nullable=False),
        sa.Column("chunks", sa.JSON(), nullable=False),
        sa.Column("elapsed_ms", sa.Float(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
    )
    op.create_index("ix_answers_at", "answers", ["at"])
    op.create_table(
        "ratings",
        sa.Column("answer_id", sa.String(64), sa.ForeignKey("answers.id"), primary_key=True),
        _moment("at"),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(20)),
    )
    op.create_table(
        "requests",
        sa.Column("number", sa.String(24), primary_key=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        _moment("at"),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text()),
        sa.Column("answer_id", sa.String(64)),
    )
    op.create_index("ix_requests_at", "requests", ["at"])
    op.create_table(
        "counters", sa.Column("name", sa.String(24), primary_key=True), sa.Column("n", sa.Integer())
    )
    op.create_table(
        "keys",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("prefix", sa.String(8), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        _moment("created"),
        _moment("expires"),
        _moment("revoked", nullable=True),
    )
    op.create_index("ix_keys_prefix", "keys", ["prefix"])


def downgrade() -> None:
    """Back to an empty database."""
    for table in ("ratings", "answers", "requests", "counters", "keys", "meta"):
        op.drop_table(table)
