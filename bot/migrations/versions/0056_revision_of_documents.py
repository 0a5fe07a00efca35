"""a number that changes with every change of the list of documents, as the other subjects have one since 0055"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

_SUBJECT = "documents"
_TABLES = ("documents", "document_versions", "document_changes")
_EVENTS = ("INSERT", "UPDATE", "DELETE")
_REVISIONS = sa.table("revisions", sa.column("subject"), sa.column("number"))
_IS_OURS = _REVISIONS.c.subject == _SUBJECT


def upgrade() -> None:
    """Adds the number, and the triggers that draw another one; on PostgreSQL by the function of 0055."""
    op.execute(_REVISIONS.insert().values(subject=_SUBJECT, number=0))
    for table in _TABLES:
        name = f"revise_{_SUBJECT}_of_{table}"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION revise('{_SUBJECT}')"
            )
            # Also for what comes from another server, or from a dump that is read in.
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        else:
            change = sa.update(_REVISIONS).where(_IS_OURS).values(number=sa.func.random())
            anew = str(change.compile(op.get_bind(), compile_kwargs={"literal_binds": True}))
            for event in _EVENTS:
                op.execute(f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {table} BEGIN {anew}; END")


def downgrade() -> None:
    for table in _TABLES:
        name = f"revise_{_SUBJECT}_of_{table}"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {name} ON {table}")
        else:
            for event in _EVENTS:
                op.execute(f"DROP TRIGGER {name}_{event.lower()}")
    op.execute(_REVISIONS.delete().where(_IS_OURS))
