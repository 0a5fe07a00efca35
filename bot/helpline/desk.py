"""What staff see of the text channels and can do there. Each action is in the audit log, with masked numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations.channels import SMS
from bot.db import locked
from bot.helpline import ceiling, inbox, outbox, subscribers
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.language.masking import mask
from bot.reviews.service import NoSuchCase, get_case
from bot.sealing import Sealer
from bot.settings import HelplineSettings
from bot.staff import audit
from bot.workdays import today_in_china

MOST_WHY_CHARACTERS = 200
# From this share of the daily ceiling on, staff are warned.
NEARLY_FULL = 0.8
# A carrier that works takes a text sooner.
SLOW_AFTER = timedelta(minutes=10)


class DeskRefused(ValueError):
    """The action cannot be done; the message, in Chinese, tells the member of staff why."""


@dataclass(frozen=True)
class Overview:
    """`alarms`: sentences for staff, the worst first. `users`: subscriber's id → masked number."""

    alarms: Sequence[str]
    sent_today: int
    ceiling: int
    usual_ceiling: int
    waiting_count: int
    troubled: Sequence[Outgoing]
    failed: Sequence[Inbound]
    blocked: Sequence[Subscriber]
    unsubscribed_count: int
    users: dict[int, str]


def overview(session: Session, sealer: Sealer, settings: HelplineSettings, now: datetime) -> Overview:
    troubled, failed, blocked = outbox.troubled(session), inbox.failed(session), subscribers.blocked(session)
    shown = [*(text.subscriber for text in troubled), *(text.subscriber for text in failed), *blocked]
    unsubscribed = select(func.count()).where(Subscriber.unsubscribed_at.is_not(None))
    return Overview(
        alarms=alarms(session, settings, now),
        sent_today=outbox.sent_today(session, SMS, now),
        ceiling=ceiling.of_today(session, settings.daily_ceiling, now),
        usual_ceiling=settings.daily_ceiling,
        waiting_count=outbox.waiting_count(session, now),
        troubled=troubled,
        failed=failed,
        blocked=blocked,
        unsubscribed_count=session.scalar(unsubscribed) or 0,
        users={one.id: subscribers.masked_user(sealer, one) for one in shown},
    )


def alarms(session: Session, settings: HelplineSettings, now: datetime) -> list[str]:
    """Sentences that tell staff what to look at now."""
    found = []
    sent, most = outbox.sent_today(session, SMS, now), ceiling.of_today(session, settings.daily_ceiling, now)
    if sent >= most:
        found.append(
            f"今天的短信已发 {sent} 条，到了上限 {most} 条。急事照发，其余的零点以后再发；可以调高今天的上限。"
        )
    elif sent >= most * NEARLY_FULL:
        found.append(f"今天的短信已发 {sent} 条，快到上限 {most} 条了。")
    slow = outbox.waiting_count(session, now - SLOW_AFTER)
    if slow and sent < most:
        found.append(f"有 {slow} 条消息等了 {SLOW_AFTER.seconds // 60} 分钟还没发出，通道可能不通。")
    troubled = outbox.troubled_count(session)
    if troubled:
        found.append(f"有 {troubled} 条消息没有送到。")
    failed = inbox.failed_count(session)
    if failed:
        found.append(f"有 {failed} 条来信没能答复。")
    return found


def raise_ceiling(session: Session, usual: int, texts: int | None, why: str, *, who: str, now: datetime) -> int:
    """Sets how many SMS may go out today, and returns it. `usual`: `TEXTS_DAILY_CEILING`. Raises DeskRefused."""
    most = usual * ceiling.MOST_TIMES_USUAL
    if texts is None or not usual <= texts <= most:
        raise DeskRefused(f"今天的上限请写 {usual} 到 {most} 之间的整数")
    why = f"{ceiling.of_today(session, usual, now)} → {texts}：{_reason(why, '调上限')}"
    ceiling.set_for_today(session, texts, now)
    audit.record(session, who=who, action="set_ceiling", subject=str(today_in_china(now)), why=why, at=now)
    return texts


def block(session: Session, sealer: Sealer, named: str, why: str, *, who: str, now: datetime) -> str:
    """Blocks a citizen and returns the masked number. `named`: a mobile number, a mail address or the number of a case.

    Raises:
        DeskRefused
    """
    why = _reason(why, "屏蔽")
    subscriber = _named(session, sealer, named.strip())
    if subscriber.blocked_at is not None:
        raise DeskRefused("这个号码已经屏蔽了")
    subscribers.block(subscriber, why, now)
    outbox.drop_waiting(session, subscriber, "屏蔽", now)
    return _record(session, sealer, subscriber, "block_number", who, why, now)


