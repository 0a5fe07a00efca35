"""Sends a citizen the link to a conversation, by SMS or mail, when they ask for it.

What goes out are words of ours and the link: anybody may name anybody's number, and nobody may have the city send words
of their own to strangers. The contact is for this once (`bot.helpline.forgetting.forget_asked_once`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bot.catalogue.service import get_city
from bot.conversations import talk_links
from bot.conversations.channels import MAIL, SMS
from bot.db import locked
from bot.helpline import outbox, subscribers
from bot.helpline.models import Outgoing, Subscriber
from bot.replies import helpline as wording
from bot.sealing import Sealer

# In a day: of one conversation, to one contact, in all.
MOST_OF_A_TALK, MOST_TO_ONE, MOST_IN_ALL = 3, 2, 500
_DAY = timedelta(days=1)


class LinkRefused(ValueError):
    """The link is not sent; the message, in Chinese, tells the citizen why."""


def send_link(
    session: Session,
    sealer: Sealer,
    conversation_id: str,
    contact: str,
    channels: Collection[str],
    site: str,
    now: datetime,
) -> None:
    """Puts the link into the outbox. Who has unsubscribed gets nothing, and whoever asked for it is not told.

    Args:
        channels: those by which something can be sent.
        site: our address, without a slash at the end.

    Raises:
        LinkRefused
    """
    known = subscribers.reached_by(contact)
    if known is None or known[0] not in channels:
        raise LinkRefused(f"没有看懂，请写{contacts_in_words(channels)}")
    if talk_links.made_since(session, conversation_id, now - _DAY) >= MOST_OF_A_TALK:
        raise LinkRefused("这段对话今天发过几次了，请明天再发，或者下载对话")
    subscriber = subscribers.subscriber_of(session, sealer, *known)
    locked(session, Subscriber, subscriber.id)
    to_one = _sent_since(session, now, Outgoing.subscriber_id == subscriber.id)
    if to_one >= MOST_TO_ONE or _sent_since(session, now) >= MOST_IN_ALL:
        raise LinkRefused("今天发得太多了，请明天再发，或者下载对话")
    if not subscribers.wants_texts(subscriber):
        return
    token = talk_links.make_link(session, conversation_id, now)
    text = wording.link_to_talk(get_city(session).name, f"{site}/t/{token}", talk_links.LASTS.days)
    outbox.put(session, subscriber, text, now, is_asked_once=True)


def contacts_in_words(channels: Collection[str]) -> str:
    """“手机号或者邮箱”, by what can be sent; empty if nothing can."""
    return "或者".join(title for channel, title in ((SMS, "手机号"), (MAIL, "邮箱")) if channel in channels)


def _sent_since(session: Session, now: datetime, *whose: ColumnElement[bool]) -> int:
    counted = select(func.count()).where(Outgoing.is_asked_once, Outgoing.made_at > now - _DAY, *whose)
    return session.scalar(counted) or 0
