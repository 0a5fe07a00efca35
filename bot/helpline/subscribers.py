"""Citizens on the text channels: found by a digest of their number, with or without consent to texts, or blocked."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.conversations.channels import MAIL, SMS
from bot.conversations.service import new_conversation_id
from bot.db import added
from bot.helpline.models import Consent, Subscriber
from bot.language.masking import mask_contact
from bot.sealing import SealBroken, Sealer

_COUNTRY = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
# What mail servers take from each other; quoted names and other rarities of RFC 5322 are left out.
_ADDRESS = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3


class Deed(StrEnum):
    """The act by which a citizen agreed to get texts, or withdrew this."""

    WROTE = "wrote"
    LEFT_CONTACT = "left_contact"
    UNSUBSCRIBED = "unsubscribed"


def mobile_number(text: str) -> str | None:
    """`138 0013 8000`, `+8613800138000` → `13800138000`; None if it is no mobile number."""
    number = _COUNTRY.sub("", re.sub(r"[\s\-]", "", text))
    return number if _MOBILE.fullmatch(number) else None


def mail_address(text: str) -> str | None:
    """`Wang@Example.com` → `wang@example.com`; None if it is no mail address, or one that is not plain ASCII."""
    address = text.strip().lower()
    return address if len(address) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(address) else None


def reached_by(contact: str) -> tuple[str, str] | None:
    """The channel, and who one is there: a mobile number by SMS, a mail address by mail; None for other contacts."""
    if number := mobile_number(contact):
        return SMS, number
    if address := mail_address(contact):
        return MAIL, address
    return None


def subscriber_of(session: Session, sealer: Sealer, channel: str, user: str) -> Subscriber:
    """Finds the subscriber, or adds one with a new conversation; two processes at once add only one."""
    subscriber = find_subscriber(session, sealer, channel, user)
    if subscriber is None:
        user = _known_as(channel, user)
        subscriber = Subscriber(
            channel=channel,
            user_digest=sealer.digest(user),
            user_sealed=sealer.seal(user),
            conversation_id=new_conversation_id(),
            screens=[],
        )
        if not added(session, subscriber):
            subscriber = find_subscriber(session, sealer, channel, user)
            if subscriber is None:
                raise
    return subscriber


def find_subscriber(session: Session, sealer: Sealer, channel: str, user: str) -> Subscriber | None:
    digest = sealer.digest(_known_as(channel, user))
    found = select(Subscriber).where(Subscriber.channel == channel, Subscriber.user_digest == digest)
    return session.scalars(found).one_or_none()


def consent(session: Session, subscriber: Subscriber, deed: Deed, now: datetime) -> None:
    """Records consent to texts: the citizen wrote to us, or left a number with a question. The same again adds nothing.

    通信短信息服务管理规定 (2015), art. 18: no texts without consent, and none after it is withdrawn. A number left at
    the portal does not undo a 退订 that came from the telephone itself.
    """
    is_first = subscriber.last_heard_at is None and subscriber.unsubscribed_at is None
    if deed == Deed.WROTE and (is_first or subscriber.unsubscribed_at is not None):
        subscriber.unsubscribed_at = None
    elif deed != Deed.LEFT_CONTACT or not is_first or _has_consented(session, subscriber):
        return
    session.add(Consent(subscriber_id=subscriber.id, at=now, deed=deed))


def _has_consented(session: Session, subscriber: Subscriber) -> bool:
    return session.scalar(select(exists().where(Consent.subscriber_id == subscriber.id))) is True


def unsubscribe(session: Session, subscriber: Subscriber, now: datetime) -> None:
    """退订: nothing goes to them until they write again."""
    if subscriber.unsubscribed_at is None:
        subscriber.unsubscribed_at = now
        session.add(Consent(subscriber_id=subscriber.id, at=now, deed=Deed.UNSUBSCRIBED))


def wants_texts(subscriber: Subscriber) -> bool:
    return subscriber.unsubscribed_at is None and subscriber.blocked_at is None


def block(subscriber: Subscriber, why: str, now: datetime) -> None:
    """From now on no text of this citizen is read or answered."""
    subscriber.blocked_at, subscriber.blocked_why = now, why


def unblock(subscriber: Subscriber) -> None:
    subscriber.blocked_at, subscriber.blocked_why = None, ""


def blocked(session: Session) -> list[Subscriber]:
    """Blocked subscribers, the last blocked first."""
    found = select(Subscriber).where(Subscriber.blocked_at.is_not(None)).order_by(Subscriber.blocked_at.desc())
    return list(session.scalars(found))


def masked_user(sealer: Sealer, subscriber: Subscriber) -> str:
    """`138****8000`, as lists show it."""
    try:
        return mask_contact(sealer.open(subscriber.user_sealed))
    except SealBroken:
        return "解不开的号码"


def _known_as(channel: str, user: str) -> str:
    return (mobile_number(user) or user.strip()) if channel == SMS else user
