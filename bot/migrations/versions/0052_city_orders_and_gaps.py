"""orders in the city's own work-order system; questions of departments that were not answered well"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db import UTCDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("state IN ('waiting', 'sent', 'accepted', 'in_progress')")


def upgrade() -> None:
    op.create_table(
        "city_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("to_send", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("outer_number", sa.String(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("heard_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_city_orders_case_id_cases")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["people.id"], name=op.f("fk_city_orders_issued_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_city_orders_number")),
    )
    for column in ("case_id", "next_at"):
        op.create_index(op.f(f"ix_city_orders_{column}"), "city_orders", [column])
    op.create_index(
        "uq_city_orders_open_case",
        "city_orders",
        ["case_id"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    with op.batch_alter_table("case_drafts") as drafts:
        drafts.alter_column("by_id", existing_type=sa.Integer(), nullable=True)
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_gaps_department_code_departments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index("ix_gaps_state_department_code", "gaps", ["state", "department_code"])
    op.create_index(op.f("ix_gaps_week_on"), "gaps", ["week_on"])
    op.create_table(
        "gap_messages",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("gap_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_messages_gap_id_gaps"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_gap_messages_message_id_messages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_gap_messages")),
    )
    op.create_index(op.f("ix_gap_messages_gap_id"), "gap_messages", ["gap_id"])


def downgrade() -> None:
    op.drop_table("gap_messages")
    op.drop_table("gaps")
    # An answer from the other system has no author here.
    op.execute(sa.text("DELETE FROM case_drafts WHERE by_id IS NULL"))
    with op.batch_alter_table("case_drafts") as drafts:
        drafts.alter_column("by_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("city_orders")
