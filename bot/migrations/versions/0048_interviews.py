"""question time: talks, their pictures, questions with answers, and who shares their concern"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db import UTCDateTime

revision = "0048"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=True),
        sa.Column("guests", sa.JSON(), nullable=False),
        sa.Column("begins_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("questions_until", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_interviews_department_code_departments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
    )
    for column in ("department_code", "state"):
        op.create_index(op.f(f"ix_interviews_{column}"), "interviews", [column])
    op.create_table(
        "interview_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("caption", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_interview_pictures_interview_id_interviews")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_pictures")),
    )
    op.create_index(op.f("ix_interview_pictures_interview_id"), "interview_pictures", ["interview_id"])
    op.create_table(
        "interview_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("query_code_hash", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("corrected_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_interview_questions_interview_id_interviews")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_questions")),
        sa.UniqueConstraint("form_id", name=op.f("uq_interview_questions_form_id")),
    )
    for column in ("interview_id", "text_digest", "state"):
        op.create_index(op.f(f"ix_interview_questions_{column}"), "interview_questions", [column])
    op.create_table(
        "interview_concerns",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("visitor_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["interview_questions.id"],
            name=op.f("fk_interview_concerns_question_id_interview_questions"),
        ),
        sa.PrimaryKeyConstraint("question_id", "visitor_digest", name=op.f("pk_interview_concerns")),
    )


def downgrade() -> None:
    for table in ("interview_concerns", "interview_questions", "interview_pictures", "interviews"):
        op.drop_table(table)
