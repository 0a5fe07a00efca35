"""incidents and done acts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("began_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(op.f("ix_incidents_began_at"), "incidents", ["began_at"])
    goes_on = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_incidents_open_kind", "incidents", ["kind"], unique=True, sqlite_where=goes_on, postgresql_where=goes_on
    )
    op.create_table(
        "done_acts",
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("result_sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_done_acts")),
    )
    op.create_index(op.f("ix_done_acts_at"), "done_acts", ["at"])


def downgrade() -> None:
    op.drop_table("done_acts")
    op.drop_table("incidents")
