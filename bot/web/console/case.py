"""The page of a case: what was said, what was done, and a form for each thing that may be done next."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments, suggest_departments
from bot.catalogue.models import Department
from bot.conversations.channels import ORIGIN_TITLES
from bot.conversations.models import Conversation
from bot.db import utcnow
from bot.helpline.same_person import other_cases
from bot.language.masking import mask, mask_contact
from bot.reviews import city_orders, mentions, service, unsent
from bot.reviews.call_backs import CALL_BACK_TITLES, call_backs_of
from bot.reviews.canned import filled
from bot.reviews.city_order_states import CITY_ORDER_TITLES, OPEN_OUTSIDE
from bot.reviews.models import AnswerDraft, CallBack, Case, CaseEvent, CityOrder, Note, Rating
from bot.reviews.order_states import lead_order
from bot.reviews.queue import first_in, is_waiting, next_in
from bot.reviews.reasons import (
    CLOSED_AS_TITLES,
    KIND_TITLES,
    OUTCOME_CHOICES,
    PRIORITY_TITLES,
    REASON_TITLES,
    STARS_TITLES,
)
from bot.reviews.service import NoSuchCase
from bot.reviews.states import ACTION_TITLES, STATE_TITLES, CaseActionRefused, ClaimedByOther
from bot.reviews.work_orders import needs_redo
from bot.sealing import SealBroken, Sealer
from bot.staff import accounts, audit
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.voices import service as voices
from bot.voices.models import PublicLetter, Voice
from bot.voices.terms import MOST_TITLE, MOST_WORDS
from bot.web.console.access import Handler, needs
from bot.web.console.case_acts import ACT_KEYS, ACTS, ANSWER_AND_CLOSE, may_open_files, offered, perform, visible_case
from bot.web.console.cookies import sealer_of
from bot.web.console.live import typing_at
from bot.web.console.order_acts import OrderShown, shown_orders
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.console.queue_filters import asked_by, filter_of, query_of
from bot.web.console.transcript import CitizenSaid, Told, transcript
from bot.web.console.words import duration, time_left_words
from bot.web.keys import LIVE
from bot.web.live import QUEUE
from bot.web.received_files import FORMATS, size_in_words

routes = web.RouteTableDef()

_MOST_LISTED = 30


@dataclass(frozen=True)
class _Letter:
    """What the case has as a letter. `wording`: title, question and answer to begin the public wording with.

    `is_personal`: this answer has something that looks like personal data.
    """

    voice: Voice
    held: str
    published: PublicLetter | None
    wording: tuple[str, str, str]
    is_personal: bool


@dataclass(frozen=True)
class Canned:
    id: int
    title: str
    text: str


@dataclass(frozen=True)
class _Shown:
    """The data of the page.

    `city_orders`: the case in the city's own work-order system, oldest first. `is_held`: a clerk answers instead of the
    bot. `is_waiting`: the citizen waits for a person now. `contact`: masked unless unmasked.
    `unsent`: what the person has typed and not sent, by act; `writers`: who else is writing an answer,
    and until when that is shown. `canned`: title and text with the values of this case. `others`: cases of the same
    citizen. `people`: whom a note may name. `listed`: the beginning of the list from which the case was opened.
    """

    case: Case
    offered: set[str]
    orders: list[OrderShown]
    city_orders: list[CityOrder]
    may_hand_out: bool
    may_redo: bool
    call_backs: list[CallBack]
    said: list[CitizenSaid | Told]
    is_held: bool
    is_waiting: bool
    events: list[CaseEvent]
    notes: list[Note]
    drafts: list[AnswerDraft]
    ratings: list[Rating]
    merged_into: Case | None
    canned: list[Canned]
    departments: list[Department]
    likely: list[Department]
    colleagues: list[Person]
    people: list[Person]
    contact: str
    letter: _Letter | None
    unsent: dict[str, str]
    writers: list[tuple[str, datetime]]
    others: list[Case]
    listed: list[Case]
    opens_files: bool


@dataclass(frozen=True)
class _Done:
    """`said`: a sentence that says what happened. `topics`: those whose listeners are notified.

    `to`: the page to go to.
    """

    said: str
    topics: list[str]
    to: str


@routes.get("/console/cases/{number}")
@needs(Permission.SEE_QUEUE)
async def case_page(request: web.Request) -> web.Response:
    """With `part`: only the parts that change while the page is open, for the script that refreshes them.

    With `in`: the filters of the list from which it was opened (`queue_filters`).
    """
    if "part" not in request.query:
        await transact(request, _see, request.match_info["number"], person_of(request))
    return await case_page_of(request, template="case_parts.html" if "part" in request.query else "case.html")


@routes.post("/console/cases/{number}/unmask")
@needs(Permission.UNMASK)
async def unmask(request: web.Request) -> web.Response:
    """Shows the original words on this one answer. The audit log keeps the reason."""
    form, person = await form_of(request), person_of(request)
    why = form.get("why", "").strip()
    if not why:
        return await case_page_of(request, 422, error="请写明为什么要看原文", act="unmask", typed=form)
    try:
        await transact(request, _record_unmasking, request.match_info["number"], person, why)
    except NoSuchCase:
        return _no_case(request)
    return await case_page_of(request, unmasked=True)


def _act(name: str) -> Handler:
    async def act(request: web.Request) -> web.Response:
        form, person = await form_of(request), person_of(request)
        try:
            done = await transact(request, _perform, request.match_info["number"], name, person, form)
        except NoSuchCase:
            return _no_case(request)
        except CaseActionRefused as refused:
            status = 409 if isinstance(refused, ClaimedByOther) else 422
            return await case_page_of(request, status, error=str(refused), act=name, typed=form)
        await request.app[LIVE].changed(*done.topics, QUEUE)
        return redirect(request, done.to, done.said)

    return needs(ACTS[name].permission)(act)


for _name in ACTS:
    routes.post(f"/console/cases/{{number}}/{_name}")(_act(_name))


async def case_page_of(
    request: web.Request,
    status: int = 200,
    *,
    template: str = "case.html",
    error: str = "",
    act: str = "",
    typed: Mapping[str, str] | None = None,
    unmasked: bool = False,
) -> web.Response:
    """The page of the case in the address.

    `act`, `typed`: the name of the form that was refused and its values, so that it is shown as it was filled in.
    """
    now, asked = utcnow(), asked_by((typed or request.query).get("in", ""))
    try:
        shown = await transact(
            request, _read, request.match_info["number"], person_of(request), asked, unmasked, sealer_of(request)
        )
    except NoSuchCase:
        return _no_case(request)
    if act in unsent.ACTS and typed and typed.get("text"):
        shown.unsent[act] = typed["text"]
    return page(
        request,
        template,
        status,
        case=shown.case,
        shown=shown,
        now=now,
        error=error,
        act=act,
        typed=typed or {},
        unmasked=unmasked,
        actions=ACTION_TITLES,
        channels=ORIGIN_TITLES,
        outcomes=OUTCOME_CHOICES,
        closed_as=CLOSED_AS_TITLES,
        call_back_titles=CALL_BACK_TITLES,
        city_order_titles=CITY_ORDER_TITLES,
        priorities=PRIORITY_TITLES,
        reasons=REASON_TITLES,
        kinds=KIND_TITLES,
        stars=STARS_TITLES,
        list_query=query_of(asked),
        keys=ACT_KEYS,
        kept_acts=unsent.ACTS,
        states=STATE_TITLES,
        formats=FORMATS,
        size_in_words=size_in_words,
        time_left=time_left_words,
        duration=duration,
        most_title=MOST_TITLE,
        most_words=MOST_WORDS,
    )


def _see(session: Session, number: str, person: Person) -> None:
    with suppress(NoSuchCase):
        case, now = visible_case(session, number, person), utcnow()
        mentions.see(session, case, person, now)
        city_orders.see(session, case, person, now)


def _no_case(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这个编号的案件，或者不在您的部门办理")


def _perform(session: Session, number: str, name: str, person: Person, form: Mapping[str, str]) -> _Done:
    now, asked = utcnow(), asked_by(form.get("in", ""))
    goes_on = name == "reply" and form.get("kind") == ANSWER_AND_CLOSE
    # Read before the act, which takes the case from the list.
    listed = _listed(session, person, asked, now) if goes_on else []
    said, case = perform(session, number, name, person, form, now)
    topics = [*service.conversations_of(session, case), typing_at(case.number)]
    if goes_on:
        following = next_in(listed, case, person)
        to = _path(following, asked) if following else f"/console/queue?{query_of(asked)}"
        return _Done(f"{said}，{'这是下一件' if following else '这一列办完了'}", topics, to)
    is_visible = service.is_visible_to(case, person)
    return _Done(said, topics, _path(case, asked) if is_visible else "/console/queue")


def _path(case: Case, asked: Mapping[str, str]) -> str:
    """The page of a case, with the list that it is in."""
    query = query_of(asked)
    return f"/console/cases/{case.number}" + (f"?{urlencode({'in': query})}" if query else "")


def _record_unmasking(session: Session, number: str, person: Person, why: str) -> None:
    case = visible_case(session, number, person)
    audit.record(session, who=person.login, action="unmask", subject=case.number, why=why, at=utcnow())


def _read(
    session: Session, number: str, person: Person, asked: Mapping[str, str], unmasked: bool, sealer: Sealer
) -> _Shown:
    case, now = visible_case(session, number, person), utcnow()
    conversation = session.get(Conversation, case.conversation_id)
    acts, outside = offered(case, person), city_orders.orders_of(session, case)
    active = [one for one in accounts.people(session) if one.is_active]
    return _Shown(
        case=case,
        offered=acts,
        orders=shown_orders(session, case, person, acts, now),
        city_orders=outside,
        may_hand_out="hand-out" in acts and not any(one.state in OPEN_OUTSIDE for one in outside),
        call_backs=call_backs_of(session, case),
        may_redo="redo" in acts and needs_redo(case, lead_order(session, case)),
        said=transcript(session, service.conversations_of(session, case), unmasked=unmasked),
        is_held=conversation is not None and conversation.held_case_id == case.id,
        is_waiting=is_waiting(session, case, now),
        events=service.events_of(session, case),
        notes=service.notes_of(session, case),
        drafts=service.drafts_of(session, case),
        ratings=service.ratings_of(session, case),
        merged_into=session.get(Case, case.merged_into_id) if case.merged_into_id else None,
        canned=[
            Canned(one.id, one.title, filled(one.text, case, now))
            for one in service.canned_replies(session, case.department_code or person.department_code)
        ],
        departments=all_departments(session),
        likely=suggest_departments(session, case.question) if case.claimed_by_id == person.id else [],
        colleagues=[
            one for one in active if accounts.may(one, Permission.HANDLE_CASES) and one.id != case.claimed_by_id
        ],
        people=[one for one in active if accounts.may(one, Permission.SEE_QUEUE) and service.is_visible_to(case, one)],
        contact=_contact(case, unmasked, sealer),
        unsent=unsent.kept(session, case, person),
        others=other_cases(session, case, seen_by=person),
        listed=_listed(session, person, asked, now),
        writers=[(one.person.name, one.at + unsent.WRITES_FOR) for one in unsent.writers(session, case, person, now)],
        letter=_letter(session, case),
        opens_files=may_open_files(case, person),
    )


def _letter(session: Session, case: Case) -> _Letter | None:
    voice = voices.voice_of(session, case)
    if voice is None:
        return None
    proposed = (voice.public_title, voice.public_question, voice.public_answer)
    begun = (voice.title, case.question.removeprefix(f"{voice.title}\n"), voices.last_answer(session, case))
    wording = proposed if voice.public_question else begun
    return _Letter(
        voice,
        voices.hold_words(voice),
        voices.published(session, voice),
        wording,
        mask(wording[2]) != wording[2],
    )


def _listed(session: Session, person: Person, asked: Mapping[str, str], now: datetime) -> list[Case]:
    return first_in(session, filter_of(session, asked, person), seen_by=person, now=now, count=_MOST_LISTED)


def _contact(case: Case, unmasked: bool, sealer: Sealer) -> str:
    """The contact to which the answer goes; empty if the citizen left none."""
    if case.contact_sealed is None:
        return ""
    try:
        contact = sealer.open(case.contact_sealed)
    except SealBroken:
        return "（密钥换过，打不开）"
    return contact if unmasked else mask_contact(contact)
