"""contact"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact_sealed", sa.Text(), nullable=True))


def downgrade() -> None:
    # Not with `batch_alter_table`, which copies the table: other rows refer to this one.
    op.drop_column("cases", "contact_sealed")
