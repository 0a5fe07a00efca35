"""Talks and questions for tests."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.interviews import questions, service
from bot.interviews.models import Interview, Question
from bot.interviews.terms import State
from bot.staff.accounts import get_person
from bot.workdays import CHINA

GUEST = "李明，医疗保障局局长"
ASKED = "我妈在外地看病，异地就医备案要去窗口办吗？"
ANSWER = "不用去窗口，在网上备案就行，当天生效。"


def fields(**changes: str) -> dict[str, str]:
    """The form of a talk that begins in a day."""
    begins = (utcnow() + timedelta(days=1)).astimezone(CHINA)
    ends = begins + timedelta(hours=2)
    return {
        "title": "医保新政策怎么用",
        "topic": "异地就医、门诊报销，请局长来回答。",
        "department": "GA",
        "guests": "李明，医疗保障局局长\n王芳 医保中心主任",
        "begins": f"{begins:%Y-%m-%dT%H:%M}",
        "ends": f"{ends:%Y-%m-%dT%H:%M}",
        **changes,
    }


def announce(session: Session, now: datetime | None = None, **changes: str) -> Interview:
    """By the clerk of `tests.web.console.fill`."""
    new = service.checked(session, fields(**changes), None)
    return service.announce(session, new, get_person(session, "clerk"), now or utcnow())


def ask(session: Session, talk: Interview, words: str = ASKED, *, form_id: str = "", **form: str) -> questions.Asked:
    return questions.ask(
        session, talk.id, {"words": words, **form}, form_id or f"form {talk.id} {words}", utcnow(), is_often=False
    )


def answered(session: Session, talk: Interview, words: str = ASKED, answer: str = ANSWER) -> Question:
    """A question that was answered in the talk, which is live."""
    clerk, question = get_person(session, "clerk"), ask(session, talk, words).question
    questions.take_up(session, question, words, clerk, utcnow())
    questions.publish_answer(session, question, answer, GUEST, clerk, utcnow())
    return question


def begin(session: Session, talk: Interview) -> None:
    service.move_to(session, talk, State.LIVE, get_person(session, "clerk"), utcnow())


def end(session: Session, talk: Interview) -> None:
    service.move_to(session, talk, State.ENDED, get_person(session, "clerk"), utcnow())


def held(session: Session) -> tuple[Interview, Question]:
    """A talk that is over, with one question answered."""
    talk = announce(session)
    begin(session, talk)
    question = answered(session, talk)
    end(session, talk)
    return talk, question
