"""`/voices`: public letters with their answers, and `/voices/write`, where a citizen writes one.

Its writer follows a letter at `/voices/mine` with number and query code (`bot.web.own_voice`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.catalogue.service import get_city
from bot.citizens.service import MatterKind
from bot.conversations.channels import FORM
from bot.conversations.service import new_conversation_id
from bot.db import utcnow
from bot.helpline.link_to_talk import contacts_in_words
from bot.paging import ListPart
from bot.replies.voices import promise
from bot.reviews.states import CaseState
from bot.search.filters import Choice, Listing
from bot.switches.scopes import Scope
from bot.switches.service import notice_on
from bot.voices import service as voices
from bot.voices.index import LettersFound, alike, letters_found
from bot.voices.models import PublicLetter
from bot.voices.public import FILTERS, ListedLetter, concern_counts, get_letter, listed_letters, share_concern
from bot.voices.terms import (
    KINDS,
    MOST_CONTACT,
    MOST_TITLE,
    MOST_WORDS,
    PUBLIC_KINDS,
    NoSuchVoice,
    VoiceRefused,
)
from bot.web.citizens import link, token_of
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.console.fields import number_in, page_number
from bot.web.console.pages import form_of
from bot.web.keys import SETTINGS, TEMPLATES
from bot.web.public_pages import (
    LIMITER,
    for_xml,
    lasting,
    list_context,
    may_search,
    passing_page,
    searched,
    site_address,
    site_page,
    transact,
)
from bot.web.structured_data import letter_data
from bot.workdays import CHINA

routes = web.RouteTableDef()

PAGE_LETTERS = 20
_NEWEST = 50
# Many people may share one address. Above `OFTEN` a letter is held back for review, above `PER_CLIENT` it is not taken.
PER_CLIENT: RateLimitItem = parse("30/hour")
OFTEN: RateLimitItem = parse("5/hour")
_CONCERNS: RateLimitItem = parse("60/hour")
_FORM_ID = re.compile(r"[A-Za-z0-9_-]{24}")
_TOO_MANY = "这个网络一小时内提交得太多了，这封信还没有收下。请过一会儿再交，急事请打热线。"


@dataclass(frozen=True)
class _LetterList:
    """`facets`: filter → its choices; a filter with a single choice is left out."""

    part: ListPart[ListedLetter]
    facets: Mapping[str, list[Choice]]
    found: LettersFound


@dataclass(frozen=True)
class _Written:
    """What the page after filing says. `held`: why the letter is held back, empty if it is not."""

    number: str
    query_code: str
    is_new: bool
    department: str
    promise: str
    held: str


@routes.get("/voices")
async def letters(request: web.Request) -> web.Response:
    asked = {name: searched(request, name) for name in ("q", *FILTERS)}
    if request.query and not await may_search(request):
        return await site_page(request, "too_fast.html", 429)
    shown = await transact(request, _list, asked, page_number(request))
    return await passing_page(
        request, "voices.html", shown=shown, kinds=PUBLIC_KINDS, **list_context(asked, FILTERS, shown.facets)
    )


@routes.get("/voices.atom")
async def feed(request: web.Request) -> web.Response:
    """The newest answered letters as an Atom feed (RFC 4287)."""
    city, newest = await transact(request, _newest)
    changed = max((one.published_at for one in newest), default=datetime(2020, 1, 1, tzinfo=CHINA))
    text = (
        request.app[TEMPLATES]
        .get_template("site/voices.atom.xml")
        .render(city=city, site=site_address(request), letters=newest, changed=changed, plain=for_xml)
    )
    return lasting(request, web.Response(text=text, content_type="application/atom+xml"))


@routes.get("/voices/write")
async def ask(request: web.Request) -> web.Response:
    chosen = {name: request.query.get(name, "")[:MOST_TITLE] for name in ("kind", "department")}
    return await _form_page(request, typed=chosen)


@routes.post("/voices/write")
async def write(request: web.Request) -> web.Response:
    """Shows letters alike first, if there are any; sends the letter if its writer wishes to all the same."""
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    form = await form_of(request)
    client = network_of(client_of(request))
    if not await request.app[LIMITER].hit(PER_CLIENT, "letters", client):
        return await _form_page(request, 429, typed=form, error=_TOO_MANY)
    try:
        similar = [] if form.get("sure") else await transact(request, _alike, form)
        if similar:
            return await _form_page(request, typed=form, similar=similar)
        is_often = not await request.app[LIMITER].hit(OFTEN, "letters filed", client)
        written = await transact(request, _file, form, is_often, utcnow())
    except VoiceRefused as refused:
        return await _form_page(request, 422, typed=form, error=f"{refused}。")
    if token := token_of(request):
        await transact(request, link, token, [(MatterKind.CASE, written.number)], utcnow())
    return await passing_page(request, "voice_filed.html", written=written)


@routes.get("/voices/{id:[0-9]+}")
async def letter(request: web.Request) -> web.Response:
    try:
        found, count = await transact(request, _letter, _id(request))
    except NoSuchVoice:
        return await passing_page(request, "no_voice.html", 404)
    return await passing_page(
        request,
        "voice.html",
        letter=found,
        count=count,
        counted=request.query.get("counted", ""),
        kinds=PUBLIC_KINDS,
        data=letter_data(found, site_address(request)),
    )


@routes.post("/voices/{id:[0-9]+}/concern")
async def concern(request: web.Request) -> web.Response:
    """我也关心: one click, counted once for each network."""
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    client = network_of(client_of(request))
    if not await request.app[LIMITER].hit(_CONCERNS, "concern", client):
        return await site_page(request, "too_fast.html", 429)
    try:
        is_first = await transact(request, share_concern, _id(request), client)
    except NoSuchVoice:
        return await passing_page(request, "no_voice.html", 404)
    to = f"/voices/{_id(request)}?counted={'first' if is_first else 'again'}#concern"
    return web.Response(status=303, headers={"Location": to})


async def _form_page(
    request: web.Request,
    status: int = 200,
    *,
    typed: Mapping[str, str],
    error: str = "",
    similar: Sequence[PublicLetter] = (),
) -> web.Response:
    departments, notice = await transact(request, _for_form)
    form_id = typed.get("form_id", "")
    return await passing_page(
        request,
        "voice_write.html",
        status,
        typed=typed,
        error=error,
        similar=similar,
        notice=notice,
        departments=departments,
        kinds={kind.value: (PUBLIC_KINDS[kind], about) for kind, about in KINDS.items()},
        form_id=form_id if _FORM_ID.fullmatch(form_id) else new_conversation_id(),
        most_title=MOST_TITLE,
        most_words=MOST_WORDS,
        most_contact=MOST_CONTACT,
        reached_by=contacts_in_words(request.app[SETTINGS].sending_channels),
    )


def _id(request: web.Request) -> int:
    return number_in(request.match_info["id"]) or 0


def _list(session: Session, asked: Mapping[str, str], page: int) -> _LetterList:
    found = letters_found(session, asked["q"])
    wanted = {name: asked[name] for name in FILTERS}
    letters = Listing(found.letters)
    useful = letters.useful_choices(wanted, {"kind": PUBLIC_KINDS})
    return _LetterList(ListPart.of(letters.fitting(wanted), page, PAGE_LETTERS), useful, found)


def _newest(session: Session) -> tuple[object, list[ListedLetter]]:
    newest = sorted(listed_letters(session), key=lambda one: one.published_at, reverse=True)
    return get_city(session), newest[:_NEWEST]


def _letter(session: Session, letter_id: int) -> tuple[PublicLetter, int]:
    return get_letter(session, letter_id), concern_counts(session, [letter_id]).get(letter_id, 0)


def _for_form(session: Session) -> tuple[list[Department], str]:
    """The departments, and the notice if letters are switched off."""
    return all_departments(session), notice_on(session, Scope.CHANNEL, FORM)


def _alike(session: Session, form: Mapping[str, str]) -> list[PublicLetter]:
    """Raises VoiceRefused: a field is wrong, which is told before anything is compared."""
    new = voices.checked(session, form)
    return alike(session, new.text)


def _file(session: Session, form: Mapping[str, str], is_often: bool, now: datetime) -> _Written:
    if notice := notice_on(session, Scope.CHANNEL, FORM):
        raise VoiceRefused(notice.rstrip("。"))
    form_id = form.get("form_id", "")
    form_id = form_id if _FORM_ID.fullmatch(form_id) else new_conversation_id()
    filed = voices.file_voice(session, voices.checked(session, form), form_id, now, is_often=is_often)
    case = filed.voice.case
    return _Written(
        number=case.number,
        query_code=filed.query_code,
        is_new=filed.is_new,
        department=case.department.name if case.department else "",
        promise=promise(case, now),
        held=voices.hold_words(filed.voice) if case.state == CaseState.HELD else "",
    )
