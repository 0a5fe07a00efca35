"""A person who leaves must hand on open cases first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.db import Database
from bot.reviews import handling, leaving, service
from bot.reviews.models import Case
from bot.reviews.reasons import Reason
from bot.staff import accounts
from bot.staff.accounts import AccountRefused
from bot.staff.models import Person
from bot.staff.roles import Role
from tests.staff.people import add_person

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    return f"sqlite:///{tmp_path}/test.db"


def claimed(database: Database, login: str = "zhang") -> None:
    """A clerk with an open case, a colleague, one who has left, one who answers nobody."""
    with database.transaction() as session:
        clerk = add_person(session, login)
        add_person(session, "li")
        add_person(session, "gone").is_active = False
        add_person(session, "admin", Role.ADMINISTRATOR)
        case = service.open_case(session, "c1", "rest", Reason.ASKED_FOR_PERSON, [], NOW, "居住证在哪里办")
        handling.claim(session, case, clerk, NOW)


def leave(database: Database, successor: str | None) -> int:
    with database.transaction() as session:
        takes_over = accounts.get_person(session, successor) if successor else None
        leaver = accounts.get_person(session, "zhang")
        return leaving.deactivate(session, leaver, successor=takes_over, who="admin", now=NOW)


def test_nobody_leaves_before_a_successor_is_named(database: Database) -> None:
    claimed(database)
    with pytest.raises(leaving.CasesLeft, match="1 件没有办结（AJ-000001）"):
        leave(database, None)
    with database.transaction() as session:
        assert accounts.get_person(session, "zhang").is_active


def test_the_successor_gets_the_cases_with_a_trace(database: Database) -> None:
    claimed(database)
    assert leave(database, "li") == 1
    with database.transaction() as session:
        case = session.get_one(Case, 1)
        assert case.claimed_by is not None
        assert case.claimed_by.login == "li"
        event = service.events_of(session, case)[-1]
        assert event.who is not None
        assert (event.who.login, event.why) == ("admin", "张三接手：张三停用")
        assert not accounts.get_person(session, "zhang").is_active


@pytest.mark.parametrize("successor", ["zhang", "gone", "admin"])
def test_only_a_colleague_who_answers_citizens_takes_over(database: Database, successor: str) -> None:
    claimed(database)
    with pytest.raises(AccountRefused, match="不能接手"):
        leave(database, successor)


def test_whoever_holds_nothing_leaves_at_once(database: Database) -> None:
    claimed(database, "wang")
    with database.transaction() as session:
        add_person(session)
    assert leave(database, None) == 0


def test_a_role_that_answers_nobody_asks_for_a_successor_too(database: Database) -> None:
    claimed(database)

    def become(session: object, role: Role, successor: Person | None = None) -> int:
        leaver = accounts.get_person(session, "zhang")  # type: ignore[arg-type]
        return leaving.change_role(session, leaver, role, successor=successor, who="admin", now=NOW)  # type: ignore[arg-type]

    with database.transaction() as session:
        assert become(session, Role.SUPERVISOR) == 0
    with pytest.raises(leaving.CasesLeft), database.transaction() as session:
        become(session, Role.REVIEWER)
    with database.transaction() as session:
        assert become(session, Role.REVIEWER, accounts.get_person(session, "li")) == 1
