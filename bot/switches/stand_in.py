"""Answers instead of the engine while the bot or the channel of a message is off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message
from bot.conversations.provenance import Provenance
from bot.conversations.service import store_answer
from bot.replies.reply import Reply
from bot.replies.switches import nobody_there, person_instead
from bot.reviews import promises
from bot.reviews.reasons import Reason
from bot.reviews.service import is_on_duty, open_case
from bot.switches.models import Switch
from bot.switches.scopes import Scope
from bot.switches.service import active


def answer_if_off(session: Session, message: Message, conversation: Conversation, now: datetime) -> None:
    """If it is off, stores the notice as the answer, so the engine is not asked. Opens a case if staff are on duty."""
    about = {(Scope.BOT.value, ""), (Scope.CHANNEL.value, conversation.channel)}
    found = [switch for switch in active(session) if (switch.scope, switch.key) in about]
    if found and message.text:
        reply = _reply(session, found[0], message, conversation, now)
        store_answer(session, message.id, [reply.as_message()], Provenance(reply.outcome), now)


def _reply(session: Session, switch: Switch, message: Message, conversation: Conversation, now: datetime) -> Reply:
    if not is_on_duty(now):
        return nobody_there(switch.notice, promises.in_force().duty_hours)
    reason = Reason.ASKED_FOR_PERSON
    case = open_case(session, conversation.id, conversation.channel, reason, [], now, question=message.masked_text)
    return person_instead(switch.notice, case.number)
