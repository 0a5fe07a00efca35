"""what applicants are about to do with their own request: take it back, supplement it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosure_errands",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt"],
            ["disclosure_requests.receipt"],
            name=op.f("fk_disclosure_errands_receipt_disclosure_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_disclosure_errands")),
    )
    op.create_index(op.f("ix_disclosure_errands_proven_at"), "disclosure_errands", ["proven_at"])


def downgrade() -> None:
    op.drop_table("disclosure_errands")
