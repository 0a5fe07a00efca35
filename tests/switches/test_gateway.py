"""While the bot is off, the engine is not asked; messages go to staff when they are on duty."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.conversations.service import open_conversation, store_message
from bot.db import Database
from bot.reviews import service as reviews
from bot.switches.scopes import Scope
from bot.switches.service import turn_off, turn_on
from bot.switches.stand_in import answer_if_off

# Monday 2 March 2026 in China: noon, on duty, and nine in the evening.
ON_DUTY = datetime(2026, 3, 2, 4, tzinfo=UTC)
OFF_DUTY = datetime(2026, 3, 2, 13, tzinfo=UTC)


def said(
    session: Session, text: str = "我电话13800138000，居住证怎么办", channel: str = "portal", now: datetime = ON_DUTY
) -> Message:
    conversation = open_conversation(session, f"c-{channel}", channel, now)
    message = store_message(session, conversation, text, now)
    answer_if_off(session, message, conversation, now)
    return message


def turn_off_bot(session: Session) -> None:
    turn_off(session, Scope.BOT, "", who="li", reason="演练", notice="机器人正在维护。", now=ON_DUTY)


def test_a_bot_that_is_on_answers_itself(database: Database) -> None:
    with database.transaction() as session:
        assert said(session).outcome is None


def test_on_duty_the_citizen_gets_the_notice_and_the_number_of_a_case(database: Database) -> None:
    with database.transaction() as session:
        turn_off_bot(session)
        message = said(session)
        (case,) = reviews.open_cases(session)
        assert message.outcome == "handed_over"
        assert message.replies[0]["text"].startswith("机器人正在维护。\n")
        assert case.number in message.replies[0]["text"]
        assert (case.question, case.reasons) == ("我电话[手机号]，居住证怎么办", ["asked_for_person"])
        again = said(session, "在吗")
        assert len(reviews.open_cases(session)) == 1
        assert case.number in again.replies[0]["text"]


def test_off_duty_the_citizen_is_told_when_staff_come(database: Database) -> None:
    with database.transaction() as session:
        turn_off_bot(session)
        message = said(session, now=OFF_DUTY)
        assert message.outcome == "switched_off"
        assert "09:00—17:30" in message.replies[0]["text"]
        assert "110" in message.replies[0]["text"]
        assert reviews.open_cases(session) == []


def test_a_channel_is_off_alone_and_on_again_at_once(database: Database) -> None:
    with database.transaction() as session:
        turn_off(session, Scope.CHANNEL, "portal", who="li", reason="被刷", notice="网页暂停。", now=ON_DUTY)
        assert said(session, channel="api").outcome is None
        assert said(session).outcome == "handed_over"
        turn_on(session, Scope.CHANNEL, "portal", who="li", now=ON_DUTY)
        assert said(session).outcome is None


@pytest.mark.parametrize("scope_and_key", [(Scope.TOPIC, "ask_fee")])
def test_what_is_narrower_is_for_the_engine_to_find(database: Database, scope_and_key: tuple[Scope, str]) -> None:
    with database.transaction() as session:
        turn_off(session, *scope_and_key, who="li", reason="演练", notice="暂停", now=ON_DUTY)
        assert said(session).outcome is None


def test_a_message_without_words_opens_no_case(database: Database) -> None:
    with database.transaction() as session:
        turn_off_bot(session)
        assert said(session, "").outcome is None


def test_a_form_that_was_open_still_waits_for_the_same_personal_answer(database: Database) -> None:
    with database.transaction() as session:
        open_conversation(session, "c-portal", "portal", ON_DUTY).awaits = "name"
        turn_off_bot(session)
        said(session, "王小明")
        assert said(session, "王小明").text == "[姓名]"
