"""The lessons by state: a second person approves or returns them; a mistaken lesson can be withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.lessons import service
from bot.lessons.acts import write_acts
from bot.lessons.impact import ALIKE_FROM, Impact, impact, not_trained
from bot.lessons.labels import STATE_TITLES, LessonRefused, LessonState
from bot.lessons.models import Lesson
from bot.running.live_model import LiveModelBroken, live_model
from bot.settings import Settings
from bot.staff import audit
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import number_in
from bot.web.console.label_form import in_words, read_catalogue, values
from bot.web.console.pages import form_of, page, person_of, redirect, transact
from bot.web.errors import fields_of
from bot.web.keys import SETTINGS

routes = web.RouteTableDef()

SINCE = timedelta(days=30)
MOST_LESSONS = 200
MOST_CHANGED = 100
MOST_WHY_CHARACTERS = 500


@routes.get("/console/lessons")
@needs(Permission.TEACH)
async def lessons(request: web.Request) -> web.Response:
    return await _page(request, state=_state(request.query.get("state", "")))


@routes.get("/console/lessons/impact")
@needs(Permission.TEACH)
async def impact_page(request: web.Request) -> web.Response:
    """What the lessons that wait for review would change; with `state=approved`, those for the next training."""
    is_approved = request.query.get("state") == LessonState.APPROVED
    found, words = await transact(request, _impact, request.app[SETTINGS], is_approved)
    return page(
        request,
        "lessons_impact.html",
        found=found,
        words=words,
        is_approved=is_approved,
        most=MOST_CHANGED,
        days=SINCE.days,
        alike_from=ALIKE_FROM,
    )


@routes.post("/console/lessons/approve")
@needs(Permission.REVIEW_LESSONS)
async def approve(request: web.Request) -> web.Response:
    """Approves all lessons that are ticked; if one is refused, none is approved."""
    numbers = values(await fields_of(request), "lesson")
    try:
        await transact(request, _approve, numbers, person_of(request), request.app[SETTINGS])
    except LessonRefused as refused:
        return await _page(request, 422, str(refused))
    return redirect(request, "/console/lessons", f"已采用 {len(numbers)} 条：写明答案的马上就用，其余下次训练学")


@routes.post("/console/lessons/return")
@needs(Permission.REVIEW_LESSONS)
async def send_back(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        await transact(request, _return, form.get("lesson", ""), form.get("why", ""), person_of(request))
    except LessonRefused as refused:
        return await _page(request, 422, str(refused))
    return redirect(request, "/console/lessons", "已退回，理由会给提出人看")


@routes.post("/console/lessons/withdraw")
@needs(Permission.TEACH)
async def withdraw(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        state = await transact(
            request, _withdraw, form.get("lesson", ""), form.get("why", ""), person_of(request), request.app[SETTINGS]
        )
    except LessonRefused as refused:
        return await _page(request, 422, str(refused))
    return redirect(request, f"/console/lessons?state={state}", "已撤回")


async def _page(
    request: web.Request, status: int = 200, error: str = "", state: LessonState = LessonState.PROPOSED
) -> web.Response:
    found = await transact(request, _lessons, state)
    return page(
        request,
        "lessons.html",
        status,
        found=found,
        state=state,
        states=STATE_TITLES,
        most=MOST_LESSONS,
        most_why=MOST_WHY_CHARACTERS,
        error=error,
    )


def _lessons(session: Session, state: LessonState) -> list[tuple[Lesson, str]]:
    """The lessons in that state, each with its label in words."""
    catalogue = read_catalogue(session)
    found = service.lessons(session, state, MOST_LESSONS)
    return [(lesson, in_words(service.label_of(lesson), catalogue)) for lesson in found]


def _impact(session: Session, settings: Settings, is_approved: bool) -> tuple[Impact, list[tuple[str, str]]]:
    """The impact, and for each message that would change what it would mean, in words: before, and after."""
    if is_approved:
        judged = not_trained(session, settings, _live_lessons(settings))
    else:
        judged = service.lessons(session, LessonState.PROPOSED)
    found, catalogue = impact(session, judged, utcnow() - SINCE), read_catalogue(session)
    words = [
        (in_words(one.before, catalogue), in_words(service.label_of(one.lesson), catalogue)) for one in found.changed
    ]
    return found, words


def _live_lessons(settings: Settings) -> str | None:
    """The file of lessons in the live model; None if it has none, or if nobody can tell."""
    with suppress(LiveModelBroken):
        live = live_model(settings)
        return live.lessons if live else None
    return None


def _approve(session: Session, numbers: Sequence[str], person: Person, settings: Settings) -> None:
    if not numbers:
        raise LessonRefused("请先选要采用的")
    for number in numbers:
        lesson = _lesson(session, number)
        service.review(session, lesson, person, utcnow(), approve=True)
        _record(session, person, "approve_lesson", lesson)
    write_acts(session, settings)


def _return(session: Session, number: str, why: str, person: Person) -> None:
    lesson = _lesson(session, number)
    service.review(session, lesson, person, utcnow(), approve=False, why=why)
    _record(session, person, "reject_lesson", lesson)


def _withdraw(session: Session, number: str, why: str, person: Person, settings: Settings) -> LessonState:
    """Withdraws the lesson; returns the state that it had before."""
    lesson = _lesson(session, number)
    state = LessonState(lesson.state)
    if state != LessonState.PROPOSED and not may(person, Permission.REVIEW_LESSONS):
        raise LessonRefused("已经采用的，要由能复核的人撤回")
    service.withdraw(session, lesson, person, utcnow(), why)
    _record(session, person, "withdraw_lesson", lesson)
    write_acts(session, settings)
    return state


def _record(session: Session, person: Person, action: str, lesson: Lesson) -> None:
    subject = f"纠正 {lesson.id}"
    audit.record(session, who=person.login, action=action, subject=subject, why=lesson.why, at=utcnow())


def _lesson(session: Session, number: str) -> Lesson:
    """Raises LessonRefused."""
    lesson_id = number_in(number)
    lesson = service.get_lesson(session, lesson_id) if lesson_id is not None else None
    if lesson is None:
        raise LessonRefused("没有这条纠正")
    return lesson


def _state(name: str) -> LessonState:
    return LessonState(name) if name in list(LessonState) else LessonState.PROPOSED
