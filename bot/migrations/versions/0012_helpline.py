"""helpline"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "helpline_nonces",
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_helpline_nonces")),
    )
    with op.batch_alter_table("helpline_nonces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helpline_nonces_at"), ["at"], unique=False)

    op.create_table(
        "helpline_subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("user_digest", sa.String(), nullable=False),
        sa.Column("user_sealed", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("screens", sa.JSON(), nullable=False),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_why", sa.Text(), nullable=False),
        sa.Column("answering_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sending_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helpline_subscribers")),
        sa.UniqueConstraint("channel", "user_digest", name=op.f("uq_helpline_subscribers_channel_user_digest")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_helpline_subscribers_conversation_id")),
    )
    with op.batch_alter_table("helpline_subscribers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helpline_subscribers_blocked_at"), ["blocked_at"], unique=False)

    op.create_table(
        "helpline_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["helpline_subscribers.id"],
            name=op.f("fk_helpline_consents_subscriber_id_helpline_subscribers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helpline_consents")),
    )
    with op.batch_alter_table("helpline_consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helpline_consents_subscriber_id"), ["subscriber_id"], unique=False)

    op.create_table(
        "helpline_inbound",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("gateway_id", sa.String(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=True),
        sa.Column("reference", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["helpline_subscribers.id"],
            name=op.f("fk_helpline_inbound_subscriber_id_helpline_subscribers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helpline_inbound")),
        sa.UniqueConstraint("channel", "gateway_id", name=op.f("uq_helpline_inbound_channel_gateway_id")),
    )
    with op.batch_alter_table("helpline_inbound", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helpline_inbound_received_at"), ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_helpline_inbound_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_helpline_inbound_subscriber_id"), ["subscriber_id"], unique=False)

    op.create_table(
        "helpline_outgoing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        sa.Column("staff_message_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("gateway_id", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["helpline_inbound.id"], name=op.f("fk_helpline_outgoing_inbound_id_helpline_inbound")
        ),
        sa.ForeignKeyConstraint(
            ["staff_message_id"],
            ["staff_messages.id"],
            name=op.f("fk_helpline_outgoing_staff_message_id_staff_messages"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["helpline_subscribers.id"],
            name=op.f("fk_helpline_outgoing_subscriber_id_helpline_subscribers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helpline_outgoing")),
        sa.UniqueConstraint("key", name=op.f("uq_helpline_outgoing_key")),
        sa.UniqueConstraint(
            "subscriber_id", "staff_message_id", name=op.f("uq_helpline_outgoing_subscriber_id_staff_message_id")
        ),
    )
    with op.batch_alter_table("helpline_outgoing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helpline_outgoing_gateway_id"), ["gateway_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_helpline_outgoing_inbound_id"), ["inbound_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_helpline_outgoing_sent_at"), ["sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_helpline_outgoing_staff_message_id"), ["staff_message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_helpline_outgoing_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_helpline_outgoing_subscriber_id"), ["subscriber_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("helpline_outgoing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helpline_outgoing_subscriber_id"))
        batch_op.drop_index(batch_op.f("ix_helpline_outgoing_state"))
        batch_op.drop_index(batch_op.f("ix_helpline_outgoing_staff_message_id"))
        batch_op.drop_index(batch_op.f("ix_helpline_outgoing_sent_at"))
        batch_op.drop_index(batch_op.f("ix_helpline_outgoing_inbound_id"))
        batch_op.drop_index(batch_op.f("ix_helpline_outgoing_gateway_id"))

    op.drop_table("helpline_outgoing")
    with op.batch_alter_table("helpline_inbound", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helpline_inbound_subscriber_id"))
        batch_op.drop_index(batch_op.f("ix_helpline_inbound_state"))
        batch_op.drop_index(batch_op.f("ix_helpline_inbound_received_at"))

    op.drop_table("helpline_inbound")
    with op.batch_alter_table("helpline_consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helpline_consents_subscriber_id"))

    op.drop_table("helpline_consents")
    with op.batch_alter_table("helpline_subscribers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helpline_subscribers_blocked_at"))

    op.drop_table("helpline_subscribers")
    with op.batch_alter_table("helpline_nonces", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helpline_nonces_at"))

    op.drop_table("helpline_nonces")
