"""public letters: query codes, holds and consents of letters, published ones, and who shares their concern"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("query_code_hash", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.String(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("is_public_wished", sa.Boolean(), nullable=False),
        sa.Column("public_title", sa.Text(), nullable=False),
        sa.Column("public_question", sa.Text(), nullable=False),
        sa.Column("public_answer", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_voices_case_id_cases")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["people.id"], name=op.f("fk_voices_proposed_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voices")),
        sa.UniqueConstraint("case_id", name=op.f("uq_voices_case_id")),
    )
    op.create_index(op.f("ix_voices_text_digest"), "voices", ["text_digest"])
    op.create_table(
        "public_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_public_letters_department_code_departments")
        ),
        sa.ForeignKeyConstraint(["id"], ["voices.id"], name=op.f("fk_public_letters_id_voices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_letters")),
    )
    op.create_index(op.f("ix_public_letters_published_at"), "public_letters", ["published_at"])
    op.create_table(
        "public_letter_concerns",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("visitor_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["public_letters.id"], name=op.f("fk_public_letter_concerns_letter_id_public_letters")
        ),
        sa.PrimaryKeyConstraint("letter_id", "visitor_digest", name=op.f("pk_public_letter_concerns")),
    )


def downgrade() -> None:
    for table in ("public_letter_concerns", "public_letters", "voices"):
        op.drop_table(table)
