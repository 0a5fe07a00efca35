"""what is typed and not sent yet, colleagues named in notes, cases found by their contact, saved views of the queue"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_unsent_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_unsent_texts_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_case_unsent_texts_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_unsent_texts")),
        sa.UniqueConstraint("case_id", "person_id", "act", name=op.f("uq_case_unsent_texts_case_id_person_id_act")),
    )
    op.create_index(op.f("ix_case_unsent_texts_person_id"), "case_unsent_texts", ["person_id"])
    op.create_table(
        "case_mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_mentions_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_case_mentions_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_mentions")),
    )
    op.create_index(op.f("ix_case_mentions_case_id"), "case_mentions", ["case_id"])
    op.create_index("ix_case_mentions_unseen", "case_mentions", ["person_id", "seen_at"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_saved_views_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("person_id", "title", name=op.f("uq_saved_views_person_id_title")),
    )
    op.create_index(op.f("ix_saved_views_person_id"), "saved_views", ["person_id"])
    op.add_column("cases", sa.Column("contact_digest", sa.String(), nullable=True))
    op.create_index(op.f("ix_cases_contact_digest"), "cases", ["contact_digest"])


def downgrade() -> None:
    op.drop_index(op.f("ix_cases_contact_digest"), "cases")
    op.drop_column("cases", "contact_digest")
    op.drop_table("saved_views")
    op.drop_table("case_mentions")
    op.drop_table("case_unsent_texts")
