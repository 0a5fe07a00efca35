"""Alembic's entry: called by `bot.migrations.upgrade`, with a connection to the database of the settings."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from bot.db import UTCDateTime
from bot.migrations import metadata


def plain_type(kind: str, value: object, _: AutogenContext) -> str | Literal[False]:
    """Our own types as SQLAlchemy's, so that an old migration does not hang on our code of today."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UTCDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata(),
    render_as_batch=True,
    compare_type=True,
    render_item=plain_type,
)
with context.begin_transaction():
    context.run_migrations()
