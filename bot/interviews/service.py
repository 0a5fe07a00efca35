"""What staff do with a talk: announce and change it, begin, end, cancel it, and its pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.db import locked
from bot.interviews.models import Interview, Picture
from bot.interviews.terms import (
    MOST_CAPTION,
    MOST_GUEST,
    MOST_GUESTS,
    MOST_PICTURES,
    MOST_TITLE,
    MOST_TOPIC,
    MOST_WHY,
    STATE_TITLES,
    InterviewRefused,
    NoSuchInterview,
    State,
)
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.staff import audit
from bot.staff.models import Person
from bot.voices.service import as_written
from bot.workdays import CHINA

_BETWEEN_NAME_AND_OFFICE = re.compile(r"[，,、：:\s]+")
_STEPS: Mapping[State, State] = {
    State.LIVE: State.ANNOUNCED,
    State.ENDED: State.LIVE,
    State.CANCELLED: State.ANNOUNCED,
}
_ACTIONS = {State.LIVE: "begin_interview", State.ENDED: "end_interview", State.CANCELLED: "cancel_interview"}


@dataclass(frozen=True)
class Announcement:
    """The checked form. `guests`: “李明，医疗保障局局长”."""

    title: str
    topic: str
    department_code: str
    guests: list[str]
    begins_at: datetime
    ends_at: datetime
    questions_until: datetime


def checked(session: Session, form: Mapping[str, str], department_code: str | None) -> Announcement:
    """The talk of the fields `title`, `topic`, `department`, `guests` (a line each), `begins`, `ends`, `until`.

    Args:
        department_code: the department of who announces, which then is the talk's; None for those who may choose.

    Raises:
        InterviewRefused: says which field is wrong, and how.
    """
    code = department_code or form.get("department", "")
    if get_department(session, code) is None:
        raise InterviewRefused("请选主办的部门")
    begins, ends = _instant(form, "begins", "开始的时间"), _instant(form, "ends", "结束的时间")
    if ends <= begins:
        raise InterviewRefused("结束要晚于开始")
    until = _instant(form, "until", "提问截止的时间") if form.get("until") else ends
    if until > ends:
        raise InterviewRefused("提问截止不能晚于结束")
    return Announcement(
        title=" ".join(required(form.get("title", ""), "主题", MOST_TITLE).split()),
        topic=required(form.get("topic", ""), "内容介绍", MOST_TOPIC),
        department_code=code,
        guests=_guests(form.get("guests", "")),
        begins_at=begins,
        ends_at=ends,
        questions_until=until,
    )


def required(text: str, what: str, most: int) -> str:
    """The text without what nobody sees. Raises InterviewRefused: it is empty, too long, or leads elsewhere."""
    text = as_written(text)
    if not text or len(text) > most:
        raise InterviewRefused(f"请写{what}，最多 {most} 个字")
    if leads_elsewhere(text):
        raise InterviewRefused(f"{what}里{NO_WEB_ADDRESS}")
    return text


def _instant(form: Mapping[str, str], name: str, what: str) -> datetime:
    """Of a field `datetime-local`, such as `2026-12-01T14:30`, which is meant in China."""
    try:
        return datetime.fromisoformat(form.get(name, "").strip()).replace(tzinfo=CHINA)
    except ValueError:
        raise InterviewRefused(f"请写{what}，比如 2026-12-01 14:30") from None


def _guests(text: str) -> list[str]:
    lines = [_BETWEEN_NAME_AND_OFFICE.split(line.strip(), maxsplit=1) for line in as_written(text).split("\n")]
    guests = ["，".join(part for part in line if part) for line in lines if any(line)]
    if not guests or len(guests) > MOST_GUESTS:
        raise InterviewRefused(f"请写嘉宾，一行一位，最多 {MOST_GUESTS} 位")
    if any("，" not in guest or len(guest) > MOST_GUEST for guest in guests):
        raise InterviewRefused(f"每位嘉宾写姓名和职务，比如“李明，医疗保障局局长”，最多 {MOST_GUEST} 个字")
    return list(dict.fromkeys(guests))


def announce(session: Session, new: Announcement, person: Person, now: datetime) -> Interview:
    """From now on everybody sees the talk and may ask.

    Raises:
        InterviewRefused: it would have begun, or take no questions.
    """
    if new.begins_at <= now:
        raise InterviewRefused("开始的时间已经过了")
    if new.questions_until <= now:
        raise InterviewRefused("提问截止的时间已经过了")
    interview = Interview(**vars(new), state=State.ANNOUNCED, begun_at=None, closed_at=None, why="")
    session.add(interview)
    session.flush()
    _record(session, interview, "announce_interview", person, now)
    return interview


def change(session: Session, interview: Interview, new: Announcement, person: Person, now: datetime) -> None:
    """Raises InterviewRefused: the talk was cancelled."""
    if interview.state == State.CANCELLED:
        raise InterviewRefused("访谈已经取消，不能再改")
    for name, value in vars(new).items():
        setattr(interview, name, value)
    session.flush()
    session.refresh(interview)
    _record(session, interview, "change_interview", person, now)


def move_to(session: Session, interview: Interview, state: State, person: Person, now: datetime, why: str = "") -> None:
    """Begins, ends or cancels the talk. Cancelling needs a reason, which everybody reads.

    Raises:
        InterviewRefused: it is not in the state before.
    """
    if state == State.CANCELLED:
        why = required(why, "取消的原因，大家看得到", MOST_WHY)
    fresh = locked(session, Interview, interview.id)
    if fresh is None or fresh.state != _STEPS[state]:
        raise InterviewRefused(f"访谈现在是“{STATE_TITLES[interview.state]}”，不能改成“{STATE_TITLES[state]}”")
    fresh.state = state
    if state == State.LIVE:
        fresh.begun_at = now
    else:
        fresh.closed_at, fresh.why = now, why
    _record(session, fresh, _ACTIONS[state], person, now, why)


def get_interview(session: Session, interview_id: int, department_code: str | None = None) -> Interview:
    """Raises NoSuchInterview, also if it is not of that department."""
    found = session.get(Interview, interview_id)
    if found is None or department_code not in (None, found.department_code):
        raise NoSuchInterview(interview_id)
    return found


def all_interviews(session: Session, department_code: str | None = None) -> list[Interview]:
    """Live ones first, then what comes next, then the newest of those that are over."""
    wanted = select(Interview)
    if department_code is not None:
        wanted = wanted.where(Interview.department_code == department_code)
    return sorted(session.scalars(wanted), key=_place)


def _place(interview: Interview) -> tuple[int, float]:
    instant = interview.begins_at.timestamp()
    return (2, -instant) if interview.is_over else (0 if interview.state == State.LIVE else 1, instant)


def add_picture(
    session: Session, interview: Interview, caption: str, found: tuple[str, bytes], person: Person, now: datetime
) -> Picture:
    """`found`: format and content, already checked.

    Raises:
        InterviewRefused: the talk has enough pictures, or was cancelled.
    """
    caption = required(caption, "图片的说明", MOST_CAPTION)
    if interview.state == State.CANCELLED:
        raise InterviewRefused("访谈已经取消，不能再加图片")
    if len(pictures_of(session, interview)) >= MOST_PICTURES:
        raise InterviewRefused(f"一场访谈最多 {MOST_PICTURES} 张图片")
    picture = Picture(interview_id=interview.id, caption=caption, format=found[0], content=found[1])
    session.add(picture)
    session.flush()
    _record(session, interview, "add_picture", person, now, caption)
    return picture


def pictures_of(session: Session, interview: Interview) -> Sequence[Picture]:
    """In the order in which they came, without their content."""
    return session.scalars(select(Picture).where(Picture.interview_id == interview.id).order_by(Picture.id)).all()


def get_picture(session: Session, interview_id: int, picture_id: int) -> tuple[str, bytes]:
    """Format and content. Raises NoSuchInterview, also if it is of another talk."""
    found = session.get(Picture, picture_id)
    if found is None or found.interview_id != interview_id:
        raise NoSuchInterview(picture_id)
    return found.format, found.content


def remove_picture(session: Session, interview: Interview, picture_id: int, person: Person, now: datetime) -> None:
    """Raises NoSuchInterview."""
    get_picture(session, interview.id, picture_id)
    session.execute(delete(Picture).where(Picture.id == picture_id))
    _record(session, interview, "remove_picture", person, now, str(picture_id))


def _record(session: Session, interview: Interview, action: str, person: Person, now: datetime, why: str = "") -> None:
    audit.record(session, who=person.login, action=action, subject=f"访谈 {interview.id}", why=why, at=now)
