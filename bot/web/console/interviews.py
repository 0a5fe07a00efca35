"""Question time in the console: announcing a talk, its pictures, its course, and the questions that come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.interviews import questions, service, terms
from bot.interviews.models import Interview, Picture, Question
from bot.interviews.terms import (
    QUESTION_TITLES,
    STATE_TITLES,
    InterviewRefused,
    NoSuchInterview,
    QuestionState,
    State,
)
from bot.language.masking import mask
from bot.notices.file_formats import FileRefused
from bot.replies.lists import span_in_words
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import number_in
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.console.publishing import department_of
from bot.web.errors import fields_of
from bot.web.keys import LIVE
from bot.web.live import interview_changed
from bot.web.received_files import received_picture
from bot.workdays import CHINA

routes = web.RouteTableDef()

PATH = "/console/interviews"
_Form = Mapping[str, str]


@dataclass(frozen=True)
class _Desk:
    """A talk as its staff see it. `questions`: by state, and under `public` what everybody sees, in its order."""

    interview: Interview
    pictures: Sequence[Picture]
    questions: Mapping[str, Sequence[Question]]
    counts: Mapping[int, int]
    departments: Sequence[Department]
    asked_count: int


@routes.get(PATH)
@needs(Permission.HOLD_INTERVIEWS)
async def listed(request: web.Request) -> web.Response:
    found, waiting = await transact(request, _list, department_of(person_of(request)))
    return page(request, "interviews.html", found=found, waiting=waiting, states=STATE_TITLES, span=span_in_words)


@routes.get(f"{PATH}/new")
@needs(Permission.HOLD_INTERVIEWS)
async def new(request: web.Request) -> web.Response:
    return await _new_page(request)


@routes.post(f"{PATH}/new")
@needs(Permission.HOLD_INTERVIEWS)
async def announce(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    try:
        made = await transact(request, _announce, form, person, utcnow())
    except InterviewRefused as refused:
        return await _new_page(request, 422, error=str(refused), typed=form)
    return redirect(request, f"{PATH}/{made.id}", "已预告，市民现在就能提问")


@routes.get(f"{PATH}/{{interview_id}}")
@needs(Permission.HOLD_INTERVIEWS)
async def interview(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post(f"{PATH}/{{interview_id}}/pictures")
@needs(Permission.HOLD_INTERVIEWS)
async def add_picture(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        found = await received_picture((await fields_of(request)).get("file"))
        await transact(request, _add_picture, _id(request), form, found, person_of(request), utcnow())
    except NoSuchInterview:
        return _none(request)
    except (FileRefused, InterviewRefused) as refused:
        return await _page(request, 422, error=str(refused), act="pictures", typed=form)
    return await _done(request, "图片加上了", "pictures")


@routes.post(f"{PATH}/{{interview_id}}/{{step}}")
@needs(Permission.HOLD_INTERVIEWS)
async def act(request: web.Request) -> web.Response:
    """What is done with the talk: an entry of `_ACTS`."""
    do = _ACTS.get(request.match_info["step"])
    if do is None:
        return _none(request)
    form, name = await form_of(request), request.match_info["step"]
    try:
        said = await transact(request, _do, do, _id(request), form, person_of(request), utcnow())
    except NoSuchInterview:
        return _none(request)
    except InterviewRefused as refused:
        return await _page(request, 422, error=str(refused), act=name, typed=form)
    return await _done(request, said)


@routes.post(f"{PATH}/{{interview_id}}/questions/{{question_id}}/{{step}}")
@needs(Permission.HOLD_INTERVIEWS)
async def act_on_question(request: web.Request) -> web.Response:
    """What is done with a question: an entry of `_QUESTION_ACTS`."""
    do = _QUESTION_ACTS.get(request.match_info["step"])
    if do is None:
        return _none(request)
    form, question_id = await form_of(request), _question_id(request)
    try:
        said = await transact(
            request, _do_with_question, do, _id(request), question_id, form, person_of(request), utcnow()
        )
    except NoSuchInterview:
        return _none(request)
    except InterviewRefused as refused:
        name = f"{request.match_info['step']}-{question_id}"
        return await _page(request, 422, error=str(refused), act=name, typed=form)
    return await _done(request, said, f"q{question_id}")


@routes.post(f"{PATH}/{{interview_id}}/asked/{{question_id}}")
@needs(Permission.UNMASK)
async def open_asked(request: web.Request) -> web.Response:
    """Shows words and contact on this one answer. The audit log keeps the reason."""
    why = (await form_of(request)).get("why", "")
    try:
        opened = await transact(request, _open, _id(request), _question_id(request), why, person_of(request), utcnow())
    except NoSuchInterview:
        return _none(request)
    except InterviewRefused as refused:
        return await _page(request, 422, error=str(refused))
    return await _page(request, opened=opened)


async def _page(
    request: web.Request,
    status: int = 200,
    *,
    error: str = "",
    act: str = "",
    typed: _Form | None = None,
    opened: tuple[Question, str, str] | None = None,
) -> web.Response:
    """`act`: the form that was refused, with what was `typed` in it."""
    try:
        desk = await transact(request, _read, _id(request), department_of(person_of(request)))
    except NoSuchInterview:
        return _none(request)
    return page(
        request,
        "interview.html",
        status,
        desk=desk,
        talk=desk.interview,
        kept=_as_typed(desk.interview),
        departments=desk.departments,
        span=span_in_words,
        hold_words=questions.hold_words,
        mask=mask,
        opened=opened,
        error=error,
        act=act,
        typed=typed or {},
        states=STATE_TITLES,
        titles=QUESTION_TITLES,
        limits=terms,
    )


async def _new_page(
    request: web.Request, status: int = 200, *, error: str = "", typed: _Form | None = None
) -> web.Response:
    departments = await transact(request, _departments, department_of(person_of(request)))
    return page(
        request,
        "interview_new.html",
        status,
        given=typed or {},
        departments=departments,
        error=error,
        limits=terms,
    )


async def _done(request: web.Request, said: str, anchor: str = "") -> web.Response:
    await request.app[LIVE].changed(interview_changed(_id(request)))
    return redirect(request, f"{PATH}/{_id(request)}{f'#{anchor}' if anchor else ''}", said)


def _id(request: web.Request) -> int:
    return number_in(request.match_info["interview_id"]) or 0


def _question_id(request: web.Request) -> int:
    return number_in(request.match_info["question_id"]) or 0


def _none(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这场访谈或者这个问题，或者不是本部门主办的")


def _list(session: Session, department_code: str | None) -> tuple[list[Interview], Mapping[int, int]]:
    return service.all_interviews(session, department_code), questions.waiting_counts(session)


def _departments(session: Session, department_code: str | None) -> list[Department]:
    return [one for one in all_departments(session) if department_code in (None, one.code)]


def _read(session: Session, interview_id: int, department_code: str | None) -> _Desk:
    found = service.get_interview(session, interview_id, department_code)
    asked = questions.questions_of(session, found)
    by_state = {state.value: [one for one in asked if one.state == state] for state in QuestionState}
    by_state["public"] = questions.public_questions(session, found)
    return _Desk(
        found,
        service.pictures_of(session, found),
        by_state,
        questions.concern_counts(session, found),
        _departments(session, department_code),
        len(asked),
    )


def _as_typed(talk: Interview) -> dict[str, str]:
    instants = {"begins": talk.begins_at, "ends": talk.ends_at, "until": talk.questions_until}
    return {
        "title": talk.title,
        "topic": talk.topic,
        "department": talk.department_code or "",
        "guests": "\n".join(talk.guests),
        **{name: f"{at.astimezone(CHINA):%Y-%m-%dT%H:%M}" for name, at in instants.items()},
    }


def _announce(session: Session, form: _Form, person: Person, now: datetime) -> Interview:
    return service.announce(session, service.checked(session, form, department_of(person)), person, now)


def _add_picture(
    session: Session, interview_id: int, form: _Form, found: tuple[str, bytes], person: Person, now: datetime
) -> None:
    talk = service.get_interview(session, interview_id, department_of(person))
    service.add_picture(session, talk, form.get("caption", ""), found, person, now)


def _open(
    session: Session, interview_id: int, question_id: int, why: str, person: Person, now: datetime
) -> tuple[Question, str, str]:
    talk = service.get_interview(session, interview_id, department_of(person))
    question = questions.get_question(session, talk, question_id)
    return question, *questions.open_asked(session, question, why, person, now)


# What is done with a talk; each returns what is told to who did it.

_Act = Callable[[Session, Interview, _Form, Person, datetime], str]


def _do(session: Session, do: _Act, interview_id: int, form: _Form, person: Person, now: datetime) -> str:
    return do(session, service.get_interview(session, interview_id, department_of(person)), form, person, now)


def _change(session: Session, talk: Interview, form: _Form, person: Person, now: datetime) -> str:
    service.change(session, talk, service.checked(session, form, department_of(person)), person, now)
    return "改好了"


def _move_to(
    state: State, said: str, session: Session, talk: Interview, form: _Form, person: Person, now: datetime
) -> str:
    service.move_to(session, talk, state, person, now, form.get("why", ""))
    return said


def _remove_picture(session: Session, talk: Interview, form: _Form, person: Person, now: datetime) -> str:
    service.remove_picture(session, talk, number_in(form.get("picture", "")) or 0, person, now)
    return "图片删了"


_ACTS: Mapping[str, _Act] = {
    "change": _change,
    "begin": partial(_move_to, State.LIVE, "访谈开始了，答复发布后大家马上看得到"),
    "end": partial(_move_to, State.ENDED, "访谈结束了，文字实录留在网上"),
    "cancel": partial(_move_to, State.CANCELLED, "访谈取消了，原因大家看得到"),
    "remove-picture": _remove_picture,
}

# What is done with a question.

_QuestionAct = Callable[[Session, Question, _Form, Person, datetime], str]


def _do_with_question(
    session: Session,
    do: _QuestionAct,
    interview_id: int,
    question_id: int,
    form: _Form,
    person: Person,
    now: datetime,
) -> str:
    talk = service.get_interview(session, interview_id, department_of(person))
    return do(session, questions.get_question(session, talk, question_id), form, person, now)


def _take_up(session: Session, question: Question, form: _Form, person: Person, now: datetime) -> str:
    questions.take_up(session, question, form.get("question", ""), person, now)
    return f"{question.number} 已选用，大家看得到"


def _leave_out(session: Session, question: Question, form: _Form, person: Person, now: datetime) -> str:
    questions.leave_out(session, question, form.get("why", ""), person, now)
    return f"{question.number} 没有选用，提问人凭编号和查询码看得到理由"


def _answer(session: Session, question: Question, form: _Form, person: Person, now: datetime) -> str:
    answer, by = form.get("answer", ""), form.get("by", "")
    if form.get("keep"):
        questions.keep_answer(question, answer, by)
        return f"{question.number} 的答复存下了，还没有发布"
    questions.publish_answer(session, question, answer, by, person, now)
    return f"{question.number} 的答复已发布"


def _correct(session: Session, question: Question, form: _Form, person: Person, now: datetime) -> str:
    questions.correct(session, question, form.get("answer", ""), form.get("by", ""), form.get("note", ""), person, now)
    return f"{question.number} 的答复已更正，页面上注明了"


def _move(session: Session, question: Question, form: _Form, person: Person, now: datetime) -> str:
    questions.move(session, question, -1 if form.get("up") else 1, person, now)
    return ""


_QUESTION_ACTS: Mapping[str, _QuestionAct] = {
    "take-up": _take_up,
    "leave-out": _leave_out,
    "answer": _answer,
    "correct": _correct,
    "move": _move,
}
