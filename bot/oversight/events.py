"""The history of complaints and orders: who did what, when, and in which words."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.oversight.models import OversightEvent

CITIZEN = ""


class OversightAct(StrEnum):
    FILED = "filed"
    TAKEN_UP = "taken_up"
    ANSWERED = "answered"
    ORDERED = "ordered"
    ISSUED = "issued"
    REPORTED = "reported"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


ACT_TITLES = {
    OversightAct.FILED: "收到投诉举报",
    OversightAct.TAKEN_UP: "受理",
    OversightAct.ANSWERED: "答复投诉人",
    OversightAct.ORDERED: "转为整改",
    OversightAct.ISSUED: "发出整改通知",
    OversightAct.REPORTED: "回报整改情况",
    OversightAct.SENT_BACK: "退回重改",
    OversightAct.ACCEPTED: "认可，办结",
    OversightAct.WITHDRAWN: "撤销整改通知",
}


def add_event(session: Session, subject: str, act: OversightAct, words: str, *, who: str, now: datetime) -> None:
    session.add(OversightEvent(subject=subject, at=now, who=who, act=act.value, words=words))
    session.flush()


def events_of(session: Session, subject: str) -> list[OversightEvent]:
    """In the order in which they happened."""
    query = select(OversightEvent).where(OversightEvent.subject == subject).order_by(OversightEvent.id)
    return list(session.scalars(query))
