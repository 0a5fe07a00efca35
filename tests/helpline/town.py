"""Citizens who text, and a bot played by the tests."""

from __future__ import annotations

import itertools
from datetime import datetime, time, timedelta

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import City
from bot.conversations import service as conversations
from bot.conversations.channels import SMS
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.helpline import answers, inbox
from bot.helpline.answers import TextQuestion
from bot.helpline.hours import QuietHours
from bot.helpline.models import Inbound, Outgoing
from bot.helpline.texts import Arrived, Kind, TextPart
from bot.sealing import Sealer
from tests.reviews.town import NOON

SEALER = Sealer(Fernet.generate_key())
QUIET = QuietHours(time(21), time(8))
NUMBER = "13800138000"
_numbers = itertools.count(1)


def add_city(session: Session) -> None:
    session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
    session.flush()


def arrive(
    session: Session,
    text: str,
    at: datetime = NOON,
    *,
    user: str = NUMBER,
    channel: str = SMS,
    gateway_id: str = "",
    part: TextPart | None = None,
    kind: Kind = Kind.TEXT,
    sent_at: datetime | None = None,
    most_per_hour: int = 100,
) -> inbox.KeptInbound:
    arrived = Arrived(gateway_id or f"g{next(_numbers)}", user, text, sent_at or at, part, kind)
    return inbox.keep(session, SEALER, channel, arrived, most_per_hour, at)


def inbound(session: Session, kept: inbox.KeptInbound) -> Inbound:
    return session.get_one(Inbound, kept.inbound_id)


def text_of(session: Session, kept: inbox.KeptInbound) -> str | None:
    sealed = inbound(session, kept).text_sealed
    return SEALER.open(sealed) if sealed else None


def say(
    session: Session,
    text: str,
    at: datetime = NOON,
    *,
    bot: list[dict[str, object]] | None = None,
    channel: str = SMS,
    user: str = NUMBER,
    kind: Kind = Kind.TEXT,
) -> tuple[TextQuestion | None, list[str]]:
    """Texts, and lets `bot` answer. Returns the message that the bot was asked, if any, and the reply."""
    kept = arrive(session, text, at, channel=channel, user=user, kind=kind)
    question = answers.take_up(session, SEALER, inbound(session, kept), at)
    if question is not None:
        replies = bot if bot is not None else [{"text": f"答：{question.text}"}]
        conversation = conversations.open_conversation(session, question.conversation_id, channel, at)
        message = conversations.store_message(session, conversation, question.text, at, question.number)
        conversations.store_answer(session, message.id, replies, Provenance(Outcome.ANSWERED_BY_RECORD), at)
        answers.give_answer(session, inbound(session, kept), replies, None, at)
    texts = select(Outgoing.text).where(Outgoing.inbound_id == kept.inbound_id).order_by(Outgoing.id)
    return question, list(session.scalars(texts))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
