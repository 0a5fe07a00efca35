"""Opens cases for stored answers that a person must look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message
from bot.reviews.service import case_of_conversation, citizen_spoke, open_case
from bot.reviews.triggers import reasons_after

# How many of the newest messages tell whether a person must look.
RECENT = 5


def open_cases_after(session: Session, message: Message, recent: Sequence[Message], now: datetime) -> None:
    """Opens cases for an answer, in the transaction that stores it, so that neither is stored without the other.

    `recent`: the `RECENT` newest messages of the conversation, oldest first.
    """
    before = [one for one in recent if one.id < message.id]
    triggers = reasons_after(before, message)
    if triggers:
        channel = session.get_one(Conversation, message.conversation_id).channel
        for trigger in triggers:
            open_case(
                session,
                message.conversation_id,
                channel,
                trigger.reason,
                [],
                now,
                question=trigger.at_issue.masked_text,
            )


def tell_of_words(session: Session, conversation_id: str, now: datetime) -> None:
    """Records that the citizen wrote to the clerk who has taken the conversation over, and waits for an answer."""
    case = case_of_conversation(session, conversation_id)
    if case is not None:
        citizen_spoke(session, case, now)
