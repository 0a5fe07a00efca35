"""Citizens add to, take back and look up their own case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from bot.conversations import holding
from bot.conversations import service as conversations
from bot.db import Database
from bot.reviews import handling, own_case, service
from bot.reviews.reasons import ClosedAs, Reason
from bot.reviews.states import Action, CaseActionRefused, CaseState
from bot.reviews.takeover import take_over
from bot.sealing import Sealer
from tests.reviews.town import NOON, add_department, add_person, open_case

SEALER = Sealer(Fernet.generate_key())


def actions_of(session: Session, number: str) -> list[str]:
    return [event.action for event in service.events_of(session, service.get_case(session, number))]


def test_a_withdrawn_case_is_closed_with_a_trace_and_gives_the_conversation_back(database: Database) -> None:
    with database.transaction() as session:
        clerk, case = add_person(session, "王芳"), open_case(session)
        conversations.open_conversation(session, "c1", "portal", NOON)
        handling.claim(session, case, clerk, NOON)
        take_over(session, case, clerk, NOON)
        own_case.withdraw(session, case, NOON + timedelta(minutes=1))
        assert (case.state, case.outcome, case.due_at) == (CaseState.CLOSED, ClosedAs.WITHDRAWN, None)
        assert not case.citizen_waits
        assert actions_of(session, case.number) == [Action.OPEN, Action.CLAIM, Action.WITHDRAW]
        assert holding.lock_holder(session, "c1") is None
        with pytest.raises(CaseActionRefused):
            own_case.withdraw(session, case, NOON + timedelta(minutes=2))


def test_words_added_stand_masked_in_the_history_and_the_citizen_waits(database: Database) -> None:
    with database.transaction() as session:
        clerk, bureau, case = add_person(session, "王芳"), add_department(session), open_case(session)
        handling.claim(session, case, clerk, NOON)
        own_case.add_words(session, case, "灯也坏了，我电话13800138000", NOON)
        handling.pass_to_department(session, case, clerk, NOON, bureau.code)
        own_case.add_words(session, case, "门也坏了", NOON)
        handling.take_back(session, case, clerk, NOON)
        handling.reply(session, case, clerk, NOON, "已经派人去看", is_final=True)
        own_case.add_words(session, case, "没看到人来", NOON + timedelta(hours=1))
        words = [event.why for event in service.events_of(session, case) if event.who_id is None][1:]
        assert words == ["灯也坏了，我电话[手机号]", "门也坏了", "没看到人来"]
        assert (case.state, case.citizen_waits, case.waiting_since) == (
            CaseState.CLAIMED,
            True,
            NOON + timedelta(hours=1),
        )
        assert "门也坏了" in case.searched_text


def test_only_a_case_that_the_citizen_was_told_of_is_theirs(database: Database) -> None:
    with database.transaction() as session:
        service.open_case(session, "c1", "portal", Reason.FELL_BACK_TWICE, [], NOON, question="没答上")
        assert own_case.told_case(session, "c1") is None
        mine = open_case(session)
        assert own_case.told_case(session, "c1") == mine
        assert own_case.told_case(session, "c2") is None
        own_case.withdraw(session, mine, NOON)
        assert own_case.told_case(session, "c1") == mine


def test_from_elsewhere_a_case_is_shown_by_number_and_telephone_only(database: Database) -> None:
    with database.transaction() as session:
        case, other = open_case(session), open_case(session, "c2")
        assert not own_case.is_proven_by(session, SEALER, case.number, "13800138000")
        case.contact_sealed = SEALER.seal("13800138000")
        other.contact_sealed = SEALER.seal("13900139000")
        assert own_case.is_proven_by(session, SEALER, case.number, "13800138000")
        assert not own_case.is_proven_by(session, SEALER, case.number, "13900139000")
        assert not own_case.is_proven_by(session, SEALER, "AJ-000099", "13800138000")


def test_staff_see_once_that_a_broken_promise_was_asked_after(database: Database) -> None:
    with database.transaction() as session:
        case = open_case(session)
        own_case.press(session, case, NOON)
        assert actions_of(session, case.number) == [Action.OPEN]
        own_case.press(session, case, NOON + timedelta(days=9))
        own_case.press(session, case, NOON + timedelta(days=9))
        assert actions_of(session, case.number) == [Action.OPEN, Action.URGE]
