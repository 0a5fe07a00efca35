"""Describes outages for supervisors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from bot.incidents.models import Incident
from bot.incidents.service import Kind, since
from bot.workdays import CHINA

SHOWN_FOR = timedelta(days=1)
_TITLES = {Kind.ENGINE: "问答引擎没有响应", Kind.ACTIONS: "查询出错"}


class Outage(NamedTuple):
    sentence: str
    is_over: bool


def outages(session: Session, now: datetime) -> list[Outage]:
    """The open outages, and those that ended within the last day."""
    return [Outage(_sentence(one), one.ended_at is not None) for one in since(session, now - SHOWN_FOR)]


def _sentence(incident: Incident) -> str:
    title, met = _TITLES[Kind(incident.kind)], f"影响 {incident.message_count} 条提问。"
    began = incident.began_at.astimezone(CHINA)
    if incident.ended_at is None:
        return f"{title}：从 {began:%m-%d %H:%M} 到现在还没有恢复，{met}"
    ended = incident.ended_at.astimezone(CHINA)
    until = f"{ended:%H:%M}" if ended.date() == began.date() else f"{ended:%m-%d %H:%M}"
    return f"已恢复：{title}，{began:%m-%d %H:%M}—{until}，{met}"
