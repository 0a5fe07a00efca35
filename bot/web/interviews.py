"""`/interviews`: question time (在线访谈): the list, a talk with its record, asking a question, and 我也关心.

A page works without scripts. With them it is kept current: `/interviews/3/live` tells that something changed, and the
script loads `/interviews/3?part=record`. Who asked follows the question at `/interviews/mine` (`bot.web.own_question`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from bot.conversations.service import new_conversation_id
from bot.db import utcnow
from bot.interviews import questions, service
from bot.interviews.index import FILTERS, ListedInterview, listed_interviews
from bot.interviews.models import Interview, Picture, Question
from bot.interviews.terms import (
    MOST_QUESTION,
    STATE_TITLES,
    InterviewRefused,
    NoSuchInterview,
    QuestionState,
)
from bot.notices.file_formats import CONTENT_TYPES, Format
from bot.paging import ListPart
from bot.replies.lists import span_in_words
from bot.search.filters import Choice, Listing
from bot.voices.terms import MOST_CONTACT, VoiceRefused
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.console.fields import number_in, page_number
from bot.web.console.pages import form_of
from bot.web.event_streams import STREAMS, event_stream, wants_stream
from bot.web.keys import DATABASE, LIVE, TEMPLATES
from bot.web.live import interview_changed, question_asked
from bot.web.public_pages import (
    LIMITER,
    LIVE_POLICY,
    lasting,
    list_context,
    may_search,
    passing_page,
    searched,
    site_page,
    transact,
)
from bot.web.renewed import Renewed

routes = web.RouteTableDef()

PAGE_INTERVIEWS = 20
# Many people may share one address. Above `_OFTEN` staff are told so, above `PER_CLIENT` a question is not taken.
PER_CLIENT: RateLimitItem = parse("30/hour")
_OFTEN: RateLimitItem = parse("5/hour")
_CONCERNS: RateLimitItem = parse("60/hour")
_FORM_ID = re.compile(r"[A-Za-z0-9_-]{24}")
_TOO_MANY = "这个网络一小时内提问太多了，这个问题还没有收下。请过一会儿再提。"
# Pages that are followed at once; a page above that looks by itself now and then.
_MOST_STREAMS, _MOST_OF_NETWORK = 2000, 60
# All who follow a talk load its record at once. The script waits longer than this, so that nobody gets the old one.
_RECORD_SECONDS = 0.9
WATCHERS = web.AppKey("interview_watchers", Counter[str])
RECORDS = web.AppKey("interview_records", dict[int, Renewed[str]])


@dataclass(frozen=True)
class _InterviewList:
    """`facets`: filter → its choices; a filter with a single choice is left out."""

    part: ListPart[ListedInterview]
    facets: Mapping[str, list[Choice]]


@dataclass(frozen=True)
class Record:
    """What everybody sees of a talk. `counts`: question → how many share its concern."""

    interview: Interview
    pictures: Sequence[Picture]
    questions: Sequence[Question]
    counts: Mapping[int, int]


@routes.get("/interviews")
async def interviews(request: web.Request) -> web.Response:
    asked = {name: searched(request, name) for name in ("q", *FILTERS)}
    if request.query and not await may_search(request):
        return await site_page(request, "too_fast.html", 429)
    shown = await transact(request, _list, asked, page_number(request))
    return await passing_page(
        request,
        "interviews.html",
        shown=shown,
        states=STATE_TITLES,
        span=span_in_words,
        **list_context(asked, FILTERS, shown.facets),
    )


@routes.get("/interviews/{id:[0-9]+}")
async def interview(request: web.Request) -> web.Response:
    """With `?part=record` only the part that changes, for the script."""
    if request.query.get("part") == "record":
        return await _part(request)
    return await _interview_page(request)


@routes.post("/interviews/{id:[0-9]+}/ask")
async def ask(request: web.Request) -> web.Response:
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    form, client = await form_of(request), network_of(client_of(request))
    if not await request.app[LIMITER].hit(PER_CLIENT, "questions", client):
        return await _interview_page(request, 429, typed=form, error=_TOO_MANY)
    is_often = not await request.app[LIMITER].hit(_OFTEN, "questions asked", client)
    given = form.get("form_id", "")
    form_id = given if _FORM_ID.fullmatch(given) else new_conversation_id()
    try:
        asked = await transact(request, questions.ask, _id(request), form, form_id, utcnow(), is_often=is_often)
    except NoSuchInterview:
        return await no_interview(request)
    except (InterviewRefused, VoiceRefused) as refused:
        return await _interview_page(request, 422, typed=form, error=f"{refused}。")
    await request.app[LIVE].changed(question_asked(asked.question.interview_id))
    held = questions.hold_words(asked.question)
    return await passing_page(request, "question_asked.html", asked=asked, held=held)


@routes.post("/interviews/{id:[0-9]+}/questions/{question:[0-9]+}/concern")
async def concern(request: web.Request) -> web.Response:
    """我也关心: one click, counted once for each network."""
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    client = network_of(client_of(request))
    if not await request.app[LIMITER].hit(_CONCERNS, "concern", client):
        return await site_page(request, "too_fast.html", 429)
    question_id = number_in(request.match_info["question"]) or 0
    try:
        is_first = await transact(request, questions.share_concern, _id(request), question_id, client)
    except NoSuchInterview:
        return await no_interview(request)
    to = f"/interviews/{_id(request)}?counted={'first' if is_first else 'again'}#q{question_id}"
    return web.Response(status=303, headers={"Location": to})


@routes.get("/interviews/{id:[0-9]+}/pictures/{picture:[0-9]+}")
async def picture(request: web.Request) -> web.Response:
    try:
        found, content = await transact(
            request, service.get_picture, _id(request), number_in(request.match_info["picture"]) or 0
        )
    except NoSuchInterview:
        return await no_interview(request)
    return lasting(request, web.Response(body=content, content_type=CONTENT_TYPES[Format(found)]))


@routes.get("/interviews/{id:[0-9]+}/live")
async def live(request: web.Request) -> web.StreamResponse:
    """`data: {"topic": "interview"}` after each change, until the talk is over.

    204, after which a browser does not ask again, if it is over; 503 if too many pages are followed.
    """
    if not wants_stream(request):
        return web.Response(status=303, headers={"Location": f"/interviews/{_id(request)}"})
    if not await transact(request, _goes_on, _id(request)):
        return web.Response(status=204)
    client, watchers = network_of(client_of(request)), request.app[WATCHERS]
    if len(request.app[STREAMS]) >= _MOST_STREAMS or watchers[client] >= _MOST_OF_NETWORK:
        raise web.HTTPServiceUnavailable
    watchers[client] += 1
    try:
        return await event_stream(
            request,
            {"interview": [interview_changed(_id(request))]},
            lambda: transact(request, _goes_on, _id(request)),
        )
    finally:
        watchers[client] -= 1
        if not watchers[client]:
            del watchers[client]


async def no_interview(request: web.Request) -> web.Response:
    return await passing_page(request, "no_interview.html", 404)


async def _interview_page(
    request: web.Request, status: int = 200, *, typed: Mapping[str, str] | None = None, error: str = ""
) -> web.Response:
    try:
        record = await transact(request, _record, _id(request))
    except NoSuchInterview:
        return await no_interview(request)
    form_id = (typed or {}).get("form_id", "")
    page = await passing_page(
        request,
        "interview.html",
        status,
        **_told(record),
        takes_questions=record.interview.takes_questions(utcnow()),
        counted=request.query.get("counted", ""),
        typed=typed or {},
        error=error,
        form_id=form_id if _FORM_ID.fullmatch(form_id) else new_conversation_id(),
        most_question=MOST_QUESTION,
        most_contact=MOST_CONTACT,
    )
    page.headers["Content-Security-Policy"] = LIVE_POLICY
    return page


async def _part(request: web.Request) -> web.Response:
    records, number = request.app[RECORDS], _id(request)
    try:
        html = await records.setdefault(number, Renewed(_RECORD_SECONDS)).get(
            partial(_record_html, request.app, number)
        )
    except NoSuchInterview:
        records.pop(number, None)
        raise web.HTTPNotFound from None
    return web.Response(text=html, content_type="text/html")


def _record_html(app: web.Application, interview_id: int) -> str:
    record = app[DATABASE].run(_record, interview_id)
    return app[TEMPLATES].get_template("site/interview_record.html").render(**_told(record))


def _told(record: Record) -> dict[str, Any]:
    """What the template of the record needs."""
    return {"record": record, "talk": record.interview, "states": STATE_TITLES, "answered": QuestionState.ANSWERED,
            "span": span_in_words}  # fmt: skip


def _id(request: web.Request) -> int:
    return number_in(request.match_info["id"]) or 0


def _list(session: Session, asked: Mapping[str, str], page: int) -> _InterviewList:
    found = Listing(listed_interviews(session, asked["q"]))
    wanted = {name: asked[name] for name in FILTERS}
    useful = found.useful_choices(wanted, {"state": STATE_TITLES})
    return _InterviewList(ListPart.of(found.fitting(wanted), page, PAGE_INTERVIEWS), useful)


def _record(session: Session, interview_id: int) -> Record:
    found = service.get_interview(session, interview_id)
    return Record(
        found,
        service.pictures_of(session, found),
        questions.public_questions(session, found),
        questions.concern_counts(session, found),
    )


def _goes_on(session: Session, interview_id: int) -> bool:
    try:
        return not service.get_interview(session, interview_id).is_over
    except NoSuchInterview:
        return False
