"""work orders to departments, call-backs, extensions of the day of closing"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_OPEN_LEAD = sa.text("NOT is_assisting AND state IN ('issued', 'signed', 'extension_asked')")


def upgrade() -> None:
    op.create_table(
        "work_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=False),
        sa.Column("is_assisting", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("sign_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("asked_days", sa.Integer(), nullable=True),
        sa.Column("asked_why", sa.Text(), nullable=False),
        sa.Column("extended_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pressed_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supervised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redo_of_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_work_orders_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_work_orders_department_code_departments")
        ),
        sa.ForeignKeyConstraint(["issued_by_id"], ["people.id"], name=op.f("fk_work_orders_issued_by_id_people")),
        sa.ForeignKeyConstraint(["redo_of_id"], ["work_orders.id"], name=op.f("fk_work_orders_redo_of_id_work_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_orders")),
    )
    op.create_index(op.f("ix_work_orders_case_id"), "work_orders", ["case_id"])
    op.create_index("ix_work_orders_department_code_state", "work_orders", ["department_code", "state"])
    op.create_index(op.f("ix_work_orders_issued_at"), "work_orders", ["issued_at"])
    op.create_index(op.f("ix_work_orders_redo_of_id"), "work_orders", ["redo_of_id"])
    op.create_index("ix_work_orders_state_due_at", "work_orders", ["state", "due_at"])
    op.create_index(
        "uq_work_orders_open_lead",
        "work_orders",
        ["case_id"],
        unique=True,
        sqlite_where=_OPEN_LEAD,
        postgresql_where=_OPEN_LEAD,
    )

    op.create_table(
        "call_backs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("staff_message_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("is_solved", sa.Boolean(), nullable=True),
        sa.Column("is_satisfied", sa.Boolean(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_call_backs_by_id_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_call_backs_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["staff_message_id"], ["staff_messages.id"], name=op.f("fk_call_backs_staff_message_id_staff_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
        sa.UniqueConstraint("staff_message_id", name=op.f("uq_call_backs_staff_message_id")),
    )
    op.create_index(op.f("ix_call_backs_answered_at"), "call_backs", ["answered_at"])
    op.create_index(op.f("ix_call_backs_case_id"), "call_backs", ["case_id"])

    op.add_column("cases", sa.Column("extended_working_days", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("cases", "extended_working_days")
    op.drop_table("call_backs")
    op.drop_table("work_orders")
