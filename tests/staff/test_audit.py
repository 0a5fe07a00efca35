"""Searching the audit log."""

from __future__ import annotations

from datetime import timedelta
from inspect import getmembers, isfunction

from bot.db import Database
from bot.staff import audit
from tests.staff.people import NOW


def test_entries_are_found_by_who_action_subject_and_day_newest_first(database: Database) -> None:
    with database.transaction() as session:
        for number, (who, action, subject) in enumerate(
            [("zhang", "sign_in", "10.0.0.1"), ("li", "unmask", "AJ-000001"), ("zhang", "unmask", "AJ-000012")]
        ):
            audit.record(session, who=who, action=action, subject=subject, why="", at=NOW + timedelta(days=number))

        def found(**asked: object) -> list[str]:
            return [entry.subject for entry in audit.search(session, **asked).rows]  # type: ignore[arg-type]

        assert found() == ["AJ-000012", "AJ-000001", "10.0.0.1"]
        assert found(who="zh") == ["AJ-000012", "10.0.0.1"]
        assert found(action="unmask") == ["AJ-000012", "AJ-000001"]
        assert found(subject="aj-0000") == ["AJ-000012", "AJ-000001"]
        assert found(subject="%") == []
        assert found(since=NOW + timedelta(days=1)) == ["AJ-000012", "AJ-000001"]
        assert found(since=NOW, before=NOW + timedelta(days=1)) == ["10.0.0.1"]
        assert audit.actions(session) == ["sign_in", "unmask"]


def test_pages_hold_fifty_and_one_beyond_the_last_is_the_last(database: Database) -> None:
    with database.transaction() as session:
        for number in range(51):
            audit.record(session, who="zhang", action="unmask", subject=str(number), why="", at=NOW)
        first, last = audit.search(session), audit.search(session, page=9)
    assert (len(first.rows), first.rows[0].subject, first.total, first.last_number) == (50, "50", 51, 2)
    assert ([entry.subject for entry in last.rows], last.number) == (["0"], 2)


def test_no_function_changes_or_removes_an_entry() -> None:
    ours = {name for name, function in getmembers(audit, isfunction) if function.__module__ == audit.__name__}
    assert ours == {"record", "search", "last_at", "actions"}
