"""kinds of cases"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("kind", sa.String(), nullable=False, server_default="question"))
    op.create_index("ix_cases_kind", "cases", ["kind"])


def downgrade() -> None:
    # Not with `batch_alter_table`, which copies the table: other rows refer to this one.
    op.drop_index("ix_cases_kind", "cases")
    op.drop_column("cases", "kind")
