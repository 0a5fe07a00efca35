"""what the national list says of items besides our columns, and agencies' own numbers of disclosure requests"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("particulars", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("disclosure_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own_number", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_disclosure_requests_own_number"), ["own_number"])


def downgrade() -> None:
    with op.batch_alter_table("disclosure_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_requests_own_number"))
        batch_op.drop_column("own_number")
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_column("particulars")
