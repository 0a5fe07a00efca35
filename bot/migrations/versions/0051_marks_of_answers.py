"""what an answer told and whether it was only likely; marks of reviewers; questions that need no teaching"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("is_likely", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("messages", sa.Column("matter", sa.String(), nullable=True))
    op.create_index(op.f("ix_messages_matter"), "messages", ["matter"])
    op.create_table(
        "answer_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_answer_marks_by_id_people")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_answer_marks_message_id_messages"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_marks")),
        sa.UniqueConstraint("message_id", name=op.f("uq_answer_marks_message_id")),
    )
    op.create_index(op.f("ix_answer_marks_at"), "answer_marks", ["at"])
    op.create_table(
        "questions_set_aside",
        sa.Column("text_digest", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_questions_set_aside_by_id_people")),
        sa.PrimaryKeyConstraint("text_digest", name=op.f("pk_questions_set_aside")),
    )
    op.add_column("trainings", sa.Column("step", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("trainings", "step")
    op.drop_table("questions_set_aside")
    op.drop_table("answer_marks")
    op.drop_index(op.f("ix_messages_matter"), "messages")
    op.drop_column("messages", "matter")
    op.drop_column("messages", "is_likely")
