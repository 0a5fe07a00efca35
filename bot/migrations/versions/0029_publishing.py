"""publishing on the organ's own motion: organs, duties, information, tasks, corrections, proposals"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publishing_gazettes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publishing_gazettes")),
        sa.UniqueConstraint("title", name=op.f("uq_publishing_gazettes_title")),
    )
    op.create_index(op.f("ix_publishing_gazettes_published_on"), "publishing_gazettes", ["published_on"])
    op.create_table(
        "publishing_organs",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=True),
        sa.Column("in_charge", sa.Boolean(), nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("office_address", sa.String(), nullable=False),
        sa.Column("office_hours", sa.String(), nullable=False),
        sa.Column("office_phone", sa.String(), nullable=False),
        sa.Column("fax", sa.String(), nullable=False),
        sa.Column("online", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_publishing_organs")),
        sa.UniqueConstraint("name", name=op.f("uq_publishing_organs_name")),
    )
    op.create_index(op.f("ix_publishing_organs_department_code"), "publishing_organs", ["department_code"])
    op.create_table(
        "publishing_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publishing_places")),
    )
    op.create_table(
        "correction_requests",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("query_code_hash", sa.String(), nullable=False),
        sa.Column("organ_code", sa.String(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organ_code"], ["publishing_organs.code"], name=op.f("fk_correction_requests_organ_code_publishing_organs")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_correction_requests")),
    )
    op.create_index(op.f("ix_correction_requests_organ_code"), "correction_requests", ["organ_code"])
    op.create_index(op.f("ix_correction_requests_received_at"), "correction_requests", ["received_at"])
    op.create_table(
        "publishing_duties",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("organ_code", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("frequency", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.Column("term_basis", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organ_code"],
            ["publishing_organs.code"],
            name=op.f("fk_publishing_duties_organ_code_publishing_organs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_publishing_duties")),
    )
    op.create_index(op.f("ix_publishing_duties_organ_code"), "publishing_duties", ["organ_code"])
    op.create_table(
        "publishing_leaders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organ_code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organ_code"],
            ["publishing_organs.code"],
            name=op.f("fk_publishing_leaders_organ_code_publishing_organs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publishing_leaders")),
    )
    op.create_index(op.f("ix_publishing_leaders_organ_code"), "publishing_leaders", ["organ_code"])
    op.create_table(
        "published_information",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("index_number", sa.String(), nullable=False),
        sa.Column("organ_code", sa.String(), nullable=False),
        sa.Column("duty_code", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.Column("withheld_why", sa.Text(), nullable=False),
        sa.Column("receipts", sa.JSON(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_published_information_document_id_documents"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["duty_code"],
            ["publishing_duties.code"],
            name=op.f("fk_published_information_duty_code_publishing_duties"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organ_code"],
            ["publishing_organs.code"],
            name=op.f("fk_published_information_organ_code_publishing_organs"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_information")),
        sa.UniqueConstraint("index_number", name=op.f("uq_published_information_index_number")),
    )
    op.create_index(op.f("ix_published_information_due_on"), "published_information", ["due_on"])
    op.create_index(op.f("ix_published_information_made_on"), "published_information", ["made_on"])
    op.create_index(op.f("ix_published_information_organ_code"), "published_information", ["organ_code"])
    op.create_index(op.f("ix_published_information_published_on"), "published_information", ["published_on"])
    op.create_index(op.f("ix_published_information_subject"), "published_information", ["subject"])
    op.create_table(
        "publishing_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=False),
        sa.Column("receipts", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("applicants", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("information_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["information_id"],
            ["published_information.id"],
            name=op.f("fk_publishing_proposals_information_id_published_information"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publishing_proposals")),
        sa.UniqueConstraint("key", name=op.f("uq_publishing_proposals_key")),
    )
    op.create_index(op.f("ix_publishing_proposals_department_code"), "publishing_proposals", ["department_code"])
    op.create_table(
        "publishing_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("organ_code", sa.String(), nullable=False),
        sa.Column("information_id", sa.Integer(), nullable=True),
        sa.Column("duty_code", sa.String(), nullable=True),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duty_code"],
            ["publishing_duties.code"],
            name=op.f("fk_publishing_tasks_duty_code_publishing_duties"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["information_id"],
            ["published_information.id"],
            name=op.f("fk_publishing_tasks_information_id_published_information"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organ_code"],
            ["publishing_organs.code"],
            name=op.f("fk_publishing_tasks_organ_code_publishing_organs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publishing_tasks")),
        sa.UniqueConstraint("key", name=op.f("uq_publishing_tasks_key")),
    )
    op.create_index(op.f("ix_publishing_tasks_organ_code"), "publishing_tasks", ["organ_code"])


def downgrade() -> None:
    for table in (
        "publishing_tasks",
        "publishing_proposals",
        "published_information",
        "publishing_leaders",
        "publishing_duties",
        "correction_requests",
        "publishing_places",
        "publishing_organs",
        "publishing_gazettes",
    ):
        op.drop_table(table)
