"""The items of the catalogue: their records and aliases, and a form that proposes changes of their plain fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import editing
from bot.catalogue.departments import all_departments
from bot.catalogue.editing import Change, EditRefused
from bot.catalogue.models import Department, Item
from bot.catalogue.service import AliasRefused, NoSuchAlias, add_alias, aliases, get_item, related_to, remove_alias
from bot.db import utcnow
from bot.language.facets import FACET_TITLES
from bot.proposed_changes import service
from bot.proposed_changes.difference import ChangeRefused
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.service import Target
from bot.proposed_changes.terms import STATE_TITLES, Changeable
from bot.replies.approvals import item_answer
from bot.running import lexicon_file as lexicon
from bot.staff import audit
from bot.staff.accounts import own_department
from bot.staff.models import AuditEntry, Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.desk_history import history_of
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.console.proposing import LOGGED, Proposer, to_proposed
from bot.web.keys import SETTINGS
from bot.workdays import today_in_china

routes = web.RouteTableDef()

MOST_ALIAS_CHARACTERS = 40
_ACTIONS = frozenset({"edit_item", "add_alias", "remove_alias"}) | LOGGED


class _NoSuchItem(LookupError):
    """The catalogue has no item of this code."""


class _ChangedMeanwhile(ValueError):
    """Somebody else saved the item after the form was opened."""


@dataclass(frozen=True)
class _Shown:
    item: Item
    other_names: list[str]
    log: list[AuditEntry]
    answers: dict[str, str]
    waiting: list[ProposedChange]


@dataclass(frozen=True)
class _Preview:
    """`answers`: title → text, of the answers that would be different."""

    item: Item
    changes: list[Change]
    answers: dict[str, str]


@routes.get("/console/catalogue")
@needs(Permission.MEND_ITEMS)
async def catalogue(request: web.Request) -> web.Response:
    asked = {name: request.query.get(name, "").strip() for name in ("text", "department")}
    found, departments = await transact(request, _find, asked, person_of(request))
    return page(request, "catalogue.html", found=found, departments=departments, asked=asked)


@routes.get("/console/catalogue/{code}")
@needs(Permission.MEND_ITEMS)
async def item_page(request: web.Request) -> web.Response:
    return await _item_page(request)


@routes.post("/console/catalogue/{code}/preview")
@needs(Permission.MEND_ITEMS)
async def preview(request: web.Request) -> web.Response:
    """Shows the changes and the answers as citizens would read them. With `back`: the form as it was filled in."""
    form = await form_of(request)
    if "back" in form:
        return await _item_page(request, typed=form)
    try:
        made = await transact(request, _preview, request.match_info["code"], person_of(request), form)
    except _NoSuchItem:
        return _no_item(request)
    except EditRefused as refused:
        return await _item_page(request, 422, str(refused), typed=form)
    if not made.changes:
        return await _item_page(request, 422, "没有改动", typed=form)
    given = {field.name: form[field.name] for field in editing.FIELDS if field.name in form}
    return page(
        request,
        "item_preview.html",
        item=made.item,
        made=made,
        given=given,
        seen=form.get("seen", ""),
        most_why=service.MOST_WHY,
    )


@routes.post("/console/catalogue/{code}")
@needs(Permission.MEND_ITEMS)
async def propose(request: web.Request) -> web.Response:
    """Proposes the changes; they are live when somebody else has approved them."""
    form, code = await form_of(request), request.match_info["code"]
    try:
        change = await transact(request, _propose, code, person_of(request), form, Proposer.of(request, form))
    except _NoSuchItem:
        return _no_item(request)
    except (EditRefused, ChangeRefused) as refused:
        return await _item_page(request, 422, str(refused), typed=form)
    except _ChangedMeanwhile:
        return await _item_page(request, 409, "有人刚改过这一项，请看过现在的内容再改")
    return to_proposed(request, change)


@routes.post("/console/catalogue/{code}/aliases")
@needs(Permission.EDIT_CATALOGUE)
async def add_name(request: web.Request) -> web.Response:
    form, code = await form_of(request), request.match_info["code"]
    name = form.get("name", "").strip()
    try:
        await transact(request, _add_alias, code, name, request.app[SETTINGS].lexicon_path, person_of(request))
    except _NoSuchItem:
        return _no_item(request)
    except AliasRefused as refused:
        return await _item_page(request, 422, str(refused), name=name)
    return redirect(request, f"/console/catalogue/{code}", f"“{name}”已加上，下次训练后认得")


@routes.post("/console/catalogue/{code}/aliases/remove")
@needs(Permission.EDIT_CATALOGUE)
async def remove_name(request: web.Request) -> web.Response:
    form, code = await form_of(request), request.match_info["code"]
    name, path = form.get("name", "").strip(), request.app[SETTINGS].lexicon_path
    try:
        await transact(request, _remove_alias, code, name, path, person_of(request))
    except _NoSuchItem:
        return _no_item(request)
    except NoSuchAlias:
        return await _item_page(request, 422, f"“{name}”已经不是它的别名")
    return redirect(request, f"/console/catalogue/{code}", f"“{name}”已删，下次训练后不再认")


async def _item_page(
    request: web.Request, status: int = 200, error: str = "", *, typed: Mapping[str, str] | None = None, name: str = ""
) -> web.Response:
    """`typed`: the fields as they were filled in. `name`: the alias that was refused."""
    try:
        shown = await transact(request, _read, request.match_info["code"], person_of(request))
    except _NoSuchItem:
        return _no_item(request)
    return page(
        request,
        "item.html",
        status,
        item=shown.item,
        shown=shown,
        states=STATE_TITLES,
        fields=editing.FIELDS,
        seen=editing.fingerprint(shown.item),
        actions=audit.ACTION_TITLES,
        most_alias=MOST_ALIAS_CHARACTERS,
        typed=typed or {},
        name=name,
        error=error,
    )


def _no_item(request: web.Request) -> web.Response:
    return error_page(request, 404, "目录里没有这个编码的事项，或者不是您部门的")


def _item(session: Session, code: str, person: Person) -> Item:
    """The item; a department has only its own."""
    item, own = get_item(session, code), own_department(person)
    if item is None or (own is not None and item.department_code != own):
        raise _NoSuchItem(code)
    return item


def _find(session: Session, asked: Mapping[str, str], person: Person) -> tuple[Sequence[Item], list[Department]]:
    own = own_department(person)
    wanted = (asked["department"] or None) if own is None else own
    return editing.find_items(session, asked["text"], wanted), all_departments(session) if own is None else []


def _read(session: Session, code: str, person: Person) -> _Shown:
    item = _item(session, code, person)
    return _Shown(
        item,
        [alias.text for alias in aliases(session, code)],
        history_of(session, code, _ACTIONS),
        _answers(session, item),
        service.open_changes(session, Changeable.ITEM, code),
    )


def _preview(session: Session, code: str, person: Person, form: Mapping[str, str]) -> _Preview:
    item = _item(session, code, person)
    return _Preview(item, editing.changes_in(item, form), changed_answers(session, code, form))


def changed_answers(session: Session, code: str, given: Mapping[str, str]) -> dict[str, str]:
    """The answers, title → text, that would be different with these fields (name → text).

    Empty if the item is gone, or does not take them any more.
    """
    item, today = get_item(session, code), today_in_china(utcnow())
    if item is None:
        return {}
    # Detach the item, so that the changes made for the preview are not stored.
    session.expunge(item)
    # Every answer names the date of the record. Use the same date before and after, so that it makes no difference.
    editing.apply(item, [], today)
    before = _answers(session, item)
    try:
        editing.apply(item, editing.changes_in(item, given), today)
    except EditRefused:
        return {}
    return {title: text for title, text in _answers(session, item).items() if text != before[title]}


def _answers(session: Session, item: Item) -> dict[str, str]:
    related = related_to(session, item.code)
    return {
        title: item_answer(item, facet, related=related if facet == "overview" else ()).text
        for facet, title in FACET_TITLES.items()
    }


def _propose(
    session: Session, code: str, person: Person, form: Mapping[str, str], proposer: Proposer
) -> ProposedChange:
    item = _item(session, code, person)
    if form.get("seen") != editing.fingerprint(item):
        raise _ChangedMeanwhile(code)
    wanted = {change.field.name: str(change.new) for change in editing.changes_in(item, form)}
    return proposer.propose(session, Target(Changeable.ITEM, code, item.name), wanted)


def _add_alias(session: Session, code: str, name: str, lexicon_path: Path, person: Person) -> None:
    _item(session, code, person)
    if len(name) > MOST_ALIAS_CHARACTERS:
        raise AliasRefused(f"别名最多 {MOST_ALIAS_CHARACTERS} 个字")
    add_alias(session, code, name)
    audit.record(session, who=person.login, action="add_alias", subject=code, why=name, at=utcnow())
    lexicon.write(session, lexicon_path)


def _remove_alias(session: Session, code: str, name: str, lexicon_path: Path, person: Person) -> None:
    _item(session, code, person)
    remove_alias(session, code, name)
    audit.record(session, who=person.login, action="remove_alias", subject=code, why=name, at=utcnow())
    lexicon.write(session, lexicon_path)
