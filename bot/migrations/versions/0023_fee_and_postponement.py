"""events of a disclosure request: a fee is notified, an answer is postponed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("disclosure_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("amount", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("pay_by", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("until", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("disclosure_events", schema=None) as batch_op:
        batch_op.drop_column("until")
        batch_op.drop_column("pay_by")
        batch_op.drop_column("amount")
