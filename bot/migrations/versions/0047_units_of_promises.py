"""the unit in which items and joint services promise their time: working days until now"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0040"
branch_labels = None
depends_on = None

_TABLES = ("items", "joint_services")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("promised_unit", sa.String(), server_default="working_days", nullable=False))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "promised_unit")
