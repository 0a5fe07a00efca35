"""`/items`, `/items/CODE`, `/joint/CODE`: the directory of services (网上服务目录), a page an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.answering.lists import ItemResults, items_found
from bot.catalogue import service as catalogue
from bot.catalogue.departments import all_departments
from bot.catalogue.directory import CHANNELS, FEES, FILTERS, ListedItem
from bot.catalogue.districts import Places, Whereabouts, districts, places_of
from bot.catalogue.models import Item, JointService, LegalBasis
from bot.catalogue.service import Offer, related_to
from bot.catalogue.situations import Variant
from bot.db import utcnow
from bot.documents.directory import ids_by_title
from bot.laws.citations import STATE, short_name
from bot.laws.service import laws
from bot.paging import ListPart
from bot.replies.approvals import material_notes, promised
from bot.replies.laws import standing_words
from bot.revisions.service import answer_from_kept
from bot.search.filters import Choice
from bot.switches.scopes import Scope
from bot.switches.service import notice_on
from bot.web.console.fields import page_number
from bot.web.public_pages import list_context, may_search, query_of, searched, site_address, site_page, transact
from bot.web.structured_data import item_data, joint_data
from bot.workdays import today_in_china

routes = web.RouteTableDef()

PAGE_ITEMS = 20
_NEAR = 5


@dataclass(frozen=True)
class ItemList:
    """A part of the directory. `facets`: filter → its choices; a filter with a single choice is left out."""

    part: ListPart[ListedItem]
    facets: Mapping[str, list[Choice]]
    found: ItemResults


@dataclass(frozen=True)
class _Basis:
    """`standing`: what is to be said of the law today, maybe nothing. `document`: its id, if it is among ours."""

    basis: LegalBasis
    standing: str
    document: int | None


@dataclass(frozen=True)
class _ItemView:
    item: Item
    notice: str
    places: Places | None
    joints: list[JointService]
    offers: list[tuple[Offer, int | None]]
    bases: list[_Basis]


@dataclass(frozen=True)
class _JointView:
    joint: JointService
    notice: str
    items: list[Item]


@routes.get("/items")
async def items(request: web.Request) -> web.Response:
    asked = {name: searched(request, name) for name in ("q", *FILTERS)}
    if request.query and not await may_search(request):
        return await site_page(request, "too_fast.html", 429)
    shown = await transact(request, read_list, asked, page_number(request))
    return await site_page(
        request,
        "items.html",
        shown=shown,
        **list_context(asked, FILTERS, shown.facets),
        promised=promised,
        channels=CHANNELS,
    )


@routes.get("/items/{code}")
async def item(request: web.Request) -> web.Response:
    code = request.match_info["code"]
    view = await transact(request, _item_view, code)
    if view is None:
        return await _no_such_item(request, code)
    case = Variant(view.item)
    titles = {option.title for option in view.item.situations}
    for title in request.query.getall("case", []):
        if title in titles:
            case = case.with_choice(title)
    return await site_page(
        request,
        "item.html",
        view=view,
        item=view.item,
        case=case,
        promised=promised,
        material_notes=material_notes,
        channels=CHANNELS,
        choice_query=lambda title: _choices_query(case.with_choice(title)),
        data=item_data(view.item, site_address(request)),
    )


@routes.get("/joint/{code}")
async def joint(request: web.Request) -> web.Response:
    code = request.match_info["code"]
    view = await transact(request, _joint_view, code)
    if view is None:
        return await _no_such_item(request, code)
    data = joint_data(view.joint, site_address(request))
    return await site_page(request, "joint.html", view=view, joint=view.joint, promised=promised, data=data)


def read_list(session: Session, asked: Mapping[str, str], page: int, size: int = PAGE_ITEMS) -> ItemList:
    """`asked`: what is searched for under `q`, and the filters of `FILTERS`."""
    answer_from_kept(session)
    found = items_found(session, asked["q"])
    wanted = {name: asked[name] for name in FILTERS}
    titles: dict[str, Mapping[str, str] | None] = {
        "department": {one.code: one.name for one in all_departments(session)},
        "district": {one.name: one.name for one in districts(session).districts} or None,
        "joint": {one.code: one.name for one in catalogue.all_joint_services(session)},
        "office": {one.code: one.name for one in catalogue.all_offices(session)},
        "channel": CHANNELS,
        "fee": FEES,
    }
    useful = found.items.useful_choices(wanted, titles)
    return ItemList(ListPart.of(found.items.fitting(wanted), page, size), useful, found)


def _choices_query(case: Variant) -> str:
    return "&".join(query_of({"case": title}) for title in case.chosen)


async def _no_such_item(request: web.Request, code: str) -> web.Response:
    """The page of what is meant, if only case or kind differ; else a page with items of similar codes."""
    meant = await transact(request, _address_of, code.strip().upper())
    if meant and meant != request.path:
        raise web.HTTPMovedPermanently(meant)
    near = await transact(request, catalogue.codes_like, code, _NEAR)
    return await site_page(request, "no_item.html", 404, near=near)


def _address_of(session: Session, code: str) -> str:
    """Empty if there is neither an item nor a joint service of that code."""
    if catalogue.get_joint_service(session, code):
        return f"/joint/{code}"
    return f"/items/{code}" if catalogue.get_item(session, code) else ""


def _item_view(session: Session, code: str) -> _ItemView | None:
    item = catalogue.get_item(session, code)
    if item is None:
        return None
    joints = catalogue.joint_services_with(session, code)
    offers = related_to(session, code)
    names = [name for basis in item.legal_bases for name in (basis.law, STATE + short_name(basis.law))]
    documents = ids_by_title(session, [*names, *(offer.name for offer in offers if not offer.code)])
    return _ItemView(
        item,
        notice_on(session, Scope.ITEM, code),
        places_of(session, item, Whereabouts()),
        joints,
        [(offer, documents.get(offer.name)) for offer in offers if offer.code or offer.name in documents],
        _bases(session, item.legal_bases, documents),
    )


def _bases(session: Session, bases: Sequence[LegalBasis], documents: Mapping[str, int]) -> list[_Basis]:
    today, index = today_in_china(utcnow()), laws(session)
    return [
        _Basis(
            basis,
            standing_words(index.standing(basis.law, today, articles=basis.article), today),
            documents.get(basis.law) or documents.get(STATE + short_name(basis.law)),
        )
        for basis in bases
    ]


def _joint_view(session: Session, code: str) -> _JointView | None:
    joint = catalogue.get_joint_service(session, code)
    if joint is None:
        return None
    return _JointView(joint, notice_on(session, Scope.ITEM, code), catalogue.items_of(session, joint.item_codes))
