"""Texts from citizens: stored before they are read, each once, and answered in the order in which they were sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.db import added, locked
from bot.helpline import leases
from bot.helpline.backoff import pause
from bot.helpline.models import Inbound, Subscriber
from bot.helpline.subscribers import subscriber_of
from bot.helpline.texts import Arrived, Kind
from bot.sealing import Sealer

# The parts of a text come within seconds; a part still missing after this time was lost on the way.
PARTS_WITHIN = timedelta(minutes=2)
MOST_ATTEMPTS = 6
RATE_IS_PER = timedelta(hours=1)


class InboundState(StrEnum):
    """`JOINED`: a part whose words are now in the part that came first. `FAILED`: given up, left for staff."""

    INCOMPLETE = "incomplete"
    WAITING = "waiting"
    ANSWERED = "answered"
    JOINED = "joined"
    TOO_OFTEN = "too_often"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True)
class KeptInbound:
    """`is_first_too_often`: this text is the first over the hourly limit, so the citizen is to be told."""

    inbound_id: int
    is_first_too_often: bool = False


def keep(
    session: Session, sealer: Sealer, channel: str, arrived: Arrived, most_per_hour: int, now: datetime
) -> KeptInbound:
    """Stores a text; for a `gateway_id` that is known, returns the text already stored.

    Of a text over the hourly limit, or from a blocked number, the row is stored without the words.
    """
    stored = select(Inbound.id).where(Inbound.channel == channel, Inbound.gateway_id == arrived.gateway_id)
    found = session.scalars(stored).one_or_none()
    if found is not None:
        return KeptInbound(found)
    subscriber = subscriber_of(session, sealer, channel, arrived.user)
    # Without the lock, two parts that come at once would not see each other, or would both join the text.
    locked(session, Subscriber, subscriber.id)
    part = arrived.part if arrived.part and arrived.part.total > 1 else None
    before = _count_since(session, subscriber, now - RATE_IS_PER)
    state = InboundState.INCOMPLETE if part else InboundState.WAITING
    if subscriber.blocked_at is not None:
        state = InboundState.BLOCKED
    elif before >= most_per_hour:
        state = InboundState.TOO_OFTEN
    is_kept = state in (InboundState.INCOMPLETE, InboundState.WAITING)
    inbound = Inbound(
        channel=channel,
        gateway_id=arrived.gateway_id,
        subscriber_id=subscriber.id,
        kind=arrived.kind,
        sent_at=arrived.sent_at,
        received_at=now,
        text_sealed=sealer.seal(arrived.text) if is_kept else None,
        reference=part.reference if part else None,
        total=part.total if part else None,
        number=part.number if part else None,
        state=state,
        due_at=now,
    )
    if not added(session, inbound):  # the carrier delivered it twice at once
        return KeptInbound(session.scalars(stored).one())
    if state == InboundState.INCOMPLETE:
        _join(session, sealer, inbound)
    return KeptInbound(inbound.id, state == InboundState.TOO_OFTEN and before == most_per_hour)


def join_late(session: Session, sealer: Sealer, now: datetime) -> bool:
    """Joins the texts of which a part got lost, without that part. Whether there were any."""
    is_late = (Inbound.state == InboundState.INCOMPLETE, Inbound.received_at <= now - PARTS_WITHIN)
    late = select(Inbound.subscriber_id).where(*is_late).distinct().order_by(Inbound.subscriber_id)
    # Locked in this order, so that two processes do not wait for each other.
    subscriber_ids = session.scalars(late).all()
    for subscriber_id in subscriber_ids:
        locked(session, Subscriber, subscriber_id)
        parts = select(Inbound).where(*is_late, Inbound.subscriber_id == subscriber_id).order_by(Inbound.id)
        for part in session.scalars(parts).all():
            if part.state == InboundState.INCOMPLETE:  # not joined with one before it
                _put_together(session, sealer, _parts_like(session, part))
    return bool(subscriber_ids)


def subscribers_to_answer(session: Session, now: datetime, but: Collection[int]) -> list[int]:
    """Ids of subscribers whose oldest text may be answered now, the longest waiting first, without those in `but`."""
    earlier = aliased(Inbound)
    has_earlier = exists().where(
        earlier.subscriber_id == Inbound.subscriber_id,
        earlier.state == InboundState.WAITING,
        or_(earlier.sent_at < Inbound.sent_at, (earlier.sent_at == Inbound.sent_at) & (earlier.id < Inbound.id)),
    )
    found = (
        select(Inbound.subscriber_id)
        .join(Inbound.subscriber)
        .where(
            Inbound.state == InboundState.WAITING,
            Inbound.due_at <= now,
            leases.is_free(Subscriber.answering_until, now),
            Inbound.subscriber_id.not_in(but),
            ~has_earlier,
        )
        .order_by(Inbound.id)
        .limit(50)
    )
    return list(session.scalars(found))


def oldest_waiting(session: Session, subscriber_id: int) -> Inbound | None:
    found = (
        select(Inbound)
        .where(Inbound.subscriber_id == subscriber_id, Inbound.state == InboundState.WAITING)
        .order_by(Inbound.sent_at, Inbound.id)
        .limit(1)
    )
    return session.scalars(found).one_or_none()


def is_answered(session: Session, inbound_id: int) -> bool:
    return session.get_one(Inbound, inbound_id).state not in (InboundState.WAITING, InboundState.INCOMPLETE)


def mark_answered(inbound: Inbound, now: datetime) -> None:
    """Deletes the words here; from now on they are only in the conversation."""
    inbound.state, inbound.answered_at, inbound.text_sealed = InboundState.ANSWERED, now, None


def is_last_attempt(inbound: Inbound) -> bool:
    return inbound.attempts >= MOST_ATTEMPTS - 1


def put_off(inbound: Inbound, now: datetime) -> None:
    """Answering failed on our side: it is tried again after a pause, and in the end left for staff."""
    inbound.attempts += 1
    inbound.due_at = now + pause(inbound.attempts)
    if inbound.attempts >= MOST_ATTEMPTS:
        give_up(inbound)


def give_up(inbound: Inbound) -> None:
    """Leaves the text for staff to look at."""
    inbound.state = InboundState.FAILED


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many texts wait for an answer, and when the oldest one came."""
    found = select(func.count(), func.min(Inbound.received_at)).where(Inbound.state == InboundState.WAITING)
    number, oldest_at = session.execute(found).one()
    return number, oldest_at


