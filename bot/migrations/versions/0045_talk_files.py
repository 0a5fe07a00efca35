"""files between a citizen and the clerk who answers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "talk_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("staff_message_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_talk_files_message_id_messages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_message_id"],
            ["staff_messages.id"],
            name=op.f("fk_talk_files_staff_message_id_staff_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_files")),
    )
    for column in ("conversation_id", "message_id", "staff_message_id"):
        op.create_index(op.f(f"ix_talk_files_{column}"), "talk_files", [column])
    op.create_table(
        "talk_file_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["talk_files.id"], name=op.f("fk_talk_file_parts_file_id_talk_files"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_file_parts")),
    )
    op.create_index(op.f("ix_talk_file_parts_file_id"), "talk_file_parts", ["file_id"])


def downgrade() -> None:
    op.drop_table("talk_file_parts")
    op.drop_table("talk_files")
