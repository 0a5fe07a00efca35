"""files that applicants hand in with a supplement"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("answer_files", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_supplement", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("answer_files", schema=None) as batch_op:
        batch_op.drop_column("is_supplement")
