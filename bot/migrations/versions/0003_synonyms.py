"""synonyms"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "synonyms",
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("written", name=op.f("pk_synonyms")),
    )


def downgrade() -> None:
    op.drop_table("synonyms")
