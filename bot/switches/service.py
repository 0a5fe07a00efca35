"""Turns parts of the bot off and on. A change takes effect from the next message on, in every process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.catalogue.service import names_of
from bot.conversations.channels import CHANNEL_TITLES
from bot.db import added
from bot.documents.naming import documents_named
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.revisions.service import Subject, kept
from bot.staff import audit
from bot.switches.models import Switch
from bot.switches.scopes import NEVER_OFF, SCOPE_TITLES, TOPIC_TITLES, Scope

MOST_REASON_CHARACTERS = 500
MOST_NOTICE_CHARACTERS = 300


class SwitchRefused(ValueError):
    """It cannot be turned off or on; the message is in Chinese because staff read it."""


def turn_off(session: Session, scope: Scope, key: str, *, who: str, reason: str, notice: str, now: datetime) -> Switch:
    """Turns something off: from now on citizens read `notice` instead of an answer.

    Args:
        key: empty for the bot; a channel; an intent; an item's or joint service's code; a document's number or title.
        who: the login of the person doing it, for the audit log.

    Raises:
        SwitchRefused: there is no such thing, it is off already, or reason or notice are missing.
    """
    key = key.strip()
    title = title_of(session, scope, key)
    reason = _required(reason, "停用的理由", MOST_REASON_CHARACTERS)
    switch = Switch(
        scope=scope,
        key=key,
        off_since=now,
        off_by=who,
        reason=reason,
        notice=_required(notice, "给群众看的告示", MOST_NOTICE_CHARACTERS),
    )
    if not added(session, switch):
        raise SwitchRefused(f"{title}已经停用")
    audit.record(session, who=who, action="switch_off", subject=title, why=reason, at=now)
    return switch


def turn_on(session: Session, scope: Scope, key: str, *, who: str, now: datetime, why: str = "") -> None:
    """Turns something on again. If two people do it at once, the second gets the error.

    Raises:
        SwitchRefused: it is not off.
    """
    key = key.strip()
    ended = session.execute(
        update(Switch)
        .where(Switch.scope == scope, Switch.key == key, Switch.ended_at.is_(None))
        .values(ended_at=now, ended_by=who)
        .execution_options(synchronize_session="fetch")
    )
    subject = f"{SCOPE_TITLES[scope]}“{key}”" if key else SCOPE_TITLES[scope]
    if ended.rowcount == 0:  # type: ignore[attr-defined]
        raise SwitchRefused(f"{subject}没有停用")
    audit.record(session, who=who, action="switch_on", subject=subject, why=why, at=now)


@kept(Subject.SWITCHES)
def active(session: Session) -> list[Switch]:
    """The switches that are off, widest scope first. One small query, with an index on just these rows."""
    found = session.scalars(select(Switch).where(Switch.ended_at.is_(None)).order_by(Switch.id)).all()
    return sorted(found, key=lambda switch: list(Scope).index(Scope(switch.scope)))


def notice_on(session: Session, scope: Scope, *keys: str) -> str:
    """What citizens read instead while one of these is off; empty if none is."""
    return next((one.notice for one in active(session) if one.scope == scope and one.key in keys), "")


def history(session: Session, newest: int = 100) -> list[Switch]:
    """The switches that are on again, newest first."""
    ended = select(Switch).where(Switch.ended_at.is_not(None)).order_by(Switch.ended_at.desc(), Switch.id.desc())
    return list(session.scalars(ended.limit(newest)))


def title_of(session: Session, scope: Scope, key: str) -> str:
    """Its title for staff: `事项“居住证办理”`.

    Raises:
        SwitchRefused: there is no such thing, or it cannot be turned off.
    """
    if scope == Scope.BOT:
        if key:
            raise SwitchRefused("停用整个机器人时不用写名称")
        return SCOPE_TITLES[scope]
    if scope == Scope.TOPIC and key in NEVER_OFF:
        raise SwitchRefused(f"话题“{key}”不能停用：转人工、紧急电话和接着说的话要一直能用")
    return f"{SCOPE_TITLES[scope]}“{_names(session, scope, key)}”"


def _names(session: Session, scope: Scope, key: str) -> str:
    if scope in (Scope.CHANNEL, Scope.TOPIC):
        titles = CHANNEL_TITLES if scope == Scope.CHANNEL else TOPIC_TITLES
        if key not in titles:
            raise SwitchRefused(f"没有{SCOPE_TITLES[scope]}“{key}”，可以是：{'、'.join(titles)}")
        return titles[key]
    if scope == Scope.ITEM:
        names = names_of(session, [key])
        if key not in names:
            raise SwitchRefused(f"没有编码为“{key}”的事项或“一件事”")
        return names[key]
    if not key or not documents_named(session, key):
        raise SwitchRefused(f"没有文号或标题为“{key}”的文件")
    return key


def _required(text: str, what: str, most: int) -> str:
    text = text.strip()
    if not text:
        raise SwitchRefused(f"请写明{what}")
    if len(text) > most:
        raise SwitchRefused(f"{what}最多 {most} 个字")
    if leads_elsewhere(text):
        raise SwitchRefused(f"{what}里{NO_WEB_ADDRESS}")
    return text
