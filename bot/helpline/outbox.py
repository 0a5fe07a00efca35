"""Texts to citizens: stored in the transaction that decides to send them, then sent until a carrier takes them.

A carrier may get the same text twice, always with the same key. Texts to one citizen keep their order; only a text that
waits for the end of the quiet hours may be overtaken, and any by an urgent one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.conversations import staff_messages
from bot.conversations.models import StaffMessage
from bot.db import locked
from bot.helpline import leases
from bot.helpline.backoff import pause
from bot.helpline.hours import day_began
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.helpline.texts import DeliveryReport
from bot.language.masking import for_sending

# With the pauses of `backoff.pause` these take 38 to 77 minutes.
MOST_ATTEMPTS = 14


class OutgoingState(StrEnum):
    """`DEAD`: no carrier takes it. `UNDELIVERED`: taken, but not delivered. `DROPPED`: not to be sent any more."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    DEAD = "dead"
    DROPPED = "dropped"


TROUBLED = (OutgoingState.DEAD, OutgoingState.UNDELIVERED)


def put(
    session: Session,
    subscriber: Subscriber,
    text: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    inbound_id: int | None = None,
    staff_message_id: int | None = None,
    is_urgent: bool = False,
    is_asked_once: bool = False,
) -> Outgoing:
    """Adds a text, to be sent at `due_at`; without it, at once."""
    outgoing = Outgoing(
        key=str(uuid.uuid4()),
        channel=subscriber.channel,
        subscriber_id=subscriber.id,
        inbound_id=inbound_id,
        staff_message_id=staff_message_id,
        text=for_sending(text),
        made_at=now,
        due_at=due_at or now,
        state=OutgoingState.WAITING,
        is_urgent=is_urgent,
        is_asked_once=is_asked_once,
    )
    session.add(outgoing)
    session.flush()
    return outgoing


def subscribers_to_send_to(
    session: Session, channels: Collection[str], now: datetime, but: Collection[int], *, full: Collection[str] = ()
) -> list[int]:
    """`full`: channels on which only urgent texts go out."""
    found = (
        select(Outgoing.subscriber_id)
        .join(Outgoing.subscriber)
        .where(
            _may_go(now),
            Outgoing.channel.in_(channels),
            _is_let_through(full),
            Outgoing.subscriber_id.not_in(but),
            leases.is_free(Subscriber.sending_until, now),
        )
        .order_by(*_FIRST)
        .limit(50)
    )
    return list(session.scalars(found))


def next_to(session: Session, subscriber_id: int, now: datetime, *, full: Collection[str] = ()) -> Outgoing | None:
    is_next = (_may_go(now), Outgoing.subscriber_id == subscriber_id, _is_let_through(full))
    return session.scalars(select(Outgoing).where(*is_next).order_by(*_FIRST).limit(1)).one_or_none()


def begin_attempt(outgoing: Outgoing) -> None:
    """Called before the attempt: even if the process dies, a text with 0 attempts was given to no carrier."""
    outgoing.attempts += 1


def mark_sent(session: Session, outgoing: Outgoing, gateway_id: str, now: datetime) -> None:
    """Notes that a carrier took the text. A report that came before this answer is kept."""
    if outgoing.state == OutgoingState.WAITING:
        outgoing.state, outgoing.trouble = OutgoingState.SENT, ""
    outgoing.gateway_id = gateway_id
    _note_that_it_left(session, outgoing, now)


def _note_that_it_left(session: Session, outgoing: Outgoing, now: datetime) -> None:
    outgoing.sent_at = outgoing.sent_at or now
    if outgoing.staff_message_id is not None:
        staff_messages.mark_delivered([session.get_one(StaffMessage, outgoing.staff_message_id)], now)


def put_off(outgoing: Outgoing, why: str, now: datetime) -> None:
    """The text is tried again after a pause; after `MOST_ATTEMPTS` it is dead."""
    if outgoing.state != OutgoingState.WAITING:
        return  # dropped, or reported as delivered, meanwhile
    outgoing.trouble, outgoing.due_at = why, now + pause(outgoing.attempts)
    if outgoing.attempts >= MOST_ATTEMPTS:
        give_up(outgoing, why, now)


def give_up(outgoing: Outgoing, why: str, now: datetime) -> None:
    if outgoing.state != OutgoingState.WAITING:
        return
    outgoing.state, outgoing.trouble, outgoing.ended_at = OutgoingState.DEAD, why, now


def note_report(session: Session, channel: str, report: DeliveryReport, now: datetime) -> bool:
    """Notes what became of a text; False if none with that id went out. A second report changes nothing.

    Our own key names a text too, since a report may come before the carrier's id has reached us.
    """
    name = report.gateway_id
    is_named = or_(Outgoing.gateway_id == name, Outgoing.key == name)
    found = select(Outgoing.id).where(Outgoing.channel == channel, is_named).order_by(Outgoing.id.desc()).limit(1)
    outgoing_id = session.scalars(found).one_or_none()
    # Locked, since a report may come while the carrier still answers.
    outgoing = locked(session, Outgoing, outgoing_id) if outgoing_id is not None else None
    if outgoing is None:
        return False
    if outgoing.state in (OutgoingState.WAITING, OutgoingState.SENT):
        outgoing.state = OutgoingState.DELIVERED if report.is_delivered else OutgoingState.UNDELIVERED
        outgoing.trouble, outgoing.ended_at = report.why, now
        _note_that_it_left(session, outgoing, now)
    return True


