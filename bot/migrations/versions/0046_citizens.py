"""citizens who sign in: their sessions and which matters are theirs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db import UTCDateTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "citizen_sign_ins",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_citizen_sign_ins")),
    )
    for column in ("subject", "seen_at"):
        op.create_index(op.f(f"ix_citizen_sign_ins_{column}"), "citizen_sign_ins", [column])
    op.create_table(
        "citizen_matters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_matters")),
        sa.UniqueConstraint("subject", "kind", "number", name=op.f("uq_citizen_matters_subject_kind_number")),
    )
    op.create_index(op.f("ix_citizen_matters_added_at"), "citizen_matters", ["added_at"])


def downgrade() -> None:
    op.drop_table("citizen_matters")
    op.drop_table("citizen_sign_ins")
