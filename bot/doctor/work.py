"""How the work goes: what waits and for how long, what nobody could deliver, chores, trainings, backups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.chore_runs.service import Chore, last_runs
from bot.conversations import unanswered
from bot.doctor.finding import Finding, doubtful, right, wrong
from bot.helpline import desk, inbox, outbox
from bot.reviews import city_orders, waiting_line
from bot.settings import Settings
from bot.staff.audit import last_at
from bot.switches.service import active
from bot.training.models import Training
from bot.training.service import STATE_TITLES, TrainingState
from bot.workdays import CHINA

# A question is asked again for so long (`bot.web.chat`); what has no answer afterwards gets none any more.
GIVEN_UP_AFTER = timedelta(minutes=10)
_LATE_AFTER = timedelta(minutes=1)
_LOOKED_BACK = timedelta(days=1)
_TEXT_LATE_AFTER = timedelta(minutes=5)
# Chore → after so long without it something is wrong: several of its rounds (`bot.web.chores`).
_CHORE_LATE_AFTER = {
    Chore.MINUTE: timedelta(minutes=5),
    Chore.LAWS: timedelta(minutes=40),
    Chore.PUBLISHING: timedelta(hours=3),
    Chore.GAPS: timedelta(hours=3),
    Chore.REMINDERS: timedelta(hours=2),
}
_CHORE_TITLES = {
    Chore.MINUTE: "每分钟的事",
    Chore.LAWS: "核对法律依据",
    Chore.PUBLISHING: "核对主动公开",
    Chore.GAPS: "归拢没答好的",
    Chore.REMINDERS: "提醒申请人",
}
# Made each night, and it may take a while.
BACKUP_LATE_AFTER = timedelta(hours=26)


class Queue(StrEnum):
    """Where something waits. `PEOPLE`: citizens, for staff. `INBOX`, `OUTBOX`: texts from and to citizens."""

    MESSAGES = "messages"
    PEOPLE = "people"
    INBOX = "inbox"
    OUTBOX = "outbox"


class Stuck(StrEnum):
    """What waits no more, and that somebody has to look at. `MESSAGES`: of the last day, left without an answer."""

    MESSAGES = "messages"
    INBOX = "inbox"
    OUTBOX = "outbox"
    CITY_ORDERS = "city_orders"


class Waiting(NamedTuple):
    number: int
    oldest_at: datetime | None

    def age(self, now: datetime) -> timedelta:
        return now - self.oldest_at if self.oldest_at is not None else timedelta()


def waiting(session: Session, now: datetime) -> dict[Queue, Waiting]:
    people, first_at, _ = waiting_line.in_line(session, now)
    return {
        Queue.MESSAGES: Waiting(*unanswered.waiting(session, now - GIVEN_UP_AFTER, now)),
        Queue.PEOPLE: Waiting(people, first_at),
        Queue.INBOX: Waiting(*inbox.waiting(session)),
        Queue.OUTBOX: Waiting(*outbox.waiting(session, now)),
    }


def stuck(session: Session, now: datetime) -> dict[Stuck, int]:
    failing = city_orders.failing_since(session, now)
    return {
        Stuck.MESSAGES: unanswered.waiting(session, now - _LOOKED_BACK, now - GIVEN_UP_AFTER)[0],
        Stuck.INBOX: inbox.failed_count(session),
        Stuck.OUTBOX: outbox.troubled_count(session),
        Stuck.CITY_ORDERS: failing[1] if failing is not None else 0,
    }


def trainings(session: Session) -> dict[TrainingState, int]:
    """How many trainings are in each state: what the gate refused, what waits for consent, what is live."""
    counted = select(Training.state, func.count().label("number")).group_by(Training.state)
    found = {row.state: row.number for row in session.execute(counted)}
    return {state: found.get(state, 0) for state in TrainingState}


@dataclass(frozen=True)
class Standing:
    """All of it as numbers, for metrics. `chore_ages`: since each chore was last done, of those that ever were."""

    at: datetime
    waiting: dict[Queue, Waiting]
    stuck: dict[Stuck, int]
    trainings: dict[TrainingState, int]
    chore_ages: dict[str, timedelta]
    backup_age: timedelta | None


def standing(session: Session, now: datetime) -> Standing:
    made_at = last_at(session, "make_backup")
    return Standing(
        now,
        waiting(session, now),
        stuck(session, now),
        trainings(session),
        {name: now - run.done_at for name, run in last_runs(session).items()},
        now - made_at if made_at is not None else None,
    )


def findings(session: Session, settings: Settings, now: datetime, *, is_running: bool) -> Iterator[Finding]:
    yield from questions(session, now)
    yield people(session, now)
    yield from texts(session, settings, now)
    yield switched_off(session)
    yield consent(session)
    if is_running:
        yield from chores(session, now)
    yield backup(session, now)


def questions(session: Session, now: datetime) -> Iterator[Finding]:
    part, waits = "提问", waiting(session, now)[Queue.MESSAGES]
    left = stuck(session, now)[Stuck.MESSAGES]
    if waits.age(now) > _LATE_AFTER:
        yield wrong(
            part, f"{waits.number} 条在等答复，最早的等了{_span(waits.age(now))}", "看上面哪个进程不响应，等它恢复"
        )
    elif left:
        yield doubtful(
            part, f"一天之内有 {left} 条一直没有答复，多半是当时进程断了", "在“对话”页找出来，要紧的请人联系"
        )
    else:
        yield right(part, f"{waits.number} 条正在答" if waits.number else "没有等着的")


def people(session: Session, now: datetime) -> Finding:
    part, (count, first_at, late) = "等人接的群众", waiting_line.in_line(session, now)
    if not count or first_at is None:
        return right(part, "没有")
    said = f"{count} 位，最早的等了{_span(now - first_at)}"
    return doubtful(part, f"{said}，{late} 位已过承诺的时间", "请人去接") if late else right(part, said)


def texts(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    part, waits = "短信、微信和邮件的收发", waiting(session, now)
    coming, going = waits[Queue.INBOX], waits[Queue.OUTBOX]
    told = [alarm.rstrip("。") for alarm in desk.alarms(session, settings.helpline, now)]
    if coming.age(now) > _TEXT_LATE_AFTER:
        told.append(f"{coming.number} 条来信在等答复，最早的等了{_span(coming.age(now))}")
    yield from (doubtful(part, said, "在“短信邮件”页处理；通道不通的，找运营商") for said in told)
    if not told:
        yield right(part, f"来信等答 {coming.number} 条，去信等发 {going.number} 条，没有发不出去的")


def switched_off(session: Session) -> Finding:
    off = active(session)
    if off:
        return doubtful("停用", f"有 {len(off)} 处停用着", "问题过去了就启用")
    return right("停用", "没有停用的")


def consent(session: Session) -> Finding:
    """Models that are being trained, or that the gate let pass and nobody has agreed to."""
    counts = trainings(session)
    shown = [
        f"{STATE_TITLES[state]} {counts[state]} 次"
        for state in (TrainingState.TRAINING, TrainingState.EVALUATING, TrainingState.GOING_LIVE)
        if counts[state]
    ]
    if counts[TrainingState.WAITING_FOR_CONSENT]:
        return doubtful("训练", "有新模型过了关，等着同意上线", "看过比较，同意或者放着")
    return right("训练", "、".join(shown) or "没有在进行的")


def chores(session: Session, now: datetime) -> Iterator[Finding]:
    """What the web process does by time. Only for an assistant that runs."""
    runs = last_runs(session)
    late = []
    for chore, after in _CHORE_LATE_AFTER.items():
        run = runs.get(chore)
        if run is not None and now - run.done_at > after:
            late.append(f"{_CHORE_TITLES[chore]}上次是 {_at(run.done_at)}")
    newest = runs.get(Chore.MINUTE)
    if late:
        yield wrong("定时的事", "；".join(late), "看 web.log 里的错误，重启网页进程")
    elif newest is None:
        yield right("定时的事", "刚启动，还没有做过")
    else:
        yield right("定时的事", f"上次 {_at(newest.done_at)}，由 {newest.by} 做")


def backup(session: Session, now: datetime) -> Finding:
    how = "每晚运行 python -m bot backup（docs/backup.md）；用别的办法备份的，不用管这一条"
    made_at = last_at(session, "make_backup")
    if made_at is None:
        return doubtful("备份", "没有用 python -m bot backup 备份过", how)
    said = f"上次 {_at(made_at)}，核对过"
    return doubtful("备份", said, how) if now - made_at > BACKUP_LATE_AFTER else right("备份", said)


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(CHINA):%m-%d %H:%M}"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return f" {int(span.total_seconds())} 秒"
    return f" {minutes} 分钟" if minutes < 60 else f" {minutes // 60} 小时 {minutes % 60} 分钟"
