from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.conversations import staff_messages
from bot.conversations.service import open_conversation
from bot.db import Database
from bot.reviews import handling, service
from bot.reviews.models import Case
from bot.reviews.reasons import ClosedAs, Priority, Stars
from bot.reviews.states import CaseActionRefused, CaseState, ClaimedByOther
from bot.reviews.takeover import is_taken_over, take_over
from bot.staff.models import Person
from bot.staff.roles import Role
from tests.reviews.town import NOON, add_department, add_person, open_case

LATER = NOON + timedelta(hours=1)


def claimed(session: Session, conversation_id: str = "c1", name: str = "王芳") -> tuple[Case, Person]:
    case, clerk = open_case(session, conversation_id), add_person(session, name)
    handling.claim(session, case, clerk, NOON)
    return case, clerk


def test_of_clerks_who_claim_at_once_one_gets_the_case_and_the_others_are_told_whose_it_is(
    database: Database,
) -> None:
    with database.transaction() as session:
        number = open_case(session).number
        names = {add_person(session, name).id: name for name in ("王芳", "李强", "赵敏")}
    at_once = threading.Barrier(len(names))
    told: dict[int, str | None] = {}

    def claim(person_id: int) -> None:
        with database.transaction() as session:
            case, person = service.get_case(session, number), session.get_one(Person, person_id)
            at_once.wait()
            try:
                handling.claim(session, case, person, NOON)
                told[person_id] = None
            except ClaimedByOther as refused:
                told[person_id] = refused.name

    threads = [threading.Thread(target=claim, args=(person_id,)) for person_id in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as session:
        case = service.get_case(session, number)
        assert case.state == CaseState.CLAIMED
        assert case.claimed_by is not None
        owner_id, owner = case.claimed_by.id, case.claimed_by.name
        assert told == {person_id: None if person_id == owner_id else owner for person_id in names}
        assert [event.action for event in service.events_of(session, case)] == ["open", "claim"]


def test_claiming_again_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        handling.claim(session, case, clerk, LATER)
        assert len(service.events_of(session, case)) == 2


def test_only_who_holds_a_case_works_on_it_until_it_is_handed_on_by_name(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        other = add_person(session, "李强")
        attempts: list[Callable[[], object]] = [
            lambda: handling.reply(session, case, other, LATER, "在派出所", is_final=True),
            lambda: handling.close(session, case, other, LATER, ClosedAs.WITHDRAWN),
            lambda: handling.snooze(session, case, other, LATER, LATER + timedelta(hours=1)),
            lambda: handling.hand_on(session, case, other, LATER, other),
            lambda: handling.draft_answer(session, case, other, LATER, "在派出所"),
        ]
        for attempt in attempts:
            with pytest.raises(CaseActionRefused, match="王芳"):
                attempt()
        handling.hand_on(session, case, clerk, LATER, other, "我明天休假")
        assert case.claimed_by is other
        event = service.events_of(session, case)[-1]
        assert (event.action, event.who_id, event.at, event.why) == (
            "hand_on",
            clerk.id,
            LATER,
            "交给李强：我明天休假",
        )
        handling.reply(session, case, other, LATER, "在派出所", is_final=True)


def test_a_case_is_handed_to_nobody_who_is_not_there(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        gone = add_person(session, "李强", is_active=False)
        for to_person in (gone, clerk):
            with pytest.raises(CaseActionRefused):
                handling.hand_on(session, case, clerk, LATER, to_person)
            with pytest.raises(CaseActionRefused):
                handling.assign(session, case, clerk, LATER, to_person)


def test_a_supervisor_assigns_what_is_new_and_what_is_somebodys(database: Database) -> None:
    with database.transaction() as session:
        case, supervisor = open_case(session), add_person(session, "周敏", Role.SUPERVISOR)
        one, other = add_person(session, "王芳"), add_person(session, "李强")
        handling.assign(session, case, supervisor, LATER, one)
        assert (case.state, case.claimed_by) == (CaseState.CLAIMED, one)
        handling.assign(session, case, supervisor, LATER, other)
        assert (case.state, case.claimed_by) == (CaseState.CLAIMED, other)
        assert [event.action for event in service.events_of(session, case)] == ["open", "assign", "reassign"]


def test_a_department_drafts_a_reviewer_approves_and_the_citizen_gets_the_answer(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        bureau = add_department(session)
        officer = add_person(session, "孙亮", Role.DEPARTMENT, bureau)
        reviewer = add_person(session, "钱英", Role.REVIEWER)
        handling.pass_to_department(session, case, clerk, NOON, "GA", "要核户籍")
        assert (case.state, case.department_code, case.claimed_by) == (CaseState.WITH_DEPARTMENT, "GA", clerk)
        assert case.due_at == datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
        handling.reply(session, case, clerk, NOON, "已请公安局核实", is_final=False)
        assert (case.state, case.first_reply_at, case.citizen_waits) == (CaseState.WITH_DEPARTMENT, NOON, True)

        first = handling.draft_answer(session, case, officer, LATER, "到户籍窗口")
        with pytest.raises(CaseActionRefused):
            handling.approve(session, first, officer, LATER)
        handling.return_draft(session, first, reviewer, LATER, "请写明地址")
        assert (first.state, first.why, first.reviewer_id) == ("returned", "请写明地址", reviewer.id)
        with pytest.raises(CaseActionRefused):
            handling.reply(session, case, clerk, LATER, first.text, is_final=True, draft=first)

        second = handling.draft_answer(session, case, officer, LATER, "到安澜路派出所户籍窗口")
        with pytest.raises(CaseActionRefused, match="王芳"):
            handling.reply(session, case, officer, LATER, second.text, is_final=True, draft=second)
        handling.approve(session, second, reviewer, LATER)
        message = handling.reply(session, case, officer, LATER, second.text, is_final=True, draft=second)
        assert (case.state, case.answered_at, case.first_reply_at) == (CaseState.ANSWERED, LATER, NOON)
        assert (message.by_name, message.text) == ("公安局工作人员", "到安澜路派出所户籍窗口")
        assert second.state == "sent"
        with pytest.raises(CaseActionRefused):
            handling.reply(session, case, clerk, LATER, second.text, is_final=True, draft=second)


def test_a_department_gives_back_what_is_not_its_own_and_says_why(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        bureau, other_bureau = add_department(session), add_department(session, "MZ", "民政局")
        officer = add_person(session, "孙亮", Role.DEPARTMENT, bureau)
        stranger = add_person(session, "何平", Role.DEPARTMENT, other_bureau)
        handling.pass_to_department(session, case, clerk, NOON, "GA")
        with pytest.raises(CaseActionRefused):
            handling.take_back(session, case, stranger, LATER, "不归我们管")
        with pytest.raises(CaseActionRefused, match="理由"):
            handling.take_back(session, case, officer, LATER)
        handling.take_back(session, case, officer, LATER, "归民政局管")
        assert (case.state, case.department_code, case.claimed_by) == (CaseState.CLAIMED, None, clerk)
        with pytest.raises(CaseActionRefused, match="没有编码"):
            handling.pass_to_department(session, case, clerk, LATER, "XX")


def test_a_reply_is_kept_until_the_citizen_has_seen_it(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        handling.reply(session, case, clerk, NOON, "您在哪个区？", is_final=False)
        handling.reply(session, case, clerk, LATER, "在派出所办", is_final=True)
        assert case.first_reply_at == NOON
        waiting = staff_messages.undelivered(session, "c1")
        assert [message.text for message in waiting] == ["您在哪个区？", "在派出所办"]
        assert waiting[0].by_name == "工作人员"
        staff_messages.mark_delivered(waiting, LATER)
    with database.transaction() as session:
        assert staff_messages.undelivered(session, "c1") == []
        assert len(staff_messages.staff_messages(session, "c1")) == 2


@pytest.mark.parametrize("text", ["", "  \n", "长" * 4001])
def test_a_reply_has_words_and_an_end(database: Database, text: str) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        with pytest.raises(CaseActionRefused):
            handling.reply(session, case, clerk, NOON, text, is_final=True)


def test_what_is_put_off_comes_back_when_the_citizen_speaks(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        with pytest.raises(CaseActionRefused):
            handling.snooze(session, case, clerk, NOON, NOON)
        handling.snooze(session, case, clerk, NOON, LATER, "等窗口开门")
        assert case.snoozed_until == LATER
        service.citizen_spoke(session, case, NOON)
        assert case.snoozed_until is None
        handling.snooze(session, case, clerk, NOON, LATER)
        handling.unsnooze(session, case, clerk, NOON)
        assert case.snoozed_until is None


def test_priority_tags_and_notes_are_kept_with_who_and_when(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        handling.set_priority(session, case, clerk, NOON, Priority.URGENT, "老人")
        handling.tag(session, case, clerk, NOON, [" 户籍 ", "户籍", "", "老人"])
        note = handling.note(session, case, clerk, LATER, "已打过电话")
        assert (case.priority, case.tags) == ("urgent", ["户籍", "老人"])
        assert (note.by, note.text) == (clerk, "已打过电话")
        assert service.notes_of(session, case) == [note]
        assert [(event.action, event.who_id) for event in service.events_of(session, case)[1:]] == [
            ("set_priority", clerk.id),
            ("tag", clerk.id),
            ("note", clerk.id),
        ]
        with pytest.raises(CaseActionRefused):
            handling.tag(session, case, clerk, NOON, ["长" * 21])


def test_cases_of_one_citizen_are_merged_and_both_conversations_get_the_answer(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        other = open_case(session, "c2", NOON - timedelta(hours=2))
        earlier_due = other.due_at
        handling.merge(session, case, clerk, LATER, other, "同一个人")
        assert (other.state, other.outcome, other.merged_into_id, other.claimed_by_id) == (
            CaseState.CLOSED,
            ClosedAs.MERGED,
            case.id,
            clerk.id,
        )
        assert (case.waiting_since, case.due_at) == (NOON - timedelta(hours=2), earlier_due)
        assert service.case_of_conversation(session, "c2") is case
        assert open_case(session, "c2", LATER) is case
        handling.reply(session, case, clerk, LATER, "在派出所办", is_final=True)
        for conversation_id in ("c1", "c2"):
            (message,) = staff_messages.undelivered(session, conversation_id)
            assert (message.text, message.case_id) == ("在派出所办", case.id)
        service.rate(session, other, Stars.DISSATISFIED, "", LATER)
        assert (case.state, other.state) == (CaseState.CLAIMED, CaseState.CLOSED)


def test_a_case_merged_twice_over_is_found_in_one_step(database: Database) -> None:
    with database.transaction() as session:
        first, clerk = claimed(session)
        second, third = open_case(session, "c2"), open_case(session, "c3")
        handling.claim(session, second, clerk, NOON)
        handling.merge(session, second, clerk, NOON, third)
        handling.merge(session, first, clerk, NOON, second)
        session.refresh(third)
        assert third.merged_into_id == first.id
        assert service.conversations_of(session, first) == ["c1", "c2", "c3"]


def test_what_others_hold_is_not_merged_away(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        others, _ = claimed(session, "c2", "李强")
        with pytest.raises(CaseActionRefused, match="李强"):
            handling.merge(session, case, clerk, NOON, others)
        with pytest.raises(CaseActionRefused):
            handling.merge(session, case, clerk, NOON, case)


def test_nothing_is_closed_as_answered_without_an_answer(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        for outcome in (ClosedAs.ANSWERED, ClosedAs.MERGED):
            with pytest.raises(CaseActionRefused):
                handling.close(session, case, clerk, NOON, outcome)
        handling.close(session, case, clerk, LATER, ClosedAs.NO_ACTION_NEEDED, "答得对")
        assert (case.state, case.outcome, case.closed_at, case.due_at) == (
            CaseState.CLOSED,
            ClosedAs.NO_ACTION_NEEDED,
            LATER,
            None,
        )
        with pytest.raises(CaseActionRefused, match="已办结"):
            handling.close(session, case, clerk, LATER, ClosedAs.WITHDRAWN)


@pytest.mark.parametrize("is_held", [True, False])
def test_a_citizen_in_talk_with_the_owner_is_told_that_another_one_goes_on(
    database: Database, *, is_held: bool
) -> None:
    with database.transaction() as session:
        case, clerk = claimed(session)
        open_conversation(session, "c1", "portal", NOON)
        if is_held:
            take_over(session, case, clerk, NOON)
        handling.hand_on(session, case, clerk, LATER, add_person(session, "李强"))
        told = [line.text for line in staff_messages.staff_messages(session, "c1")]
        assert [text for text in told if "另一位工作人员" in text] == [
            "您的问题已经交给另一位工作人员，接着回答您，前面说过的不用重说。"
        ] * is_held
        assert is_taken_over(session, case) == is_held
