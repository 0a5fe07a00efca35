"""Tasks of the organs: what is late (条例 art. 26), and what the table demands and nobody has entered (art. 22)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db import added, locked
from bot.language.masking import mask
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.publishing.due import expected, is_late
from bot.publishing.models import Duty, Information, Organ, PublishingTask
from bot.publishing.service import MOST_WHY, PublishingRefused
from bot.publishing.terms import TaskKind
from bot.staff import audit
from bot.workdays import today_in_china


def refresh(session: Session, now: datetime) -> int:
    """Raises what is new, once, and drops tasks that have nothing left to do. Returns how many are open.

    A settled task stays settled for that day or period; the next period raises a task of its own.
    """
    known = {task.key: task for task in session.scalars(select(PublishingTask))}
    open_ones = 0
    for task in (*_late(session, now), *_missing(session, now)):
        row = known.pop(task.key, None)
        if row is None:
            # Another process may raise it at the same time.
            added(session, task)
        open_ones += row is None or row.settled_at is None
    for row in known.values():
        # What was settled is kept as a record; what was done, or is demanded no longer, needs no task.
        if row.settled_at is None:
            session.delete(row)
    session.flush()
    return open_ones


def tasks(session: Session, department_code: str | None = None) -> list[PublishingTask]:
    """The open tasks, by organ, the oldest first; of one department's organs, or of all."""
    wanted = select(PublishingTask).join(Organ).where(PublishingTask.settled_at.is_(None))
    if department_code is not None:
        wanted = wanted.where(Organ.department_code == department_code)
    return list(session.scalars(wanted.order_by(Organ.position, PublishingTask.raised_at, PublishingTask.id)))


def open_count(session: Session, department_code: str | None = None) -> int:
    wanted = select(func.count(PublishingTask.id)).join(Organ).where(PublishingTask.settled_at.is_(None))
    if department_code is not None:
        wanted = wanted.where(Organ.department_code == department_code)
    return session.scalar(wanted) or 0


def settle(
    session: Session, task_id: int | None, *, note: str, who: str, now: datetime, department_code: str | None = None
) -> PublishingTask:
    """Notes why there is nothing to do now, for example that the approval of art. 11, para. 2 is awaited.

    Raises:
        PublishingRefused
    """
    row, note = locked(session, PublishingTask, task_id), note.strip()
    if row is None or (department_code is not None and row.organ.department_code != department_code):
        raise PublishingRefused("没有这一项，或者已经不用办了")
    if row.settled_at is not None:
        raise PublishingRefused("这一项已经写过说明了")
    if not note:
        raise PublishingRefused("请写明情况，比如“等上级批准”“这一期没有形成”")
    if len(note) > MOST_WHY:
        raise PublishingRefused(f"说明最多 {MOST_WHY} 个字")
    if leads_elsewhere(note):
        raise PublishingRefused(f"说明里{NO_WEB_ADDRESS}")
    row.settled_at, row.settled_by, row.note = now, who, mask(note)
    audit.record(session, who=who, action="settle_publishing_task", subject=about(row)[:200], why=note, at=now)
    session.flush()
    return row


def about(task: PublishingTask) -> str:
    """What the task is about, in Chinese."""
    if task.information is not None:
        return f"{task.organ.name}：{task.information.title}"
    content = task.duty.content if task.duty is not None else ""
    return f"{task.organ.name}：{content}{f'（{task.period}）' if task.period else ''}"


def _late(session: Session, now: datetime) -> Iterator[PublishingTask]:
    today = today_in_china(now)
    open_ones = select(Information).where(Information.published_on.is_(None), Information.due_on < today)
    for row in session.scalars(open_ones):
        if is_late(row, today):
            key = f"{TaskKind.LATE}:{row.id}:{row.due_on}"
            yield PublishingTask(
                key=key,
                kind=TaskKind.LATE.value,
                organ_code=row.organ_code,
                information_id=row.id,
                period="",
                due_on=row.due_on,
                raised_at=now,
                note="",
            )


def _missing(session: Session, now: datetime) -> Iterator[PublishingTask]:
    today = today_in_china(now)
    made = select(Information.duty_code, Information.made_on, Information.counted_from)
    days: dict[str, list[date]] = {}
    for code, made_on, counted_from in session.execute(made.where(Information.duty_code.is_not(None))):
        days.setdefault(str(code), []).extend((made_on, counted_from))
    for duty in session.scalars(select(Duty)):
        wanted = expected(duty, today)
        if wanted is None:
            continue
        if any(wanted.begins <= day <= wanted.ends for day in days.get(duty.code, [])):
            continue
        yield PublishingTask(
            key=f"{TaskKind.MISSING}:{duty.code}:{wanted.period}",
            kind=TaskKind.MISSING.value,
            organ_code=duty.organ_code,
            duty_code=duty.code,
            period=wanted.period,
            due_on=wanted.due_on,
            raised_at=now,
            note="",
        )
