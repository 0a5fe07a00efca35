"""oversight of disclosure: reconsideration and lawsuits, yearly reports, complaints, orders to correct"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosure_contests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("case_number", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_contests")),
    )
    op.create_index(op.f("ix_disclosure_contests_receipt"), "disclosure_contests", ["receipt"])
    op.create_table(
        "yearly_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("organ", sa.String(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_reports")),
        sa.UniqueConstraint("year", "organ", name=op.f("uq_yearly_reports_year_organ")),
    )
    op.create_table(
        "disclosure_complaints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("query_code_hash", sa.String(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("finding", sa.String(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_disclosure_complaints_department_code_departments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_complaints")),
        sa.UniqueConstraint("number", name=op.f("uq_disclosure_complaints_number")),
    )
    for column in ("department_code", "filed_at"):
        op.create_index(op.f(f"ix_disclosure_complaints_{column}"), "disclosure_complaints", [column])
    op.create_table(
        "disclosure_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_disclosure_orders_department_code_departments")
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["disclosure_complaints.id"],
            name=op.f("fk_disclosure_orders_complaint_id_disclosure_complaints"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_disclosure_orders_number")),
    )
    for column in ("department_code", "state"):
        op.create_index(op.f(f"ix_disclosure_orders_{column}"), "disclosure_orders", [column])
    op.create_table(
        "oversight_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversight_events")),
    )
    op.create_index("ix_oversight_events_subject", "oversight_events", ["subject", "id"])


def downgrade() -> None:
    for table in (
        "oversight_events",
        "disclosure_orders",
        "disclosure_complaints",
        "yearly_reports",
        "disclosure_contests",
    ):
        op.drop_table(table)
