from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.conversations import service as conversations
from bot.db import Database
from bot.reviews import handling, service
from bot.reviews.models import Case
from bot.reviews.queue import PAGE_ROWS, QueueFilter, queue
from bot.reviews.reasons import ClosedAs, Kind, Priority, Reason
from bot.reviews.states import CaseActionRefused, CaseState
from bot.staff.roles import Role
from tests.reviews.town import NOON, add_department, add_person, open_case

SOON = NOON + timedelta(minutes=1)


def names(cases: list[Case]) -> list[str]:
    return [case.conversation_id for case in cases]


def failed(session: Session, conversation_id: str, at: datetime = NOON) -> Case:
    """A case whose citizen does not wait for a person: nothing told them of it."""
    return service.open_case(session, conversation_id, "portal", Reason.FELL_BACK_TWICE, [], at, "居住证怎么办")


def test_who_waits_for_a_person_comes_before_all_old_cases_by_time_left(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        for number in range(PAGE_ROWS + 1):
            open_case(session, f"old{number}", NOON - timedelta(days=3))
        open_case(session, "late", NOON - timedelta(minutes=10))
        open_case(session, "now", SOON)
        talking = open_case(session, "talking", NOON - timedelta(minutes=4))
        handling.claim(session, talking, clerk, NOON)
        page = queue(session, QueueFilter(), seen_by=clerk, now=SOON)
        assert names(page.rows)[:4] == ["late", "talking", "now", "old0"]
        assert page.total == PAGE_ROWS + 4
        waiting = queue(session, QueueFilter(waits_now=True), seen_by=clerk, now=SOON)
        assert names(waiting.rows) == ["late", "talking", "now"]


def test_then_comes_what_is_due_today_by_priority_and_last_what_only_waits_to_be_closed(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        answered = open_case(session, "answered")
        handling.claim(session, answered, clerk, NOON)
        handling.reply(session, answered, clerk, NOON, "在派出所办", is_final=True)
        failed(session, "second")
        failed(session, "third", SOON)
        handling.set_priority(session, failed(session, "high", SOON), clerk, SOON, Priority.HIGH)
        handling.set_priority(session, failed(session, "urgent", SOON), clerk, SOON, Priority.URGENT)
        service.open_case(session, "letter", "portal", Reason.TAKEN_DOWN, [], NOON, "路灯坏了", kind=Kind.COMPLAINT)
        open_case(session, "now", SOON)
        page = queue(session, QueueFilter(), seen_by=clerk, now=SOON)
        assert names(page.rows) == ["now", "urgent", "high", "second", "third", "letter", "answered"]


def test_only_what_is_overdue(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        open_case(session, "in time")
        open_case(session, "overdue", NOON - timedelta(minutes=10))
        assert names(queue(session, QueueFilter(overdue=True), seen_by=clerk, now=SOON).rows) == ["overdue"]


def test_drafts_are_shown_to_whoever_did_not_write_them(database: Database) -> None:
    with database.transaction() as session:
        clerk, reviewer = add_person(session, "王芳"), add_person(session, "李强", Role.REVIEWER)
        case = open_case(session, "drafted")
        open_case(session, "other")
        handling.claim(session, case, clerk, NOON)
        draft = handling.draft_answer(session, case, clerk, NOON, "在派出所办")
        to_approve = QueueFilter(to_approve=True)
        assert names(queue(session, to_approve, seen_by=reviewer, now=SOON).rows) == ["drafted"]
        assert queue(session, to_approve, seen_by=clerk, now=SOON).rows == []
        handling.approve(session, draft, reviewer, SOON)
        assert queue(session, to_approve, seen_by=reviewer, now=SOON).rows == []


def test_filters_narrow_the_list(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        add_department(session)
        handling.claim(session, open_case(session, "mine"), clerk, NOON)
        passed = open_case(session, "passed")
        handling.claim(session, passed, clerk, NOON)
        handling.pass_to_department(session, passed, clerk, NOON, "GA")
        service.open_case(session, "failed", "sms", Reason.ENGINE_FAILED, [], NOON, kind=Kind.COMPLAINT)
        open_case(session, "old", NOON - timedelta(days=3))
        closed = open_case(session, "closed")
        handling.claim(session, closed, clerk, NOON)
        handling.close(session, closed, clerk, NOON, ClosedAs.WITHDRAWN)

        assert set(names(queue(session, QueueFilter(), seen_by=clerk, now=SOON).rows)) == {
            "mine",
            "passed",
            "failed",
            "old",
        }
        assert names(queue(session, QueueFilter(reason=Reason.ENGINE_FAILED), seen_by=clerk, now=SOON).rows) == [
            "failed"
        ]
        assert names(queue(session, QueueFilter(department="GA"), seen_by=clerk, now=SOON).rows) == ["passed"]
        assert names(queue(session, QueueFilter(channel="sms"), seen_by=clerk, now=SOON).rows) == ["failed"]
        assert names(queue(session, QueueFilter(kind=Kind.COMPLAINT), seen_by=clerk, now=SOON).rows) == ["failed"]
        assert names(queue(session, QueueFilter(older_than=timedelta(days=2)), seen_by=clerk, now=SOON).rows) == ["old"]
        assert set(names(queue(session, QueueFilter(mine=True), seen_by=clerk, now=SOON).rows)) == {"mine", "passed"}
        assert names(queue(session, QueueFilter(states={CaseState.CLAIMED}), seen_by=clerk, now=SOON).rows) == ["mine"]
        assert names(queue(session, QueueFilter(states={CaseState.CLOSED}), seen_by=clerk, now=SOON).rows) == ["closed"]
        assert names(
            queue(
                session,
                QueueFilter(mine=True, states={CaseState.WITH_DEPARTMENT}, department="GA"),
                seen_by=clerk,
                now=SOON,
            ).rows
        ) == ["passed"]


def test_a_department_sees_its_own_cases_only(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        officer = add_person(session, "孙亮", Role.DEPARTMENT, add_department(session))
        lost = add_person(session, "何平", Role.DEPARTMENT)
        case, other = open_case(session, "passed"), open_case(session, "other")
        handling.claim(session, case, clerk, NOON)
        handling.pass_to_department(session, case, clerk, NOON, "GA")
        assert names(queue(session, QueueFilter(), seen_by=officer, now=SOON).rows) == ["passed"]
        assert queue(session, QueueFilter(), seen_by=lost, now=SOON).rows == []
        assert [service.is_visible_to(one, officer) for one in (case, other)] == [True, False]
        assert service.is_visible_to(other, clerk)
        handling.note(session, case, officer, NOON, "在核")
        with pytest.raises(CaseActionRefused):
            handling.note(session, other, officer, NOON, "在核")


def test_what_is_put_off_is_hidden_until_its_time(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        handling.claim(session, case, clerk, NOON)
        handling.snooze(session, case, clerk, NOON, NOON + timedelta(hours=1))
        assert queue(session, QueueFilter(), seen_by=clerk, now=SOON).rows == []
        assert queue(session, QueueFilter(snoozed=True), seen_by=clerk, now=SOON).rows == [case]
        assert queue(session, QueueFilter(), seen_by=clerk, now=NOON + timedelta(hours=1)).rows == [case]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("居住证", ["asked", "stored"]),
        ("居住证 多少钱", ["stored"]),
        ("abc公司", ["asked"]),
        ("公积金", ["transcript"]),
        ("100%", ["percent"]),
        ("%", ["percent"]),
        ("_", []),
        ("护照", []),
        ("13800138000", []),
    ],
)
def test_words_are_sought_in_question_transcript_and_messages(database: Database, text: str, found: list[str]) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        open_case(session, "asked", text="ABC公司的居住证怎么办")
        lines = [{"by": "bot", "text": "提取公积金要带身份证"}, {"by": "citizen", "text": "转人工"}]
        service.open_case(session, "transcript", "portal", Reason.ASKED_FOR_PERSON, lines, NOON)
        open_case(session, "percent", text="补贴是100%吗，电话13800138000")
        conversation = conversations.open_conversation(session, "stored", "portal", NOON)
        conversations.store_message(session, conversation, "办居住证多少钱", NOON)
        service.open_case(session, "stored", "portal", Reason.ENGINE_FAILED, [], NOON, question="那个呢")
        page = queue(session, QueueFilter(text=text), seen_by=clerk, now=SOON)
        assert sorted(names(page.rows)) == found
        assert page.total == len(found)


def test_a_case_is_found_by_its_number(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        open_case(session, "c2")
        assert queue(session, QueueFilter(text=case.number), seen_by=clerk, now=SOON).rows == [case]


def test_pages_tell_the_total_in_one_query_even_beyond_the_last(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        for number in range(PAGE_ROWS + 1):
            open_case(session, f"c{number:02}", NOON + timedelta(seconds=number))
        asked: list[str] = []

        def note(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        event.listen(database.engine, "before_cursor_execute", note)
        first, second, third = (
            queue(session, QueueFilter(), seen_by=clerk, now=SOON, page=number) for number in (1, 2, 3)
        )
        assert len(asked) == 3
        assert (len(first.rows), names(second.rows), third.rows) == (PAGE_ROWS, [f"c{PAGE_ROWS}"], [])
        assert (first.total, third.total, third.last_number) == (PAGE_ROWS + 1, PAGE_ROWS + 1, 2)
