"""What Alembic runs: the revisions over the connection that the store hands in."""

from alembic import context

from api.tables import TABLES

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TABLES,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
