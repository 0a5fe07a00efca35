"""Outages as supervisors read them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.incidents.models import Incident
from bot.incidents.service import Kind, since
from bot.workdays import CHINA

SHOWN_FOR = timedelta(days=1)
_TITLES = {Kind.ENGINE: "问答引擎没有响应", Kind.ACTIONS: "查询出错"}


def outages(session: Session, now: datetime) -> list[str]:
    """A sentence for each that goes on, or ended within a day."""
    return [_sentence(incident) for incident in since(session, now - SHOWN_FOR)]


def _sentence(incident: Incident) -> str:
    began = f"{incident.began_at.astimezone(CHINA):%m-%d %H:%M}"
    until = f"到 {incident.ended_at.astimezone(CHINA):%m-%d %H:%M} 恢复" if incident.ended_at else "到现在还没有恢复"
    return f"{_TITLES[Kind(incident.kind)]}：从 {began} {until}，遇到的提问 {incident.message_count} 条。"
