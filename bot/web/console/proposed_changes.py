"""Changes that wait for a second pair of eyes (待核准): the list, a page for each with its comparison, the acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.service import get_item
from bot.db import utcnow
from bot.documents.comparing import ComparedPiece, clauses
from bot.documents.models import Document
from bot.paging import ListPart
from bot.proposed_changes import service
from bot.proposed_changes.difference import ChangeRefused, Difference
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.service import NoSuchChange
from bot.proposed_changes.terms import KIND_TITLES, STATE_TITLES, Changeable, ChangeState
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.accounts import may, own_department
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.catalogue import changed_answers
from bot.web.console.fields import number_in, page_number
from bot.web.console.my_work import Work
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.console.proposing import PATH
from bot.web.keys import SETTINGS

routes = web.RouteTableDef()

# Of the differences; a whole new list may have thousands.
_MOST_SHOWN = 300
_DONE = frozenset(ChangeState) - {ChangeState.PROPOSED, ChangeState.APPROVED}
_VIEWS: Mapping[str, tuple[str, frozenset[ChangeState]]] = {
    "": ("待核准", frozenset({ChangeState.PROPOSED})),
    "due": ("已核准，等生效", frozenset({ChangeState.APPROVED})),
    "back": ("退回我的", frozenset({ChangeState.REFUSED, ChangeState.RETURNED})),
    "mine": ("我提的", frozenset(ChangeState)),
    "done": ("办完的", _DONE),
}


@dataclass(frozen=True)
class _Row:
    """A difference, cut where the two texts differ."""

    title: str
    old: Sequence[ComparedPiece]
    new: Sequence[ComparedPiece]


@dataclass(frozen=True)
class _Shown:
    """`link`: the record's own page, empty if it has none. `answers`: what citizens would read, while it is open."""

    change: ProposedChange
    rows: list[_Row]
    more: int
    history: list[ProposedChange]
    names: dict[str, str]
    link: str
    answers: dict[str, str]
    is_undoable: bool


@routes.get(PATH)
@needs(Permission.MEND_ITEMS)
async def listed(request: web.Request) -> web.Response:
    show = request.query.get("show", "")
    show = show if show in _VIEWS else ""
    # A department sees the changes that its people proposed.
    is_own = show in ("back", "mine") or own_department(person_of(request)) is not None
    own = person_of(request).login if is_own else ""
    found, names = await transact(request, _find, show, own, page_number(request))
    return page(
        request,
        "changes.html",
        found=found,
        names=names,
        show=show,
        views={value: title for value, (title, _) in _VIEWS.items()},
        kinds=KIND_TITLES,
        states=STATE_TITLES,
    )


@routes.get(f"{PATH}/{{change_id}}")
@needs(Permission.MEND_ITEMS)
async def change_page(request: web.Request) -> web.Response:
    return await _change_page(request)


@routes.post(f"{PATH}/{{change_id}}/approve")
@needs(Permission.APPROVE_CHANGES)
async def approve(request: web.Request) -> web.Response:
    try:
        change = await transact(
            request, service.approve, request.app[SETTINGS], _number(request), person_of(request), utcnow()
        )
    except NoSuchChange:
        return _no_change(request)
    except ChangeRefused as refused:
        return await _change_page(request, 422, str(refused))
    return redirect(request, f"{PATH}/{change.id}", _said_of(change))


@routes.post(f"{PATH}/{{change_id}}/refuse")
@needs(Permission.APPROVE_CHANGES)
async def refuse(request: web.Request) -> web.Response:
    why, who = (await form_of(request)).get("why", ""), person_of(request).login
    try:
        change = await transact(request, service.refuse, _number(request), why=why, who=who, now=utcnow())
    except NoSuchChange:
        return _no_change(request)
    except ChangeRefused as refused:
        return await _change_page(request, 422, str(refused))
    return redirect(request, PATH, f"{change.title}的改动已退回")


@routes.post(f"{PATH}/{{change_id}}/withdraw")
@needs(Permission.MEND_ITEMS)
async def withdraw(request: web.Request) -> web.Response:
    try:
        await transact(request, service.withdraw, _number(request), who=person_of(request).login, now=utcnow())
    except NoSuchChange:
        return _no_change(request)
    except ChangeRefused as refused:
        return await _change_page(request, 422, str(refused))
    return redirect(request, f"{PATH}?show=mine", "已撤回")


