"""pressed buttons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_messages = sa.table("messages", sa.column("text", sa.Text()), sa.column("is_pressed", sa.Boolean()))


def upgrade() -> None:
    op.add_column("messages", sa.Column("is_pressed", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Until now the text of a pressed button was its payload.
    op.execute(sa.update(_messages).where(_messages.c.text.startswith("/")).values(is_pressed=True))


def downgrade() -> None:
    op.drop_column("messages", "is_pressed")
