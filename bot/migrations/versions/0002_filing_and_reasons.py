"""filing and reasons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REQUESTS = sa.table("disclosure_requests", sa.column("applicant_kind", sa.String))
# The register had three kinds of applicants, the yearly report has six. A clerk can correct the kind of a 法人.
_KINDS = {"自然人": "natural_person", "法人": "company", "其他组织": "other"}


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_log_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_subject"), ["subject"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_who"), ["who"], unique=False)

    op.create_table(
        "disclosure_applicants",
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt"],
            ["disclosure_requests.receipt"],
            name=op.f("fk_disclosure_applicants_receipt_disclosure_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_disclosure_applicants")),
    )
    with op.batch_alter_table("disclosure_applicants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosure_applicants_digest"), ["digest"], unique=False)

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("awaits", sa.String(), nullable=True))

    with op.batch_alter_table("disclosure_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", sa.String(), nullable=True))

    with op.batch_alter_table("disclosure_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form_wanted", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("delivery", sa.String(), nullable=True))

    for old, new in _KINDS.items():
        op.execute(sa.update(_REQUESTS).where(_REQUESTS.c.applicant_kind == old).values(applicant_kind=new))


def downgrade() -> None:
    for old, new in _KINDS.items():
        op.execute(sa.update(_REQUESTS).where(_REQUESTS.c.applicant_kind == new).values(applicant_kind=old))

    with op.batch_alter_table("disclosure_requests", schema=None) as batch_op:
        batch_op.drop_column("delivery")
        batch_op.drop_column("form_wanted")

    with op.batch_alter_table("disclosure_events", schema=None) as batch_op:
        batch_op.drop_column("reason")

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("awaits")

    with op.batch_alter_table("disclosure_applicants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_applicants_digest"))

    op.drop_table("disclosure_applicants")
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_log_who"))
        batch_op.drop_index(batch_op.f("ix_audit_log_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_log_at"))

    op.drop_table("audit_log")
