"""Deletes data of the text channels when its retention time ends, or when the citizen asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from bot.helpline import inbox, outbox
from bot.helpline.models import Consent, Inbound, Outgoing, Subscriber

# Until then a carrier may report on it, and staff may send it again.
ASKED_ONCE_KEPT = timedelta(days=1)
_UNDER_WAY = (inbox.InboundState.WAITING, inbox.InboundState.INCOMPLETE)


def expired_outgoing(before: datetime) -> Select[int]:
    return select(Outgoing.id).where(Outgoing.made_at < before, Outgoing.state != outbox.OutgoingState.WAITING)


def forget_outgoing(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(Outgoing).where(Outgoing.id.in_(ids)))


def expired_inbound(before: datetime) -> Select[int]:
    """Texts received before that. One to which an outgoing text still refers is not among them."""
    is_answered_by = exists().where(Outgoing.inbound_id == Inbound.id)
    return select(Inbound.id).where(Inbound.received_at < before, Inbound.state.not_in(_UNDER_WAY), ~is_answered_by)


def forget_inbound(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(Inbound).where(Inbound.id.in_(ids)))


def expired_subscribers(before: datetime) -> Select[int]:
    """Citizens who did not write since `before`. A 退订 or a block is kept, else it would no longer hold."""
    has_texts = or_(
        exists().where(Inbound.subscriber_id == Subscriber.id), exists().where(Outgoing.subscriber_id == Subscriber.id)
    )
    has_agreed_since = exists().where(Consent.subscriber_id == Subscriber.id, Consent.at >= before)
    return select(Subscriber.id).where(
        or_(Subscriber.last_heard_at.is_(None), Subscriber.last_heard_at < before),
        Subscriber.unsubscribed_at.is_(None),
        Subscriber.blocked_at.is_(None),
        ~has_texts,
        ~has_agreed_since,
    )


def forget_subscribers(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(Consent).where(Consent.subscriber_id.in_(ids)))
    session.execute(delete(Subscriber).where(Subscriber.id.in_(ids)))


def forget_asked_once(session: Session, now: datetime) -> None:
    """Deletes what was asked for once a day ago, and the contacts that were left for nothing but that."""
    over = (Outgoing.is_asked_once, Outgoing.made_at < now - ASKED_ONCE_KEPT, _HAS_GONE)
    whose = set(session.scalars(select(Outgoing.subscriber_id).where(*over)))
    if whose:
        session.execute(delete(Outgoing).where(*over))
        nobody_else = expired_subscribers(now).where(Subscriber.id.in_(whose), Subscriber.last_heard_at.is_(None))
        has_agreed = exists().where(Consent.subscriber_id == Subscriber.id)
        forget_subscribers(session, list(session.scalars(nobody_else.where(~has_agreed))))


def part_from_staff_messages(session: Session, staff_message_ids: Sequence[int]) -> None:
    """Unlinks texts from lines of staff that are deleted; the texts stay for their own retention time."""
    session.execute(
        update(Outgoing).where(Outgoing.staff_message_id.in_(staff_message_ids)).values(staff_message_id=None)
    )


def forget_texts_of(session: Session, conversation_id: str) -> int:
    """Deletes texts, both ways, and returns how many. Those not sent yet, or not answered yet, stay."""
    subscriber = _subscriber_of(session, conversation_id)
    if subscriber is None:
        return 0
    subscriber.screens = []
    outgoing = _ids(session, select(Outgoing.id), Outgoing.subscriber_id == subscriber.id, _HAS_GONE)
    forget_outgoing(session, outgoing)
    is_answered_by = exists().where(Outgoing.inbound_id == Inbound.id)
    inbound = _ids(
        session,
        select(Inbound.id),
        Inbound.subscriber_id == subscriber.id,
        Inbound.state.not_in(_UNDER_WAY),
        ~is_answered_by,
    )
    forget_inbound(session, inbound)
    return len(outgoing) + len(inbound)


def has_texts(session: Session, conversation_id: str) -> bool:
    subscriber = _subscriber_of(session, conversation_id)
    if subscriber is None:
        return False
    kept = (select(table.id).where(table.subscriber_id == subscriber.id).limit(1) for table in (Outgoing, Inbound))
    return any(session.scalars(one).first() is not None for one in kept)


def is_subscribed_by_text(session: Session, conversation_id: str) -> bool:
    return _subscriber_of(session, conversation_id) is not None


_HAS_GONE = Outgoing.state != outbox.OutgoingState.WAITING


def _subscriber_of(session: Session, conversation_id: str) -> Subscriber | None:
    return session.scalars(select(Subscriber).where(Subscriber.conversation_id == conversation_id)).one_or_none()


def _ids(session: Session, query: Select[int], *conditions: ColumnElement[bool]) -> list[int]:
    return list(session.scalars(query.where(*conditions)))
