"""lessons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trainings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("lessons", sa.String(), nullable=True),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("lesson_count", sa.Integer(), nullable=False),
        sa.Column("report_path", sa.String(), nullable=True),
        sa.Column("agreed_by", sa.String(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("former_model", sa.String(), nullable=True),
        sa.Column("former_lessons", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    with op.batch_alter_table("trainings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trainings_state"), ["state"], unique=False)

    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("facets", sa.JSON(), nullable=False),
        sa.Column("should_be_refused", sa.Boolean(), nullable=False),
        sa.Column("absent_matter", sa.String(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_lessons_author_id_people")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_lessons_message_id_messages")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["people.id"], name=op.f("fk_lessons_reviewer_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
    )
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lessons_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lessons_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lessons_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lessons_state"))
        batch_op.drop_index(batch_op.f("ix_lessons_message_id"))
        batch_op.drop_index(batch_op.f("ix_lessons_author_id"))

    op.drop_table("lessons")
    with op.batch_alter_table("trainings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trainings_state"))

    op.drop_table("trainings")