def unblock(session: Session, sealer: Sealer, subscriber_id: int, *, who: str, now: datetime) -> str:
    """Unblocks a citizen and returns the masked number. Raises DeskRefused."""
    subscriber = session.get(Subscriber, subscriber_id)
    if subscriber is None or subscriber.blocked_at is None:
        raise DeskRefused("这个号码没有屏蔽")
    subscribers.unblock(subscriber)
    return _record(session, sealer, subscriber, "unblock_number", who, "", now)


def send_again(session: Session, sealer: Sealer, outgoing_id: int, *, who: str, now: datetime) -> None:
    """Sends a text again. Raises DeskRefused."""
    outgoing = _troubled(session, outgoing_id)
    outbox.try_again(outgoing, now)
    _record(session, sealer, outgoing.subscriber, "send_text_again", who, "", now)


def send_all_again(session: Session, sealer: Sealer, number: int, *, who: str, now: datetime) -> str:
    """Sends all troubled texts again up to the id `number`, the newest that the page showed: newer ones were not seen.

    Returns how many, as text. Raises DeskRefused.
    """
    seen = [locked(session, Outgoing, text.id) for text in outbox.troubled(session) if text.id <= number]
    still_troubled = [text for text in seen if text is not None and text.state in outbox.TROUBLED]
    if not still_troubled:
        raise DeskRefused("没有要重发的消息")
    for text in still_troubled:
        outbox.try_again(text, now)
        _record(session, sealer, text.subscriber, "send_text_again", who, "", now)
    return str(len(still_troubled))


def drop(session: Session, sealer: Sealer, outgoing_id: int, *, who: str, now: datetime) -> None:
    """Gives up a text, since the citizen was told in another way. Raises DeskRefused."""
    outgoing = _troubled(session, outgoing_id)
    outbox.drop(outgoing, f"{who} 不再发送", now)
    _record(session, sealer, outgoing.subscriber, "drop_text", who, "", now)


def answer_again(session: Session, sealer: Sealer, inbound_id: int, *, who: str, now: datetime) -> None:
    """Has a text of a citizen answered again. Raises DeskRefused."""
    inbound = session.get(Inbound, inbound_id)
    if inbound is not None:
        locked(session, Subscriber, inbound.subscriber_id)
        session.refresh(inbound)
    if inbound is None or inbound.state != inbox.InboundState.FAILED:
        raise DeskRefused("这条来信已经不在单子里")
    inbox.try_again(inbound, now)
    _record(session, sealer, inbound.subscriber, "answer_text_again", who, "", now)


def text_for_lists(outgoing: Outgoing) -> str:
    """The text, masked, since what staff wrote to one citizen may name another's number; of a link, only what it is."""
    return "对话的链接" if outgoing.is_asked_once else mask(outgoing.text)


def _reason(why: str, act: str) -> str:
    """Raises DeskRefused."""
    if not why.strip() or len(why.strip()) > MOST_WHY_CHARACTERS:
        raise DeskRefused(f"请写明{act}的理由，最多 {MOST_WHY_CHARACTERS} 个字")
    return why.strip()


def _troubled(session: Session, outgoing_id: int) -> Outgoing:
    """The text, locked, so that of two who act at once the second sees what the first did. Raises DeskRefused."""
    outgoing = locked(session, Outgoing, outgoing_id)
    if outgoing is None or outgoing.state not in outbox.TROUBLED:
        raise DeskRefused("这条消息已经不在单子里")
    return outgoing


def _named(session: Session, sealer: Sealer, named: str) -> Subscriber:
    if contact := subscribers.reached_by(named):
        return subscribers.subscriber_of(session, sealer, *contact)
    try:
        conversation_id = get_case(session, named.upper()).conversation_id
    except NoSuchCase:
        raise DeskRefused("请写手机号、邮箱，或者来信人的件号，如 AJ-000012") from None
    subscriber = session.scalars(select(Subscriber).where(Subscriber.conversation_id == conversation_id)).one_or_none()
    if subscriber is None:
        raise DeskRefused("这件不是从短信或微信来的")
    return subscriber


def _record(
    session: Session, sealer: Sealer, subscriber: Subscriber, action: str, who: str, why: str, now: datetime
) -> str:
    user = subscribers.masked_user(sealer, subscriber)
    audit.record(session, who=who, action=action, subject=user, why=why, at=now)
    return user
