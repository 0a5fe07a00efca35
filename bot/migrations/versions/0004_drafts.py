"""drafts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosure_drafts",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_disclosure_drafts")),
    )
    with op.batch_alter_table("disclosure_drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosure_drafts_changed_at"), ["changed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("disclosure_drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_drafts_changed_at"))

    op.drop_table("disclosure_drafts")
