"""reconsiderations and lawsuits about disclosure work that is no request"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("disclosure_contests", schema=None) as batch_op:
        batch_op.alter_column("receipt", existing_type=sa.String(), nullable=True)
        batch_op.add_column(sa.Column("department_code", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_disclosure_contests_department_code_departments"),
            "departments",
            ["department_code"],
            ["code"],
        )


def downgrade() -> None:
    op.execute("DELETE FROM disclosure_contests WHERE receipt IS NULL")
    with op.batch_alter_table("disclosure_contests", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_disclosure_contests_department_code_departments"), type_="foreignkey")
        batch_op.drop_column("department_code")
        batch_op.alter_column("receipt", existing_type=sa.String(), nullable=False)