@routes.post(f"{PATH}/{{change_id}}/undo")
@needs(Permission.EDIT_CATALOGUE)
async def undo(request: web.Request) -> web.Response:
    why, person = (await form_of(request)).get("why", ""), person_of(request)
    try:
        change = await transact(
            request,
            service.undo,
            request.app[SETTINGS],
            _number(request),
            person,
            why=why,
            at_once=may(person, Permission.APPROVE_CHANGES),
            now=utcnow(),
        )
    except NoSuchChange:
        return _no_change(request)
    except ChangeRefused as refused:
        return await _change_page(request, 422, str(refused))
    return redirect(request, f"{PATH}/{change.id}", _said_of(change))


def changes_work(session: Session, settings: Settings, person: Person) -> list[Work]:
    """What of the proposed changes waits for this person."""
    if not may(person, Permission.MEND_ITEMS):
        return []
    waiting = service.waiting_for(session, settings, person)
    to_approve = Work("改动待核准", waiting.to_approve if may(person, Permission.APPROVE_CHANGES) else 0, PATH)
    back = Work("退回我的改动", waiting.back, f"{PATH}?show=back", True)
    return [one for one in (to_approve, back) if one.count]


async def _change_page(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    person = person_of(request)
    try:
        shown = await transact(request, _read, _number(request), person)
    except NoSuchChange:
        return _no_change(request)
    return page(
        request,
        "change.html",
        status,
        shown=shown,
        change=shown.change,
        kinds=KIND_TITLES,
        states=STATE_TITLES,
        is_own=shown.change.proposed_by == person.login,
        may_decide=may(person, Permission.APPROVE_CHANGES)
        and service.may_decide(request.app[SETTINGS], shown.change, person),
        most_why=service.MOST_WHY,
        error=error,
    )


def _said_of(change: ProposedChange) -> str:
    if change.state == ChangeState.RETURNED:
        return f"没有生效：{change.note}"
    if change.state == ChangeState.PROPOSED:
        return "已提出撤销，别人核准以后才生效"
    if change.state == ChangeState.APPROVED:
        return "已核准，到时间自动生效"
    return "已撤销，恢复了原来的内容" if change.undoes_id else "已核准，从现在起生效"


def _number(request: web.Request) -> int:
    return number_in(request.match_info["change_id"]) or 0


def _no_change(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这项改动")


def _find(session: Session, show: str, own: str, number: int) -> tuple[ListPart[ProposedChange], dict[str, str]]:
    found = service.find_changes(session, _VIEWS[show][1], own, number)
    return found, accounts.names_of(session, {change.proposed_by for change in found.rows})


def _read(session: Session, change_id: int, person: Person) -> _Shown:
    change = service.get_change(session, change_id)
    if not _is_seen_by(session, change, person):
        raise NoSuchChange(change_id)
    kind, is_open = Changeable(change.kind), change.state in (ChangeState.PROPOSED, ChangeState.APPROVED)
    differences = service.differences_of(change)
    answers = changed_answers(session, change.subject, change.wanted) if is_open and kind == Changeable.ITEM else {}
    history = [other for other in service.history(session, kind, change.subject) if other.id != change.id]
    logins = {change.proposed_by, change.decided_by or "", *(other.proposed_by for other in history)}
    return _Shown(
        change,
        list(map(_row, differences[:_MOST_SHOWN])),
        max(0, len(differences) - _MOST_SHOWN),
        history,
        accounts.names_of(session, logins),
        _link(session, change),
        answers,
        change.state == ChangeState.LIVE and change.reverse is not None,
    )


def _is_seen_by(session: Session, change: ProposedChange, person: Person) -> bool:
    """A person of a department sees what they proposed themselves, and what was proposed for its items."""
    own = own_department(person)
    if own is None or change.proposed_by == person.login:
        return True
    item = get_item(session, change.subject) if change.kind == Changeable.ITEM else None
    return item is not None and item.department_code == own


def _row(one: Difference) -> _Row:
    return _Row(one.title, *clauses(one.old, one.new))


def _link(session: Session, change: ProposedChange) -> str:
    match change.kind:
        case Changeable.ITEM:
            return f"/console/catalogue/{change.subject}"
        case Changeable.DOCUMENT:
            number = session.scalar(select(Document.id).where(Document.key == change.subject))
            return f"/console/documents/{number}" if number else ""
        case Changeable.ROUTES:
            return "/console/referrals"
        case Changeable.LAWS:
            return "/console/laws"
        case _:
            return ""
