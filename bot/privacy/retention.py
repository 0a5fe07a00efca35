"""Deletes expired data (个人信息保护法 art. 19) once a day, in short transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.citizens import service as citizens
from bot.conversations import forgetting as conversations
from bot.conversations.trackers import EVENTS, trackers
from bot.db import Database
from bot.disclosures import kept_drafts as drafts
from bot.helpline import forgetting as helpline
from bot.interviews import questions
from bot.lessons import forgetting as lessons
from bot.privacy.kinds import KEPT, Kind, days_kept
from bot.privacy.models import RetentionRun
from bot.publishing import corrections
from bot.reviews import forgetting as reviews
from bot.settings import Settings
from bot.staff import audit
from bot.staff import forgetting as staff
from bot.training import forgetting as training
from bot.voices import forgetting as voices
from bot.workdays import today_in_china

BATCH_ROWS = 500


@dataclass(frozen=True)
class _Sweep:
    """How to delete rows of one kind. `expired` selects the keys of rows before an instant; `forget` deletes them."""

    kind: Kind
    expired: Callable[[datetime], Select[Any]]
    forget: Callable[[Session, Sequence[Any]], None]


def _forget_messages(session: Session, ids: Sequence[int]) -> None:
    lessons.part_from_messages(session, ids)
    conversations.forget_messages(session, ids)


def forget_cases(session: Session, ids: Sequence[int]) -> None:
    helpline.part_from_staff_messages(session, reviews.staff_message_ids(session, ids))
    voices.forget_voices(session, ids)
    reviews.forget_cases(session, ids)


# Texts are deleted before their subscribers, and messages before their conversations.
_SWEEPS = (
    _Sweep(Kind.DRAFTS, drafts.expired_drafts, drafts.forget_drafts),
    _Sweep(Kind.CASES, reviews.expired_cases, forget_cases),
    _Sweep(Kind.CORRECTIONS, corrections.expired_requests, corrections.forget_requests),
    _Sweep(Kind.QUESTIONS, questions.expired_questions, questions.forget_questions),
    _Sweep(Kind.MATTERS, citizens.expired_matters, citizens.forget_matters),
    _Sweep(Kind.TEXTS, helpline.expired_outgoing, helpline.forget_outgoing),
    _Sweep(Kind.TEXTS, helpline.expired_inbound, helpline.forget_inbound),
    _Sweep(Kind.TEXTS, helpline.expired_subscribers, helpline.forget_subscribers),
    _Sweep(Kind.MESSAGES, conversations.expired_messages, _forget_messages),
    _Sweep(Kind.MESSAGES, conversations.expired_conversations, conversations.forget_conversations),
    _Sweep(Kind.AUDIT, staff.expired_entries, staff.forget_entries),
)
_FILES: Mapping[Kind, Callable[[Session, Settings, datetime], list[Path]]] = {
    Kind.MODELS: training.expired_models,
    Kind.EXPORTS: training.expired_exports,
}


def sweep(database: Database, settings: Settings, now: datetime, *, is_trial: bool = False) -> dict[Kind, int]:
    """Deletes expired data and returns the counts by kind.

    With `is_trial` it only counts what is expired now. Rows that expire only after others are deleted are not counted.

    Raises:
        SettingsError: RETENTION_FILE is wrong.
    """
    before = {kind: now - timedelta(days=days) for kind, days in days_kept(settings).items()}
    count = dict.fromkeys(Kind, 0)
    for each in _SWEEPS:
        work = _count if is_trial else _delete
        count[each.kind] += work(database, each, before[each.kind])
    for kind, expired in _FILES.items():
        with database.transaction() as session:
            paths = expired(session, settings, before[kind])
        for path in [] if is_trial else paths:
            training.remove(path)
        count[kind] += len(paths)
    count[Kind.TRACKERS] = _sweep_trackers(settings, before[Kind.TRACKERS], is_trial)
    return count


def sweep_once_a_day(database: Database, settings: Settings, now: datetime) -> dict[Kind, int] | None:
    """As `sweep`, with an entry in the audit log. None if any process has already done it today."""
    if not _claim(database, now):
        return None
    count = sweep(database, settings, now)
    told = "，".join(f"{KEPT[kind].title} {number}" for kind, number in count.items() if number) or "没有到期的"
    with database.transaction() as session:
        session.get_one(RetentionRun, today_in_china(now)).deleted = {str(kind): n for kind, n in count.items()}
        audit.record(
            session, who=audit.BY_ITSELF, action="retention", subject=str(today_in_china(now)), why=told, at=now
        )
    return count


def _claim(database: Database, now: datetime) -> bool:
    try:
        with database.transaction() as session:
            if session.get(RetentionRun, today_in_china(now)) is not None:
                return False
            session.add(RetentionRun(day=today_in_china(now), at=now, deleted={}))
    except IntegrityError:
        return False
    return True


def _count(database: Database, each: _Sweep, before: datetime) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(each.expired(before).subquery())) or 0


def _delete(database: Database, each: _Sweep, before: datetime) -> int:
    count = 0
    while True:
        with database.transaction() as session:
            keys = session.scalars(each.expired(before).limit(BATCH_ROWS)).all()
            if not keys:
                return count
            each.forget(session, keys)
            count += len(keys)


def _sweep_trackers(settings: Settings, before: datetime, is_trial: bool) -> int:
    is_old = EVENTS.c.timestamp < before.astimezone(UTC).timestamp()
    with trackers(settings) as engine:
        if engine is None:
            return 0
        with engine.begin() as connection:
            count = connection.scalar(select(func.count()).select_from(EVENTS).where(is_old)) or 0
            if not is_trial:
                connection.execute(delete(EVENTS).where(is_old))
            return count
