"""`/documents`, `/documents/ID`, its versions side by side, and the Atom feed: published documents (条例 art. 20)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from aiohttp import web
from sqlalchemy.orm import Session

from bot.answering.lists import DocumentResults, documents_found
from bot.catalogue.service import get_city
from bot.db import utcnow
from bot.documents.comparing import Pair, compared
from bot.documents.directory import (
    FILTERS,
    FORCES,
    ListedDocument,
    document_directory,
    get_document,
    ids_by_title,
    versions_of,
)
from bot.documents.models import Document, Passage, Version
from bot.documents.service import passages_of
from bot.laws.citations import STATE, find_citations, is_law, is_said_to_end, short_name
from bot.laws.service import laws
from bot.paging import ListPart
from bot.replies.laws import standing_words
from bot.revisions.service import answer_from_kept
from bot.search.filters import Choice
from bot.switches.scopes import Scope
from bot.switches.service import notice_on
from bot.web.console.fields import number_in, page_number
from bot.web.keys import TEMPLATES
from bot.web.public_pages import (
    for_xml,
    lasting,
    list_context,
    may_search,
    searched,
    site_address,
    site_page,
    transact,
)
from bot.web.structured_data import document_data
from bot.workdays import CHINA, today_in_china

routes = web.RouteTableDef()

PAGE_DOCUMENTS = 20
_NEWEST = 50


@dataclass(frozen=True)
class _DocumentList:
    """A part of the list. `facets`: filter → its choices; a filter with a single choice is left out."""

    part: ListPart[ListedDocument]
    facets: Mapping[str, list[Choice]]
    found: DocumentResults


@dataclass(frozen=True)
class _Section:
    """Passages under one heading. `anchor`: the position of the first."""

    heading: str
    anchor: int
    passages: list[Passage]


@dataclass(frozen=True)
class _CitedLaw:
    """`document`: its id, if it is among ours. `standing`: what is to be said of it today, maybe nothing."""

    name: str
    document: int | None
    standing: str


@dataclass(frozen=True)
class _DocumentView:
    document: Document
    notice: str
    sections: list[_Section]
    versions: Sequence[Version]
    cited: list[_CitedLaw]


@dataclass(frozen=True)
class _VersionsView:
    document: Document
    notice: str
    versions: Sequence[Version]
    before: Version
    after: Version
    pairs: list[Pair]


@routes.get("/documents")
async def documents(request: web.Request) -> web.Response:
    asked = {name: searched(request, name) for name in ("q", *FILTERS)}
    if request.query and not await may_search(request):
        return await site_page(request, "too_fast.html", 429)
    shown = await transact(request, _list, asked, page_number(request))
    return await site_page(
        request,
        "documents.html",
        shown=shown,
        **list_context(asked, FILTERS, shown.facets),
    )


@routes.get("/documents.atom")
async def feed(request: web.Request) -> web.Response:
    """The newest documents as an Atom feed (RFC 4287)."""
    city, newest = await transact(request, _newest)
    changed = max((one.imported_at for one in newest), default=datetime(2020, 1, 1, tzinfo=CHINA))
    template = request.app[TEMPLATES].get_template("site/documents.atom.xml")
    text = template.render(city=city, site=site_address(request), documents=newest, changed=changed, plain=for_xml)
    return lasting(request, web.Response(text=text, content_type="application/atom+xml"))


@routes.get("/documents/{id}")
async def document(request: web.Request) -> web.Response:
    view = await transact(request, _document_view, number_in(request.match_info["id"]) or 0)
    if view is None:
        return await _no_such_document(request)
    data = document_data(view.document, site_address(request))
    return await site_page(request, "document.html", view=view, document=view.document, data=data, day=_day)


@routes.get("/documents/{id}/versions")
async def versions(request: web.Request) -> web.Response:
    numbers = (number_in(request.query.get(name, "")) for name in ("before", "after"))
    view = await transact(request, _versions_view, number_in(request.match_info["id"]) or 0, *numbers)
    if view is None:
        return await _no_such_document(request)
    return await site_page(request, "versions.html", view=view, document=view.document, day=_day)


async def _no_such_document(request: web.Request) -> web.Response:
    return await site_page(request, "no_document.html", 404)


def _list(session: Session, asked: Mapping[str, str], page: int) -> _DocumentList:
    answer_from_kept(session)
    found = documents_found(session, asked["q"])
    wanted = {name: asked[name] for name in FILTERS}
    useful = found.documents.useful_choices(wanted, {"force": FORCES})
    return _DocumentList(ListPart.of(found.documents.fitting(wanted), page, PAGE_DOCUMENTS), useful, found)


def _newest(session: Session) -> tuple[object, list[ListedDocument]]:
    answer_from_kept(session)
    newest = sorted(document_directory(session).documents.entries, key=lambda one: one.imported_at, reverse=True)
    return get_city(session), newest[:_NEWEST]


def _document_view(session: Session, document_id: int) -> _DocumentView | None:
    found = get_document(session, document_id)
    if found is None:
        return None
    notice = _notice(session, found)
    passages = [] if notice else passages_of(session, found)
    return _DocumentView(
        found,
        notice,
        list(_sections(passages)),
        versions_of(session, found),
        _cited(session, found, passages),
    )


def _versions_view(session: Session, document_id: int, before: int | None, after: int | None) -> _VersionsView | None:
    """The versions asked for, else the last two; None if there are not two."""
    found = get_document(session, document_id)
    if found is None:
        return None
    newest_first = versions_of(session, found)
    known = {version.number: version for version in newest_first}
    new = known.get(after or found.current_version)
    old = known.get(before or (new.number - 1 if new else 0))
    if new is None or old is None or new is old:
        return None
    notice = _notice(session, found)
    pairs = [] if notice else compared(passages_of(session, found, old.number), passages_of(session, found, new.number))
    return _VersionsView(found, notice, newest_first, old, new, pairs)


def _notice(session: Session, document: Document) -> str:
    return notice_on(session, Scope.DOCUMENT, *filter(None, (document.number, document.title)))


def _sections(passages: Sequence[Passage]) -> Iterator[_Section]:
    for heading, group in groupby(passages, key=lambda passage: passage.heading):
        together = list(group)
        yield _Section(heading, together[0].position, together)


def _cited(session: Session, document: Document, passages: Sequence[Passage]) -> list[_CitedLaw]:
    """The laws that a document rests on, each once, in the order in which they are named."""
    names: dict[str, str] = {}
    for passage in passages:
        for citation in find_citations(passage.text):
            if is_law(citation.law) and not is_said_to_end(passage.text, citation):
                names.setdefault(short_name(citation.law), citation.law)
    names.pop(short_name(document.title), None)
    ours = ids_by_title(session, [title for short, name in names.items() for title in (name, short, STATE + short)])
    today, index = today_in_china(utcnow()), laws(session)
    return [
        _CitedLaw(
            name,
            ours.get(name) or ours.get(short) or ours.get(STATE + short),
            standing_words(index.standing(name, today), today),
        )
        for short, name in names.items()
    ]


def _day(at: datetime) -> date:
    return at.astimezone(CHINA).date()
