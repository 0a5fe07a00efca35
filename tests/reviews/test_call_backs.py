"""回访: what the citizen says after the answer, by message or on the telephone; and cases that a clerk enters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.conversations import staff_messages
from bot.db import Database
from bot.reviews import call_backs, handling, own_case, service
from bot.reviews.call_backs import CallBackAnswer, NotAskedHere
from bot.reviews.entry import enter
from bot.reviews.forgetting import empty_cases, forget_cases
from bot.reviews.models import CallBack, Case
from bot.reviews.reasons import ClosedAs, Reason
from bot.reviews.states import CaseActionRefused, CaseState
from bot.sealing import own_sealer
from bot.staff.models import Person
from tests.reviews.town import NOON, add_department, add_person, open_case

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        yield opened


def closed(session: Session) -> tuple[Case, Person]:
    case, clerk = open_case(session), add_person(session, "王芳")
    handling.claim(session, case, clerk, NOON)
    handling.reply(session, case, clerk, NOON, "到派出所办。", is_final=True)
    handling.close(session, case, clerk, NOON, ClosedAs.ANSWERED)
    return case, clerk


def asked(session: Session, case: Case, clerk: Person) -> tuple[CallBack, int]:
    call_back = call_backs.ask(session, case, clerk, LATER)
    line = staff_messages.staff_messages(session, "c1")[-1]
    assert case.number in line.text
    assert call_backs.waiting_in(session, [line]) == {line.id}
    return call_back, line.id


def test_a_content_citizen_leaves_the_case_closed(session: Session) -> None:
    case, clerk = closed(session)
    call_back, line = asked(session, case, clerk)
    assert not call_backs.answer_in(session, "c1", line, CallBackAnswer.CONTENT, LATER)
    assert (call_back.is_solved, call_back.is_satisfied, case.state) == (True, True, CaseState.CLOSED)


@pytest.mark.parametrize("answer", [CallBackAnswer.NOT_CONTENT, CallBackAnswer.UNSOLVED])
def test_a_bad_answer_opens_the_case_again_for_its_owner(session: Session, answer: CallBackAnswer) -> None:
    case, clerk = closed(session)
    _, line = asked(session, case, clerk)
    assert call_backs.answer_in(session, "c1", line, answer, LATER)
    assert (case.state, case.claimed_by_id) == (CaseState.CLAIMED, clerk.id)
    assert Reason.CALLED_BACK_BADLY in case.reasons


def test_a_call_back_is_answered_once_and_where_it_was_asked(session: Session) -> None:
    case, clerk = closed(session)
    _, line = asked(session, case, clerk)
    with pytest.raises(NotAskedHere):
        call_backs.answer_in(session, "c2", line, CallBackAnswer.CONTENT, LATER)
    with pytest.raises(CaseActionRefused, match="已经发过回访"):
        call_backs.ask(session, case, clerk, LATER)
    call_backs.answer_in(session, "c1", line, CallBackAnswer.CONTENT, LATER)
    with pytest.raises(CaseActionRefused, match="已经回答过"):
        call_backs.answer_in(session, "c1", line, CallBackAnswer.UNSOLVED, LATER)
    assert case.state == CaseState.CLOSED


def test_what_was_said_on_the_telephone_answers_the_message_that_waits_and_is_masked(session: Session) -> None:
    case, clerk = closed(session)
    asked(session, case, clerk)
    call_backs.record(session, case, clerk, LATER, CallBackAnswer.CONTENT, "谢谢，我电话13812345678")
    (called,) = call_backs.call_backs_of(session, case)
    assert (called.by_id, called.words) == (clerk.id, "谢谢，我电话[手机号]")


def test_nobody_is_called_back_before_an_answer(session: Session) -> None:
    case, clerk = open_case(session), add_person(session, "王芳")
    with pytest.raises(CaseActionRefused):
        call_backs.ask(session, case, clerk, NOON)
    with pytest.raises(CaseActionRefused):
        call_backs.record(session, case, clerk, NOON, CallBackAnswer.CONTENT)


def test_a_case_with_a_call_back_and_an_order_can_be_forgotten(session: Session) -> None:
    case, clerk = closed(session)
    _, line = asked(session, case, clerk)
    call_backs.answer_in(session, "c1", line, CallBackAnswer.UNSOLVED, LATER)
    handling.pass_to_department(session, case, clerk, LATER, add_department(session).code, "请办")
    empty_cases(session, [case])
    assert service.get_case(session, case.number).orders[0].words == ""
    forget_cases(session, [case.id])
    session.expunge_all()
    with pytest.raises(LookupError):
        service.get_case(session, "AJ-000001")


def test_what_is_told_by_telephone_becomes_a_case_of_the_clerk_with_no_reply_to_wait_for(session: Session) -> None:
    clerk, sealer = add_person(session, "王芳"), own_sealer()
    case = enter(
        session,
        clerk,
        NOON,
        channel="phone",
        kind="complaint",
        words=" 路灯坏了，我电话13812345678 ",
        contact_sealed=sealer.seal("13812345678"),
    )
    assert (case.state, case.claimed_by_id, case.channel) == (CaseState.CLAIMED, clerk.id, "phone")
    assert case.question == "路灯坏了，我电话[手机号]"
    assert not case.citizen_waits
    assert own_case.is_proven_by(session, sealer, case.number, "13812345678")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"channel": "portal"}, "来电还是来访"),
        ({"kind": "x"}, "请选种类"),
        ({"words": " "}, "请写明对方说的事"),
        ({"department_code": "XX"}, "没有编码"),
    ],
)
def test_what_is_missing_is_asked_for(session: Session, fields: dict[str, str], says: str) -> None:
    given = {"channel": "visit", "kind": "question", "words": "路灯坏了", **fields}
    with pytest.raises(CaseActionRefused, match=says):
        enter(session, add_person(session, "王芳"), NOON, **given)
