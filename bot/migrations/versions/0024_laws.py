"""laws, their texts, and what cites them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db import UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "law_citations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("short_title", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("articles", sa.Text(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("raised_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_citations")),
        sa.UniqueConstraint(
            "subject", "code", "short_title", "version", name=op.f("uq_law_citations_subject_code_short_title_version")
        ),
    )
    op.create_index(op.f("ix_law_citations_short_title"), "law_citations", ["short_title"])
    op.create_table(
        "laws",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("short_title", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("changed_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laws")),
        sa.UniqueConstraint("title", "published_on", name=op.f("uq_laws_title_published_on")),
    )
    op.create_index(op.f("ix_laws_changed_at"), "laws", ["changed_at"])
    op.create_index(op.f("ix_laws_short_title"), "laws", ["short_title"])
    op.create_table(
        "law_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("law_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["law_id"], ["laws.id"], name=op.f("fk_law_texts_law_id_laws"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_texts")),
        sa.UniqueConstraint("law_id", "name", name=op.f("uq_law_texts_law_id_name")),
    )
    op.create_index(op.f("ix_law_texts_digest"), "law_texts", ["digest"])
    op.create_table(
        "law_articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_id"], ["law_texts.id"], name=op.f("fk_law_articles_text_id_law_texts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_articles")),
    )
    op.create_index(op.f("ix_law_articles_text_id"), "law_articles", ["text_id"])
    op.create_table(
        "law_repeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("article", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_id"], ["law_texts.id"], name=op.f("fk_law_repeals_text_id_law_texts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_repeals")),
    )
    op.create_index(op.f("ix_law_repeals_law"), "law_repeals", ["law"])
    op.create_index(op.f("ix_law_repeals_text_id"), "law_repeals", ["text_id"])


def downgrade() -> None:
    for table in ("law_repeals", "law_articles", "law_texts", "laws", "law_citations"):
        op.drop_table(table)
