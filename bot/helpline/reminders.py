"""Sends the reminders of disclosure requests (`bot.disclosures.reminders`): to the mobile number or the mail address
that the applicant left, else into the conversation by SMS or WeChat in which the request was filed.

Nothing goes to the chat page, whose conversations end with the visit.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.catalogue.service import get_city
from bot.conversations.channels import WECHAT
from bot.db import Database
from bot.disclosures import reminders
from bot.disclosures.models import Applicant
from bot.disclosures.reminders import Reminder
from bot.helpline import outbox, texts
from bot.helpline.hours import QuietHours, next_allowed
from bot.helpline.models import Inbound, Subscriber
from bot.helpline.subscribers import Deed, consent, reached_by, subscriber_of, wants_texts
from bot.laws.service import laws
from bot.replies.laws import text_with_standing
from bot.replies.reminders import reminder_text
from bot.sealing import SealBroken, Sealer
from bot.workdays import today_in_china

logger = logging.getLogger(__name__)


# How long after a message WeChat lets an account write to its sender (客服消息).
_WECHAT_WINDOW = timedelta(hours=48)


def send_due(database: Database, sealer: Sealer, quiet: QuietHours, channels: Collection[str], now: datetime) -> None:
    """Puts what is due into the outbox, each in a transaction of its own; at night it waits for the morning.

    `channels`: those by which texts can be sent. What cannot be sent now is tried the next time.
    """
    with database.transaction() as session:
        waiting = reminders.due(session, today_in_china(now))
    for reminder in waiting:
        try:
            with database.transaction() as session:
                send(session, sealer, quiet, reminder, channels, now)
        except Exception:  # the others do not wait for it
            logger.exception("the reminder %s of %s was not sent; it will be", reminder.kind, reminder.receipt)


def send(
    session: Session, sealer: Sealer, quiet: QuietHours, reminder: Reminder, channels: Collection[str], now: datetime
) -> None:
    """Sends a reminder by text; not to people who have unsubscribed.

    The number was left with the request so that the agency can reach the applicant: that is the consent (通信短信息服务
    管理规定 art. 18), which a 退订 withdraws.
    """
    due_at = next_allowed(now, quiet.starts, quiet.ends)
    subscriber = _whom(session, sealer, reminder.receipt, channels, due_at)
    if subscriber is None or not wants_texts(subscriber) or not reminders.note_sent(session, reminder, now):
        return
    consent(session, subscriber, Deed.LEFT_CONTACT, now)
    city = get_city(session)
    told = reminder_text(reminder, city.name, city.hotline)
    outbox.put(session, subscriber, text_with_standing(told, laws(session), today_in_china(now)), now, due_at=due_at)


def _whom(
    session: Session, sealer: Sealer, receipt: str, channels: Collection[str], due_at: datetime
) -> Subscriber | None:
    applicant = session.get(Applicant, receipt)
    if applicant is None:
        return None
    try:
        identity = sealer.open_object(applicant.sealed)
    except SealBroken:
        logger.error("the contact of %s was sealed with another key", receipt)
        return None
    contact = reached_by(str(identity.get("contact", "")))
    if contact is not None and contact[0] in channels:
        return subscriber_of(session, sealer, *contact)
    found = select(Subscriber).where(
        Subscriber.conversation_id == identity.get("text_conversation", ""), Subscriber.channel.in_(channels)
    )
    own = session.scalars(found).one_or_none()
    if own is not None and own.channel == WECHAT and not _wrote_since(session, own, due_at - _WECHAT_WINDOW):
        return None
    return own


def _wrote_since(session: Session, subscriber: Subscriber, since: datetime) -> bool:
    wrote = (Inbound.subscriber_id == subscriber.id, Inbound.kind == texts.Kind.TEXT, Inbound.received_at > since)
    return session.scalar(select(exists().where(*wrote))) is True
