"""districts of the city, offices by district, and items that only some districts do"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "districts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("streets", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_districts")),
    )
    # A constraint added by itself makes SQLite copy the table, which it refuses while items refer to offices.
    op.execute(
        "ALTER TABLE offices ADD COLUMN branch_of VARCHAR "
        "CONSTRAINT fk_offices_branch_of_offices REFERENCES offices (code) ON DELETE CASCADE"
    )
    with op.batch_alter_table("offices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("district", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("streets", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("duty", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("longitude", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("latitude", sa.Float(), nullable=True))
        batch_op.create_index(batch_op.f("ix_offices_branch_of"), ["branch_of"])
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("districts", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_column("districts")
    with op.batch_alter_table("offices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offices_branch_of"))
        for column in ("latitude", "longitude", "duty", "streets", "district", "branch_of"):
            batch_op.drop_column(column)
    op.drop_table("districts")
