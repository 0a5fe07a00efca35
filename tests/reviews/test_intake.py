from __future__ import annotations

from datetime import timedelta

from bot.conversations import service as conversations
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.db import Database
from bot.reviews import service
from bot.reviews.intake import RECENT, open_cases_after
from tests.reviews.town import NOON


def answer(database: Database, text: str, outcome: Outcome, minutes: int, intent: str = "ask_fee") -> None:
    now = NOON + timedelta(minutes=minutes)
    how = Provenance(outcome, intent, 0.9)
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, "c1", "sms", now)
        message = conversations.store_message(session, conversation, text, now)
        conversations.store_answer(session, message.id, [{"text": "抱歉"}], how, now)
        open_cases_after(session, message, conversations.history(session, "c1", newest=RECENT), now)


def test_unanswered_messages_become_one_case_whose_reasons_add_up(database: Database) -> None:
    answer(database, "我电话13800138000，能办吗", Outcome.NOTHING_FOUND, 0)
    with database.transaction() as session:
        assert service.open_cases(session) == []
    answer(database, "我电话13800138000，能办吗", Outcome.ASKED_BACK, 1)
    answer(database, "不对", Outcome.ASKED_BACK, 2, "feedback_wrong")
    answer(database, "在吗", Outcome.FAILED_ENGINE, 3)
    with database.transaction() as session:
        (case,) = service.open_cases(session)
        assert case.reasons == ["fell_back_twice", "said_to_be_wrong"]
        assert (case.question, case.channel) == ("我电话[手机号]，能办吗", "sms")
        assert case.waiting_since == NOON + timedelta(minutes=1)
