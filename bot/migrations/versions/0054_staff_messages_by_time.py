"""staff messages by time: the outbox asks for the newest again and again, and read all there were"""

from __future__ import annotations

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_staff_messages_at"), "staff_messages", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_staff_messages_at"), table_name="staff_messages")
