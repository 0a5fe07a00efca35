"""deletion requests; entries of the audit log older than three years may be deleted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_REFUSAL = "the audit log only grows"


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("open_case_ids", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_deletions")),
    )
    for column in ("conversation_id", "done_at"):
        op.create_index(op.f(f"ix_deletions_{column}"), "deletions", [column])
    op.create_table(
        "retention_runs",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_retention_runs")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_log_only_grows ON audit_log")
        op.execute(
            "CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR TRUNCATE ON audit_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log()"
        )
        op.execute(
            "CREATE TRIGGER audit_log_forgets_the_old_only BEFORE DELETE ON audit_log FOR EACH ROW "
            "WHEN (OLD.at > now() - interval '1095 days') EXECUTE FUNCTION refuse_change_of_audit_log()"
        )
    else:
        op.execute("DROP TRIGGER audit_log_refuses_delete")
        op.execute(
            "CREATE TRIGGER audit_log_refuses_delete BEFORE DELETE ON audit_log "
            f"WHEN OLD.at > datetime('now', '-1095 days') BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for trigger in ("audit_log_only_grows", "audit_log_forgets_the_old_only"):
            op.execute(f"DROP TRIGGER {trigger} ON audit_log")
        op.execute(
            "CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log()"
        )
    else:
        op.execute("DROP TRIGGER audit_log_refuses_delete")
        op.execute(
            "CREATE TRIGGER audit_log_refuses_delete BEFORE DELETE ON audit_log "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
    op.drop_table("retention_runs")
    op.drop_table("deletions")
