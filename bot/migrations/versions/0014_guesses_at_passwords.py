"""failed sign-ins of each client; passwords that must be changed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_in_failures_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index("ix_sign_in_failures_person_id_client", "sign_in_failures", ["person_id", "client"])
    op.create_index(op.f("ix_sign_in_failures_at"), "sign_in_failures", ["at"])
    # Not with `batch_alter_table`, which copies the table: other rows refer to this one.
    op.drop_column("people", "failed_count")
    op.drop_column("people", "locked_until")
    op.add_column("people", sa.Column("must_change_password", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("people", "must_change_password")
    op.add_column("people", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("people", sa.Column("failed_count", sa.Integer(), server_default="0", nullable=False))
    op.drop_index(op.f("ix_sign_in_failures_at"), table_name="sign_in_failures")
    op.drop_index("ix_sign_in_failures_person_id_client", table_name="sign_in_failures")
    op.drop_table("sign_in_failures")
