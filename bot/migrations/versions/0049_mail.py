"""urgent texts, texts asked for once, ceilings of a day, links to conversations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db import UTCDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("helpline_outgoing") as batch_op:
        for column in ("is_urgent", "is_asked_once"):
            batch_op.add_column(sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(op.f("ix_helpline_outgoing_is_asked_once"), ["is_asked_once"])
    op.create_table(
        "helpline_ceilings",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_helpline_ceilings")),
    )
    op.create_table(
        "talk_links",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_talk_links_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_talk_links")),
    )
    for column in ("conversation_id", "made_at"):
        op.create_index(op.f(f"ix_talk_links_{column}"), "talk_links", [column])


def downgrade() -> None:
    op.drop_table("talk_links")
    op.drop_table("helpline_ceilings")
    with op.batch_alter_table("helpline_outgoing") as batch_op:
        batch_op.drop_index(op.f("ix_helpline_outgoing_is_asked_once"))
        for column in ("is_asked_once", "is_urgent"):
            batch_op.drop_column(column)
