"""Requests that are sent again are filed once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("requests") as batch:
        batch.add_column(sa.Column("sent_once", sa.String(64), nullable=True))
        batch.create_unique_constraint("uq_requests_sent_once", ["sent_once"])


def downgrade() -> None:
    """Back; what is sent again is filed again."""
    with op.batch_alter_table("requests") as batch:
        batch.drop_constraint("uq_requests_sent_once", type_="unique")
        batch.drop_column("sent_once")
