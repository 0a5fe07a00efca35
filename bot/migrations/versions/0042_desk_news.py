"""how each person wishes to be told of news; indexes for what waits now and for drafts to approve"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_wishes",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_desk_wishes_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_desk_wishes")),
    )
    op.create_index("ix_cases_waits", "cases", ["state", "citizen_waits", "due_at"])
    op.create_index(op.f("ix_case_drafts_state"), "case_drafts", ["state"])


def downgrade() -> None:
    op.drop_index(op.f("ix_case_drafts_state"), "case_drafts")
    op.drop_index("ix_cases_waits", "cases")
    op.drop_table("desk_wishes")
