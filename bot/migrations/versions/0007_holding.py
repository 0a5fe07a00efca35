"""holding"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_case_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    # Not with `batch_alter_table`, which copies the table: other rows refer to this one.
    op.drop_column("conversations", "held_case_id")
