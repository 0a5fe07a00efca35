"""api keys; documents keep only http(s) links"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db import UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_api_keys_key_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_api_keys_name")),
    )
    documents = sa.table("documents", sa.column("url", sa.String()))
    is_of_the_web = documents.c.url.startswith("http://") | documents.c.url.startswith("https://")
    op.execute(sa.update(documents).where(sa.not_(is_of_the_web)).values(url=None))
    op.add_column("conversations", sa.Column("owner_digest", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("conversations", "owner_digest")
    op.drop_table("api_keys")
