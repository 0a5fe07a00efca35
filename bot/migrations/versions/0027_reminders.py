"""which reminders of disclosure requests were sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosure_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt"],
            ["disclosure_requests.receipt"],
            name=op.f("fk_disclosure_reminders_receipt_disclosure_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_reminders")),
        sa.UniqueConstraint("receipt", "kind", "day", name=op.f("uq_disclosure_reminders_receipt_kind_day")),
    )


def downgrade() -> None:
    op.drop_table("disclosure_reminders")
