"""Answers texts: commands to the channel itself (退订, 帮助, 更多) here, all others by the bot, as at the portal.

Each function finishes a text in one transaction: the message, its answer, and the mark that it is answered are stored
together or not at all. So a process may die at any point, and each text is still answered once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.conversations import service as conversations
from bot.conversations.channels import MAIL, SMS, WECHAT
from bot.conversations.holding import lock_holder
from bot.conversations.models import Conversation, StaffMessage
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.helpline import call_back_by_text, outbox, screens
from bot.helpline import rating_by_text as rating
from bot.helpline.inbox import is_last_attempt, mark_answered
from bot.helpline.keywords import Command, choice_in, command_in
from bot.helpline.models import Inbound, Subscriber
from bot.helpline.subscribers import Deed, consent, unsubscribe
from bot.helpline.texts import Kind
from bot.referrals.service import emergencies
from bot.replies import helpline as wording
from bot.replies.plain_text import SMS_LONGEST, WECHAT_LONGEST, Screen, Style, pages, screen
from bot.replies.rating import call_back_invitation, invitation
from bot.replies.routes import helps_in
from bot.reviews.call_backs import waiting_in
from bot.reviews.models import Case
from bot.reviews.ratings import rateable
from bot.reviews.reasons import Priority
from bot.sealing import Sealer

# WeChat waits five seconds for an answer in the reply to its request. After that the answer is sent by itself.
PASSIVE_FOR = timedelta(seconds=5)
_LONGEST = {SMS: SMS_LONGEST, WECHAT: WECHAT_LONGEST}
# What the bot is asked if a citizen asks for a person, or to go back; it understands both in any state.
_PERSON, _STEP_BACK = "转人工", "上一步"


@dataclass(frozen=True)
class TextQuestion:
    """What the bot is to be asked; `number` makes it the same message if it is asked again.

    `button`: the id of the button that is pressed, None if `text` was written. `may_wait`: if the bot is out of order,
    the citizen is told nothing yet, and the text is tried again.
    """

    conversation_id: str
    channel: str
    text: str
    client: str
    number: str
    may_wait: bool
    button: str | None = None


def take_up(session: Session, sealer: Sealer, inbound: Inbound, now: datetime) -> TextQuestion | None:
    """What to ask the bot; None if the text was for the channel itself and is answered."""
    subscriber = inbound.subscriber
    text = sealer.open(inbound.text_sealed or "").strip()
    command = command_in(text) if inbound.kind == Kind.TEXT else None
    answer = _leaves(session, inbound, command, now)
    if answer is None:
        consent(session, subscriber, Deed.WROTE, now)
        subscriber.last_heard_at = now
        answer = _from_the_channel(session, inbound, text, command, now)
    if answer is not None:
        _end(session, inbound, text, answer, now)
        return None
    meant, button = _as_meant(session, subscriber, text, command)
    return TextQuestion(
        conversation_id=subscriber.conversation_id,
        channel=inbound.channel,
        text=meant,
        client=f"{inbound.channel}:{subscriber.id}",
        number=str(inbound.id),
        may_wait=not is_last_attempt(inbound),
        button=button,
    )


def give_answer(
    session: Session, inbound: Inbound, replies: Sequence[Mapping[str, Any]], short_link: str | None, now: datetime
) -> None:
    """Puts the answer into the outbox. `replies`: as in `docs/replies.md`; empty if a person answers."""
    subscriber = inbound.subscriber
    if replies:
        shown = screen(replies, Style(_LONGEST[subscriber.channel], short_link))
        text = screens.show(subscriber, shown)
        say(session, inbound, text, now, is_urgent=helps_in(emergencies(session), text))
        if subscriber.greeted_at is None:
            subscriber.greeted_at = now
            say(session, inbound, wording.first_contact(catalogue.get_city(session).name), now)
    mark_answered(inbound, now)


def refuse(session: Session, inbound: Inbound, sealer: Sealer, why: str, now: datetime) -> None:
    """Answers a text that the bot cannot take; `why` is shown to the citizen."""
    _end(session, inbound, sealer.open(inbound.text_sealed or ""), why, now)


def say(session: Session, inbound: Inbound, text: str, now: datetime, *, is_urgent: bool = False) -> None:
    """Puts a text that answers `inbound` into the outbox."""
    due_at = inbound.received_at + PASSIVE_FOR if inbound.channel == WECHAT else now
    outbox.put(session, inbound.subscriber, text, now, due_at=due_at, inbound_id=inbound.id, is_urgent=is_urgent)


def write_to(
    session: Session, subscriber: Subscriber, line: StaffMessage, text: str, due_at: datetime, now: datetime
) -> None:
    """Puts a line of staff into the outbox, as the citizen sees it; what exceeds one text comes by “更多”.

    A mail is whole and asks nothing, since nobody reads what is answered.
    """
    put = partial(outbox.put, session, subscriber, now=now, due_at=due_at, staff_message_id=line.id)
    if subscriber.channel == MAIL:
        put(text)
        return
    number = rateable(session, [line]).get(line.id)
    choices = rating.choices(number) if number else ()
    if number:
        text = f"{text}\n{invitation()}"
    elif waiting_in(session, [line]):
        choices, text = call_back_by_text.choices(line), f"{text}\n{call_back_invitation()}"
    page = screens.show(subscriber, Screen(pages(text, _LONGEST[subscriber.channel]), choices))
    put(page, is_urgent=session.get_one(Case, line.case_id).priority == Priority.URGENT)


def _leaves(session: Session, inbound: Inbound, command: Command | None, now: datetime) -> str | None:
    """The answer to 退订, "" for a citizen who left the account; None if the text is no 退订."""
    if inbound.kind != Kind.LEFT and command != Command.STOP:
        return None
    outbox.drop_waiting(session, inbound.subscriber, "退订", now)
    unsubscribe(session, inbound.subscriber, now)
    return wording.unsubscribed() if command == Command.STOP else ""


def _from_the_channel(
    session: Session, inbound: Inbound, text: str, command: Command | None, now: datetime
) -> str | None:
    """The answer of the channel itself; None if the text is for the bot."""
    subscriber = inbound.subscriber
    if inbound.kind == Kind.FOLLOWED:
        subscriber.greeted_at = now
        return wording.first_contact(catalogue.get_city(session).name)
    if inbound.kind == Kind.NOT_TEXT:
        return wording.not_text()
    if inbound.kind == Kind.TORN:
        return wording.only_part_arrived()
    if command == Command.MORE:
        return screens.next_page(subscriber)
    conversation = session.get(Conversation, subscriber.conversation_id)
    if conversation is not None and conversation.awaits is not None:
        return None  # a form has its own help, and its own way back
    if command == Command.HELP:
        city = catalogue.get_city(session)
        return wording.help_text(city.name, city.hotline)
    if command == Command.BACK:
        return screens.back(subscriber) or wording.nothing_before()
    if command is None:
        return _to_a_rating(session, subscriber, text, now)
    return None


def _to_a_rating(session: Session, subscriber: Subscriber, text: str, now: datetime) -> str | None:
    reason = rating.answer_to_why(session, subscriber, text, now)
    if reason is not None:
        return reason
    chosen = choice_in(text, screens.choice_count(subscriber))
    if chosen is None:
        return None
    says = screens.choice(subscriber, chosen)
    return rating.answer_to(session, subscriber, says, now) or call_back_by_text.answer_to(
        session, subscriber, says, now
    )


def _as_meant(session: Session, subscriber: Subscriber, text: str, command: Command | None) -> tuple[str, str | None]:
    """The words and the id of the button that the text stands for; if a person answers, the text as it was typed."""
    if lock_holder(session, subscriber.conversation_id) is not None:
        return text, None
    if command == Command.PERSON:
        return _PERSON, None
    if command == Command.BACK:
        return _STEP_BACK, None
    chosen = choice_in(text, screens.choice_count(subscriber))
    return text, None if chosen is None else screens.choice(subscriber, chosen)


def _end(session: Session, inbound: Inbound, text: str, answer: str, now: datetime) -> None:
    """Stores what was said and what the channel itself answers, "" for nothing."""
    subscriber = inbound.subscriber
    conversation = conversations.open_conversation(session, subscriber.conversation_id, inbound.channel, now)
    message = conversations.store_message(session, conversation, text, now, str(inbound.id))
    if message.outcome is None:
        replies = [{"text": answer}] if answer else []
        conversations.store_answer(session, message.id, replies, Provenance(Outcome.COMMAND), now)
    if answer:
        say(session, inbound, answer, now)
    mark_answered(inbound, now)
