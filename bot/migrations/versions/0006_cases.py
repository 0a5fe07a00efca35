"""cases"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CASES = sa.table(
    "cases",
    sa.column("id", sa.Integer),
    sa.column("conversation_id", sa.String),
    sa.column("state", sa.String),
    sa.column("transcript", sa.JSON),
    sa.column("opened_at", sa.DateTime(timezone=True)),
    sa.column("waiting_since", sa.DateTime(timezone=True)),
    sa.column("question", sa.Text),
    sa.column("searched_text", sa.Text),
    sa.column("priority", sa.String),
    sa.column("tags", sa.JSON),
    sa.column("citizen_waits", sa.Boolean),
    sa.column("due_at", sa.DateTime(timezone=True)),
    sa.column("closed_at", sa.DateTime(timezone=True)),
    sa.column("outcome", sa.String),
    sa.column("merged_into_id", sa.Integer),
)
_EVENTS = sa.table(
    "case_events",
    sa.column("case_id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("action", sa.String),
    sa.column("to_state", sa.String),
    sa.column("why", sa.Text),
)


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("question", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("searched_text", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("priority", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("tags", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("department_code", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("claimed_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("citizen_waits", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))

    survivors = _fill_in_cases()
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.alter_column("question", existing_type=sa.Text(), nullable=False)
        batch_op.alter_column("searched_text", existing_type=sa.Text(), nullable=False)
        batch_op.alter_column("priority", existing_type=sa.String(), nullable=False)
        batch_op.alter_column("tags", existing_type=sa.JSON(), nullable=False)
        batch_op.alter_column("citizen_waits", existing_type=sa.Boolean(), nullable=False)
        batch_op.create_index(batch_op.f("ix_cases_claimed_by_id"), ["claimed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_department_code"), ["department_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index(
            "uq_cases_open_conversation",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.create_foreign_key(batch_op.f("fk_cases_merged_into_id_cases"), "cases", ["merged_into_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_cases_claimed_by_id_people"), "people", ["claimed_by_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_cases_department_code_departments"), "departments", ["department_code"], ["code"]
        )

    # After the changes to `cases`: SQLite recreates that table, and cannot drop a table that others refer to.
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_canned_replies_department_code_departments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
        sa.UniqueConstraint("title", name=op.f("uq_canned_replies_title")),
    )
    op.create_table(
        "case_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_case_drafts_by_id_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_drafts_case_id_cases")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["people.id"], name=op.f("fk_case_drafts_reviewer_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_drafts")),
    )
    with op.batch_alter_table("case_drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_drafts_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases")),
        sa.ForeignKeyConstraint(["who_id"], ["people.id"], name=op.f("fk_case_events_who_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_events_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_events_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_case_notes_by_id_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_notes_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
    )
    with op.batch_alter_table("case_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_notes_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_ratings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_ratings_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_ratings")),
    )
    with op.batch_alter_table("case_ratings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_ratings_case_id"), ["case_id"], unique=False)

    op.create_table(
        "staff_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_staff_messages_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_messages")),
    )
    with op.batch_alter_table("staff_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_messages_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_messages_conversation_id"), ["conversation_id"], unique=False)

    for closed, survivor in survivors.items():
        op.execute(sa.update(_CASES).where(_CASES.c.id == closed).values(merged_into_id=survivor))
    opened = sa.select(_CASES.c.id, _CASES.c.opened_at, sa.literal("open"), sa.literal("new"), sa.literal(""))
    op.execute(sa.insert(_EVENTS).from_select(["case_id", "at", "action", "to_state", "why"], opened))


def _fill_in_cases() -> dict[int, int]:
    """Fills the new columns of the cases. If a conversation has several open cases, the oldest stays open.

    Old open cases are overdue, so that they come first in the list.
    Returns closed case → the case to merge it into.
    """
    connection = op.get_bind()
    first_open: dict[str, int] = {}
    survivors: dict[int, int] = {}
    for case in connection.execute(sa.select(_CASES).order_by(_CASES.c.id)).all():
        said = [line["text"] for line in case.transcript if line["by"] == "citizen"]
        question = said[-1] if said else ""
        lines = "\n".join([question, *(line["text"] for line in case.transcript)])
        values: dict[str, object] = {"question": question, "searched_text": lines, "citizen_waits": True}
        values |= {"priority": "normal", "tags": []}
        if case.state != "closed" and case.conversation_id in first_open:
            survivors[case.id] = first_open[case.conversation_id]
            values |= {"state": "closed", "outcome": "merged", "closed_at": case.waiting_since}
        elif case.state != "closed":
            first_open[case.conversation_id] = case.id
            values |= {"due_at": case.waiting_since}
        connection.execute(sa.update(_CASES).where(_CASES.c.id == case.id).values(**values))
    return survivors


def downgrade() -> None:
    with op.batch_alter_table("staff_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_messages_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_staff_messages_case_id"))

    op.drop_table("staff_messages")
    with op.batch_alter_table("case_ratings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_ratings_case_id"))

    op.drop_table("case_ratings")
    with op.batch_alter_table("case_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_notes_case_id"))

    op.drop_table("case_notes")
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_events_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_events_at"))

    op.drop_table("case_events")
    with op.batch_alter_table("case_drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_drafts_case_id"))

    op.drop_table("case_drafts")
    op.drop_table("canned_replies")

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_cases_department_code_departments"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_cases_claimed_by_id_people"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_cases_merged_into_id_cases"), type_="foreignkey")
        batch_op.drop_index(
            "uq_cases_open_conversation",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.drop_index(batch_op.f("ix_cases_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_cases_due_at"))
        batch_op.drop_index(batch_op.f("ix_cases_department_code"))
        batch_op.drop_index(batch_op.f("ix_cases_claimed_by_id"))
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("outcome")
        batch_op.drop_column("snoozed_until")
        batch_op.drop_column("due_at")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("answered_at")
        batch_op.drop_column("first_reply_at")
        batch_op.drop_column("citizen_waits")
        batch_op.drop_column("reopened_at")
        batch_op.drop_column("claimed_by_id")
        batch_op.drop_column("department_code")
        batch_op.drop_column("tags")
        batch_op.drop_column("priority")
        batch_op.drop_column("searched_text")
        batch_op.drop_column("question")
