"""what citizens said, and what was written about them, is sealed"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.sealing import own_sealer

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BATCH_ROWS = 500
_TEXTS = {
    "messages": ("id", ("text",)),
    "staff_messages": ("id", ("text",)),
    "cases": ("id", ("question",)),
    "case_events": ("id", ("why",)),
    "case_notes": ("id", ("text",)),
    "case_drafts": ("id", ("text", "why")),
    "case_ratings": ("id", ("why",)),
    "helpline_subscribers": ("id", ("blocked_why",)),
    "helpline_outgoing": ("id", ("text",)),
    "disclosure_requests": ("receipt", ("description",)),
    "disclosure_events": ("id", ("note",)),
    "struck_requests": ("id", ("why",)),
}
_JSON = {
    "messages": "replies",
    "cases": "transcript",
    "helpline_subscribers": "screens",
    "struck_requests": "content",
}


def upgrade() -> None:
    for table, column in _JSON.items():
        _change_type(table, column, sa.Text())
    _rewrite(own_sealer().seal)
    # The old rows contain client addresses in clear, and are only needed for some minutes.
    op.execute(sa.delete(sa.table("lookup_attempts")))


def downgrade() -> None:
    _rewrite(own_sealer().open)
    for table, column in _JSON.items():
        _change_type(table, column, sa.JSON())


def _change_type(table: str, column: str, kind: sa.types.TypeEngine[Any]) -> None:
    """Changes the type of a column without copying the table, because other rows refer to its rows."""
    op.add_column(table, sa.Column("changed", kind, nullable=False, server_default=sa.text("'[]'")))
    whole = sa.table(table, sa.column(column), sa.column("changed"))
    value: sa.ColumnElement[Any] = whole.c[column]
    if op.get_bind().dialect.name == "postgresql":
        value = sa.cast(value, kind)
    op.execute(sa.update(whole).values(changed=value))
    op.drop_column(table, column)
    op.alter_column(table, "changed", new_column_name=column)


def _rewrite(change: Callable[[str], str]) -> None:
    for table, (key, texts) in _TEXTS.items():
        columns = (*texts, *([_JSON[table]] if table in _JSON else ()))
        whole = sa.table(table, sa.column(key), *map(sa.column, columns))
        for row in _rows(whole, key):
            changed = {name: change(row[name]) for name in columns if row[name] is not None}
            op.execute(sa.update(whole).where(whole.c[key] == row[key]).values(changed))


def _rows(whole: sa.TableClause, key: str) -> Iterator[sa.RowMapping]:
    last: Any = None
    while True:
        query = sa.select(whole).order_by(whole.c[key]).limit(_BATCH_ROWS)
        rows = op.get_bind().execute(query if last is None else query.where(whole.c[key] > last)).mappings().all()
        if not rows:
            return
        yield from rows
        last = rows[-1][key]
