"""The environment script of Alembic; `bot.migrations` passes the connection."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from bot.db import UTCDateTime
from bot.tables import metadata


def plain_type(kind: str, value: object, _: AutogenContext) -> str | Literal[False]:
    """Renders our own types as SQLAlchemy types, so that old migrations do not depend on current code."""
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
