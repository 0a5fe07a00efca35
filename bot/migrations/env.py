"""Alembic's entry: called by `bot.migrations.upgrade`, with a connection to the database of the settings."""

from alembic import context

from bot.migrations import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata(), render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
