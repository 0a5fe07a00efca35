"""notices, their numbers, and the files that go with an answer"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("step_on", sa.Date(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("addressee_masked", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("delivered_by", sa.String(), nullable=True),
        sa.Column("delivery_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_notices_department_code_departments")
        ),
        sa.ForeignKeyConstraint(["corrects_id"], ["notices.id"], name=op.f("fk_notices_corrects_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_notices_corrects_id")),
        sa.UniqueConstraint("number", name=op.f("uq_notices_number")),
    )
    for column in ("receipt", "department_code"):
        op.create_index(op.f(f"ix_notices_{column}"), "notices", [column])
    op.create_table(
        "notice_counters",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("next_serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_notice_counters")),
    )
    op.create_table(
        "answer_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_files")),
    )
    op.create_index(op.f("ix_answer_files_receipt"), "answer_files", ["receipt"])
    op.create_table(
        "answer_file_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["answer_files.id"], name=op.f("fk_answer_file_parts_file_id_answer_files"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_file_parts")),
    )
    op.create_index(op.f("ix_answer_file_parts_file_id"), "answer_file_parts", ["file_id"])
    op.create_table(
        "notice_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_files_notice_id_notices")),
        sa.ForeignKeyConstraint(["file_id"], ["answer_files.id"], name=op.f("fk_notice_files_file_id_answer_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_files")),
    )
    for column in ("notice_id", "file_id"):
        op.create_index(op.f(f"ix_notice_files_{column}"), "notice_files", [column])


def downgrade() -> None:
    for table in ("notice_files", "answer_file_parts", "answer_files", "notice_counters", "notices"):
        op.drop_table(table)
