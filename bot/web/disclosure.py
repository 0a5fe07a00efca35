"""`/disclosure`: the guide, the directory, organs and their leaders, reading places, gazettes (条例 arts. 12, 20, 25).

All pages are made by the server and need no scripts. They read what `python -m bot import-publishing` loaded and what
staff published in the console. Requests for correction are in `disclosure_requests`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.disclosures.rules import Rule
from bot.documents.models import Passage
from bot.documents.service import passages_of
from bot.figures.export import as_csv
from bot.figures.tables import Table
from bot.language.text import simplified
from bot.oversight import yearly_desk
from bot.paging import ListPart
from bot.publishing import public, service
from bot.publishing.models import Information, Organ, ReadingPlace
from bot.publishing.service import Show
from bot.publishing.terms import SUBJECTS, TERM_BASIS, WORKING_DAYS, YEARLY_REPORTS
from bot.storable import storable
from bot.web.console.fields import page_number
from bot.web.console.pages import attachment
from bot.web.public_pages import public_page, transact
from bot.workdays import today_in_china

routes = web.RouteTableDef()

_LONGEST = 100
_FIELDS = ("text", "organ", "subject")
_COLUMNS = ("索引", "名称", "内容概述", "生成日期", "机关", "主题", "文号", "公布日期", "网址")


@dataclass(frozen=True)
class _Directory:
    found: ListPart[Information]
    organs: list[Organ]


@dataclass(frozen=True)
class _Entry:
    """`reports`: yearly reports in the directory. `has_whole_reports`: others were written here (`bot.oversight`)."""

    reports: Sequence[Information]
    newest: list[Information]
    has_whole_reports: bool


async def not_found(request: web.Request) -> web.Response:
    return await public_page(request, "disclosure/not_found.html", 404)


@routes.get("/disclosure")
async def entry(request: web.Request) -> web.Response:
    shown = await transact(request, _entry)
    return await public_page(
        request, "disclosure/entry.html", shown=shown, rule=Rule, days=WORKING_DAYS, term_basis=TERM_BASIS
    )


@routes.get("/disclosure/guide")
async def guide(request: web.Request) -> web.Response:
    organs, places = await transact(request, _guide)
    return await public_page(
        request,
        "disclosure/guide.html",
        organs=organs,
        places=places,
        subjects=SUBJECTS,
        rule=Rule,
        days=WORKING_DAYS,
        term_basis=TERM_BASIS,
    )


@routes.get("/disclosure/directory")
async def directory(request: web.Request) -> web.Response:
    asked = {name: _text(request.query.get(name, "")) for name in _FIELDS}
    shown = await transact(request, _directory, asked, page_number(request))
    return await public_page(
        request,
        "disclosure/directory.html",
        shown=shown,
        asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        subjects=SUBJECTS,
        longest=_LONGEST,
    )


@routes.get("/disclosure/directory.csv")
async def directory_file(request: web.Request) -> web.Response:
    """What the directory lists, as a file (条例 art. 24: the platform lets people search, read and download)."""
    asked = {name: _text(request.query.get(name, "")) for name in _FIELDS}
    rows = await transact(request, _whole_directory, asked)
    table = Table("directory", "公开目录", _COLUMNS, [_cells(row) for row in rows])
    return attachment(as_csv(table).encode(), "text/csv", "政府信息公开目录.csv")


@routes.get("/disclosure/directory/{index_number}")
async def information(request: web.Request) -> web.Response:
    row, passages = await transact(request, _information, _text(request.match_info["index_number"]))
    if row is None:
        return await not_found(request)
    return await public_page(request, "disclosure/information.html", row=row, passages=passages, subjects=SUBJECTS)


@routes.get("/disclosure/organs")
async def organs(request: web.Request) -> web.Response:
    return await public_page(request, "disclosure/organs.html", organs=await transact(request, service.all_organs))


@routes.get("/disclosure/organs/{organ_code}")
async def organ(request: web.Request) -> web.Response:
    row = await transact(request, _organ, _text(request.match_info["organ_code"]))
    if row is None:
        return await not_found(request)
    return await public_page(request, "disclosure/organ.html", organ=row)


@routes.get("/disclosure/places")
async def places(request: web.Request) -> web.Response:
    return await public_page(request, "disclosure/places.html", places=await transact(request, public.reading_places))


@routes.get("/disclosure/gazettes")
async def gazettes(request: web.Request) -> web.Response:
    return await public_page(request, "disclosure/gazettes.html", issues=await transact(request, public.gazettes))


def _text(typed: str) -> str:
    """As it can be searched for."""
    return storable(typed).strip()[:_LONGEST]


def _entry(session: Session) -> _Entry:
    today = today_in_china(utcnow())
    reports = service.find(session, today, show=Show.PUBLISHED, subject=YEARLY_REPORTS).rows
    newest = public.newest(session)
    return _Entry(reports, newest, bool(yearly_desk.published(session)))


def _guide(session: Session) -> tuple[list[Organ], list[ReadingPlace]]:
    return service.all_organs(session), public.reading_places(session)


def _directory(session: Session, asked: Mapping[str, str], number: int) -> _Directory:
    found = service.find(
        session,
        today_in_china(utcnow()),
        show=Show.PUBLISHED,
        organ_code=asked["organ"],
        subject=asked["subject"],
        text=simplified(asked["text"]),
        page=number,
    )
    return _Directory(found, service.all_organs(session))


def _whole_directory(session: Session, asked: Mapping[str, str]) -> list[Information]:
    return service.find_all(
        session,
        today_in_china(utcnow()),
        show=Show.PUBLISHED,
        department_code=None,
        organ_code=asked["organ"],
        subject=asked["subject"],
        text=simplified(asked["text"]),
    )


def _cells(row: Information) -> tuple[str, ...]:
    made_on, published_on = str(row.made_on), str(row.published_on)
    about = (row.index_number, row.title, row.summary, made_on)
    return (*about, row.organ.name, row.subject, row.number, published_on, row.url)


def _information(session: Session, index_number: str) -> tuple[Information | None, list[Passage]]:
    row = public.published(session, index_number)
    document = row.document if row is not None else None
    return row, passages_of(session, document) if document is not None and document.withdrawn_at is None else []


def _organ(session: Session, code: str) -> Organ | None:
    return session.get(Organ, code)
