"""what changed in the published documents and who changed it; documents that are withdrawn; what a key is for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("source", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scope", sa.String(), server_default="chat", nullable=False))
    op.create_table(
        "document_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_document_changes_document_id_documents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_changes")),
    )
    op.create_index(op.f("ix_document_changes_document_id"), "document_changes", ["document_id"])
    # Versions that were stored before are told without a name.
    op.execute(
        "INSERT INTO document_changes (document_id, at, who, kind, version) "
        "SELECT document_id, imported_at, '', CASE WHEN number = 1 THEN 'added' ELSE 'changed' END, number "
        "FROM document_versions ORDER BY id"
    )


def downgrade() -> None:
    op.drop_table("document_changes")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_column("scope")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_column("source")
        batch_op.drop_column("withdrawn_at")
