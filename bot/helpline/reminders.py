"""Sends the reminders of disclosure requests (`bot.disclosures.reminders`) to the number that the applicant left."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from bot.catalogue.service import get_city
from bot.conversations.channels import SMS
from bot.db import Database
from bot.disclosures import reminders
from bot.disclosures.models import Applicant
from bot.disclosures.reminders import Reminder
from bot.helpline import outbox
from bot.helpline.hours import QuietHours, next_allowed
from bot.helpline.subscribers import Deed, consent, mobile_number, subscriber_of, wants_texts
from bot.laws.service import laws
from bot.replies.laws import text_with_standing
from bot.replies.reminders import reminder_text
from bot.sealing import SealBroken, Sealer
from bot.workdays import today_in_china

logger = logging.getLogger(__name__)


def send_due(database: Database, sealer: Sealer, quiet: QuietHours, now: datetime) -> None:
    """Puts what is due into the outbox, each in a transaction of its own; at night it waits for the morning."""
    with database.transaction() as session:
        waiting = reminders.due(session, today_in_china(now))
    for reminder in waiting:
        try:
            with database.transaction() as session:
                send(session, sealer, quiet, reminder, now)
        except Exception:  # the others do not wait for it
            logger.exception("the reminder %s of %s was not sent; it will be", reminder.kind, reminder.receipt)


def send(session: Session, sealer: Sealer, quiet: QuietHours, reminder: Reminder, now: datetime) -> None:
    """Sends a reminder by text; nothing goes to mail addresses, landlines, or people who have unsubscribed.

    The number was left with the request so that the agency can reach the applicant: that is the consent (通信短信息服务
    管理规定 art. 18), which a 退订 withdraws.
    """
    number = _number_of(session, sealer, reminder.receipt)
    if number is None:
        return
    subscriber = subscriber_of(session, sealer, SMS, number)
    if not wants_texts(subscriber) or not reminders.note_sent(session, reminder, now):
        return
    consent(session, subscriber, Deed.LEFT_CONTACT, now)
    city = get_city(session)
    told = reminder_text(reminder, city.name, city.hotline)
    text = text_with_standing(told, laws(session), today_in_china(now))
    outbox.put(session, subscriber, text, now, due_at=next_allowed(now, quiet.starts, quiet.ends))


def _number_of(session: Session, sealer: Sealer, receipt: str) -> str | None:
    applicant = session.get(Applicant, receipt)
    if applicant is None:
        return None
    try:
        return mobile_number(str(sealer.open_object(applicant.sealed).get("contact", "")))
    except SealBroken:
        logger.error("the contact of %s was sealed with another key", receipt)
        return None
