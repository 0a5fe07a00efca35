from datetime import UTC, datetime

import pytest
from sqlalchemy import Delete, Update, delete, select, update
from sqlalchemy.exc import DBAPIError

from bot.db import Database
from bot.staff import audit
from bot.staff.models import AuditEntry

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "change", [update(AuditEntry).values(who="nobody"), delete(AuditEntry)], ids=["alter", "remove"]
)
def test_what_is_in_the_audit_log_can_be_neither_altered_nor_removed(
    database: Database, change: Update | Delete
) -> None:
    with database.transaction() as session:
        audit.record(session, who="wang", action="unmask", subject="AJ-000001", why="核对", at=NOW)
    with pytest.raises(DBAPIError, match="only grows"), database.transaction() as session:
        session.execute(change)
    with database.transaction() as session:
        assert session.scalars(select(AuditEntry.who)).all() == ["wang"]
