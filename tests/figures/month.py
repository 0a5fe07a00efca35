"""Messages, cases and ratings to count. March 2026 in China: Monday the 2nd is a working day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.service import open_conversation, store_answer, store_message
from bot.figures.period import Period
from bot.reviews import handling, service
from bot.reviews.models import Case
from bot.reviews.reasons import ClosedAs, Reason, Stars
from bot.staff.models import Person

MARCH = Period.of_month("2026-03")
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
AFTER = datetime(2026, 4, 10, 4, tzinfo=UTC)


def say(
    session: Session,
    text: str = "居住证怎么办",
    outcome: Outcome | None = Outcome.ANSWERED_BY_RECORD,
    at: datetime = NOON,
    conversation_id: str = "c1",
    channel: str = "portal",
    items: Sequence[str] = (),
) -> Message:
    conversation = open_conversation(session, conversation_id, channel, at)
    message = store_message(session, conversation, text, at)
    if outcome is not None:
        how = Provenance(outcome, entities=tuple(("item", code) for code in items))
        store_answer(session, message.id, [], how, at)
    return message


def open_case(
    session: Session, conversation_id: str = "c1", at: datetime = NOON, reason: Reason = Reason.ASKED_FOR_PERSON
) -> Case:
    return service.open_case(session, conversation_id, "portal", reason, [], at, question="居住证怎么办")


def answer_case(session: Session, case: Case, clerk: Person, at: datetime) -> None:
    handling.claim(session, case, clerk, at)
    handling.reply(session, case, clerk, at, "在派出所办", is_final=True)


def close_case(session: Session, case: Case, clerk: Person, at: datetime) -> None:
    handling.close(session, case, clerk, at, ClosedAs.ANSWERED)


def rate(session: Session, case: Case, stars: int, at: datetime) -> None:
    service.rate(session, case, Stars(stars), "", at)