def failed(session: Session) -> list[Inbound]:
    """The texts that were given up, the newest first."""
    found = select(Inbound).where(Inbound.state == InboundState.FAILED).order_by(Inbound.id.desc())
    return list(session.scalars(found))


def failed_count(session: Session) -> int:
    return session.scalar(select(func.count()).where(Inbound.state == InboundState.FAILED)) or 0


def try_again(inbound: Inbound, now: datetime) -> None:
    inbound.state, inbound.attempts, inbound.due_at = InboundState.WAITING, 0, now


def _count_since(session: Session, subscriber: Subscriber, since: datetime) -> int:
    """How many texts came; the parts of one text count as one."""
    counted = select(func.count()).where(
        Inbound.subscriber_id == subscriber.id,
        Inbound.received_at > since,
        Inbound.state.not_in((InboundState.INCOMPLETE, InboundState.JOINED)),
    )
    return session.scalar(counted) or 0


def _join(session: Session, sealer: Sealer, inbound: Inbound) -> None:
    parts = _parts_like(session, inbound)
    if len({part.number for part in parts}) == inbound.total:
        _put_together(session, sealer, parts)


def _parts_like(session: Session, inbound: Inbound) -> Sequence[Inbound]:
    """The parts of the same text that have come, in order. Only recent ones, since references are used again."""
    found = select(Inbound).where(
        Inbound.subscriber_id == inbound.subscriber_id,
        Inbound.state == InboundState.INCOMPLETE,
        Inbound.reference == inbound.reference,
        Inbound.total == inbound.total,
        Inbound.received_at > inbound.received_at - PARTS_WITHIN,
    )
    return session.scalars(found.order_by(Inbound.number, Inbound.id)).all()


def _put_together(session: Session, sealer: Sealer, parts: Sequence[Inbound]) -> None:
    """Makes the part that came first the whole text; “……” stands for a missing part."""
    by_number = {part.number: part for part in reversed(parts)}
    total = parts[0].total or 0
    said = [
        sealer.open(by_number[number].text_sealed or "") if number in by_number else "……"
        for number in range(1, total + 1)
    ]
    whole = min(parts, key=lambda part: part.id)
    for part in parts:
        part.state, part.text_sealed = InboundState.JOINED, None
    whole.state, whole.text_sealed = InboundState.WAITING, sealer.seal("".join(said))
    whole.kind = Kind.TEXT if len(by_number) == total else Kind.TORN
    whole.due_at = max(part.received_at for part in parts)
    session.flush()