def take_for_passive_reply(
    session: Session, inbound_id: int, now: datetime, fits: Callable[[Sequence[str]], bool] = lambda _: True
) -> list[str]:
    """The texts that answer a text, the first ones that fit, to go back in the reply to the carrier's own request.

    If the carrier asks again, it gets the same ones. The lease keeps another process from sending them at the same
    time; if one sends to this citizen already, the waiting texts are left to it.
    """
    subscriber_id = session.get_one(Inbound, inbound_id).subscriber_id
    mine = select(Outgoing).where(Outgoing.inbound_id == inbound_id, Outgoing.attempts == 0).order_by(Outgoing.id)
    until = leases.take(session, Subscriber.sending_until, subscriber_id, now)
    if until is not None:
        taken: list[str] = []
        for outgoing in session.scalars(mine):
            is_ours = outgoing.gateway_id == PASSIVE
            if not is_ours and not (outgoing.state == OutgoingState.WAITING and outgoing.due_at > now):
                continue
            if not fits([*taken, outgoing.text]):
                break
            taken.append(outgoing.text)
            if not is_ours:
                outgoing.state, outgoing.sent_at, outgoing.gateway_id = OutgoingState.SENT, now, PASSIVE
        session.flush()
        leases.give_back(session, Subscriber.sending_until, subscriber_id, until)
    return [outgoing.text for outgoing in session.scalars(mine) if outgoing.gateway_id == PASSIVE]


PASSIVE = "passive"


def drop_waiting(session: Session, subscriber: Subscriber, why: str, now: datetime) -> None:
    """Drops what waits for a citizen. Untried lines of staff are deleted, so that they are found again later."""
    waits = (Outgoing.subscriber_id == subscriber.id, Outgoing.state == OutgoingState.WAITING)
    session.execute(
        delete(Outgoing)
        .where(*waits, Outgoing.staff_message_id.is_not(None), Outgoing.attempts == 0)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Outgoing)
        .where(*waits)
        .values(state=OutgoingState.DROPPED, trouble=why, ended_at=now)
        .execution_options(synchronize_session=False)
    )


def sent_today(session: Session, channel: str, now: datetime) -> int:
    """How many texts a carrier has taken since midnight."""
    counted = select(func.count()).where(Outgoing.channel == channel, Outgoing.sent_at >= day_began(now))
    return session.scalar(counted) or 0


def waiting_count(session: Session, now: datetime) -> int:
    """How many texts were due by `now` and are not sent."""
    return (
        session.scalar(select(func.count()).where(Outgoing.state == OutgoingState.WAITING, Outgoing.due_at <= now)) or 0
    )


def waiting(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many texts were due by `now` and are not sent, and when the oldest one was made."""
    is_due = (Outgoing.state == OutgoingState.WAITING, Outgoing.due_at <= now)
    number, oldest_at = session.execute(select(func.count(), func.min(Outgoing.made_at)).where(*is_due)).one()
    return number, oldest_at


def troubled(session: Session, newest: int = 200) -> list[Outgoing]:
    """Texts that reached nobody, the newest first."""
    found = select(Outgoing).where(Outgoing.state.in_(TROUBLED)).order_by(Outgoing.id.desc()).limit(newest)
    return list(session.scalars(found))


def troubled_count(session: Session) -> int:
    return session.scalar(select(func.count()).where(Outgoing.state.in_(TROUBLED))) or 0


def try_again(outgoing: Outgoing, now: datetime) -> None:
    """Has the text sent again, with a new key if a carrier took it before: it would ignore the old key."""
    if outgoing.state == OutgoingState.UNDELIVERED:
        outgoing.key, outgoing.gateway_id, outgoing.sent_at = str(uuid.uuid4()), None, None
    outgoing.state, outgoing.attempts, outgoing.due_at, outgoing.ended_at = OutgoingState.WAITING, 0, now, None


def drop(outgoing: Outgoing, why: str, now: datetime) -> None:
    outgoing.state, outgoing.trouble, outgoing.ended_at = OutgoingState.DROPPED, why, now


_FIRST = (Outgoing.is_urgent.desc(), Outgoing.id)


def _is_let_through(full: Collection[str]) -> ColumnElement[bool]:
    return or_(Outgoing.channel.not_in(full), Outgoing.is_urgent)


def _may_go(now: datetime) -> ColumnElement[bool]:
    """The text is due, and it is urgent, or no earlier one to the same citizen is due or under way."""
    earlier = aliased(Outgoing)
    is_held_back = exists().where(
        earlier.subscriber_id == Outgoing.subscriber_id,
        earlier.state == OutgoingState.WAITING,
        earlier.id < Outgoing.id,
        or_(earlier.attempts > 0, earlier.due_at <= now),
    )
    return (Outgoing.state == OutgoingState.WAITING) & (Outgoing.due_at <= now) & or_(Outgoing.is_urgent, ~is_held_back)
