from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from bot.db import Database
from bot.reviews import desk_news, handling, service
from bot.reviews.desk_news import NewsKind, Way, news_of
from bot.staff import accounts
from bot.staff.roles import Role
from tests.reviews.town import NOON, add_department, add_person, open_case

SOON = NOON + timedelta(minutes=1)


def numbers(database: Database, name: str, at_minute: float = 1) -> dict[NewsKind, list[str]]:
    with database.transaction() as session:
        person = accounts.get_person(session, f"login-{name}")
        found: dict[NewsKind, list[str]] = {}
        for each in news_of(session, person, NOON + timedelta(minutes=at_minute)):
            found.setdefault(each.kind, []).append(each.number)
        return found


def test_a_clerk_is_told_of_who_waits_for_anybody_and_of_whoever_answered_them(database: Database) -> None:
    with database.transaction() as session:
        clerk, colleague = add_person(session, "王芳"), add_person(session, "李强")
        waiting = open_case(session, "waiting").number
        mine, theirs = open_case(session, "mine"), open_case(session, "theirs")
        for case, owner in ((mine, clerk), (theirs, colleague)):
            handling.claim(session, case, owner, NOON)
            handling.reply(session, case, owner, NOON, "您在哪个区？", is_final=False)
        silent = open_case(session, "silent")
        handling.claim(session, silent, clerk, NOON)
        handling.reply(session, silent, clerk, NOON, "您在哪个区？", is_final=False)
        for case in (mine, theirs):
            service.citizen_spoke(session, case, SOON)
        answered = mine.number
    assert numbers(database, "王芳") == {NewsKind.WAITS: [waiting], NewsKind.ANSWERED_MINE: [answered]}


def test_what_is_nearly_late_is_told_half_an_hour_before_and_a_short_wait_two_minutes_before(
    database: Database,
) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        short, long = open_case(session, "short"), open_case(session, "long", NOON - timedelta(hours=2))
        for case in (short, long):
            handling.claim(session, case, clerk, NOON)
        long.due_at = NOON + timedelta(minutes=31)
        short_number, long_number = short.number, long.number
    assert numbers(database, "王芳", 0.5).get(NewsKind.NEARLY_LATE) is None
    assert numbers(database, "王芳", 1).get(NewsKind.NEARLY_LATE) == [long_number]
    assert numbers(database, "王芳", 3.5).get(NewsKind.NEARLY_LATE) == [short_number, long_number]
    assert numbers(database, "王芳", 32).get(NewsKind.NEARLY_LATE) is None


def test_a_reviewer_is_told_of_drafts_of_others_and_a_department_of_its_own_terms(database: Database) -> None:
    with database.transaction() as session:
        office = add_department(session)
        clerk, _ = add_person(session, "王芳"), add_person(session, "李强", Role.REVIEWER)
        officer = add_person(session, "赵敏", Role.DEPARTMENT, office)
        case = open_case(session, at=NOON - timedelta(hours=1))
        handling.claim(session, case, clerk, NOON)
        handling.pass_to_department(session, case, clerk, NOON, "GA")
        case.due_at = NOON + timedelta(minutes=20)
        handling.draft_answer(session, case, officer, NOON, "在派出所办")
        number = case.number
    assert numbers(database, "李强") == {NewsKind.TO_APPROVE: [number]}
    assert numbers(database, "赵敏") == {NewsKind.NEARLY_LATE: [number]}


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECURITY, Role.AUDITOR])
def test_who_sees_no_cases_is_told_of_none(database: Database, role: Role) -> None:
    with database.transaction() as session:
        add_person(session, "钱进", role)
        open_case(session)
    assert numbers(database, "钱进") == {}


def test_all_news_are_one_statement_and_a_second_wait_is_news_again(database: Database) -> None:
    statements = []
    with database.transaction() as session:
        person, case = add_person(session, "孙丽", Role.SUPERVISOR), open_case(session)
        handling.claim(session, case, person, NOON)
        event.listen(session.connection().engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        keys = set()
        for minute in (1, 2):
            at = NOON + timedelta(minutes=minute)
            service.citizen_spoke(session, case, at)
            statements.clear()
            keys |= {each.key for each in news_of(session, person, at) if each.kind is NewsKind.ANSWERED_MINE}
            assert len(statements) == 1
            handling.reply(session, case, person, at, "您在哪个区？", is_final=False)
    assert len(keys) == 2


def test_nobody_is_told_in_any_way_that_they_did_not_choose(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session, "王芳")
        assert (desk_news.wishes_of(session, person).ways, desk_news.wishes_of(session, person).kinds) == ([], [])
        desk_news.set_wishes(session, person, [Way.SOUND], [NewsKind.WAITS])
        desk_news.set_wishes(session, person, [Way.TITLE], [NewsKind.WAITS, NewsKind.TO_APPROVE])
    with database.transaction() as session:
        wishes = desk_news.wishes_of(session, person)
        assert (wishes.ways, wishes.kinds) == (["title"], ["to_approve", "waits"])
