"""a number for each subject that answers read from, which changes with every change of its tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

# Subject → its tables.
_TABLES = {
    "catalogue": (
        *("city", "departments", "districts", "offices", "remedy_offices", "items", "materials", "situations"),
        *("steps", "legal_bases", "joint_services", "aliases", "related", "absent_matters"),
    ),
    "laws": ("laws", "law_texts", "law_repeals", "documents", "document_changes", "city"),
    "switches": ("switches",),
}
_EVENTS = ("INSERT", "UPDATE", "DELETE")


def upgrade() -> None:
    """Adds the numbers, and the triggers that draw another one."""
    revisions = op.create_table(
        "revisions",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_revisions")),
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute(
            "CREATE FUNCTION revise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "UPDATE revisions SET number = floor(random() * 9007199254740991) WHERE subject = TG_ARGV[0]; "
            "RETURN NULL; END $$"
        )
    for subject, tables in _TABLES.items():
        op.execute(revisions.insert().values(subject=subject, number=0))
        change = sa.update(revisions).where(revisions.c.subject == subject).values(number=sa.func.random())
        anew = str(change.compile(op.get_bind(), compile_kwargs={"literal_binds": True}))
        for table in tables:
            if is_postgresql:
                _watch_on_postgresql(subject, table)
            else:
                _watch_on_sqlite(subject, table, anew)


def _watch_on_postgresql(subject: str, table: str) -> None:
    name = f"revise_{subject}_of_{table}"
    op.execute(
        f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION revise('{subject}')"
    )
    # Also for what comes from another server, or from a dump that is read in.
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _watch_on_sqlite(subject: str, table: str, anew: str) -> None:
    for event in _EVENTS:
        name = f"revise_{subject}_of_{table}_{event.lower()}"
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {anew}; END")


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for subject, tables in _TABLES.items():
        for table in tables:
            if is_postgresql:
                op.execute(f"DROP TRIGGER revise_{subject}_of_{table} ON {table}")
            else:
                for event in _EVENTS:
                    op.execute(f"DROP TRIGGER revise_{subject}_of_{table}_{event.lower()}")
    if is_postgresql:
        op.execute("DROP FUNCTION revise")
    op.drop_table("revisions")
