"""Taking in requests at the desk: a single one on paper, or a department's register as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.column_maps import ColumnMap
from bot.db import Database, utcnow
from bot.disclosures import register_list
from bot.disclosures.importer import ImportedRequests
from bot.disclosures.long_register import Checked, check, load
from bot.disclosures.numbering import ReceiptRefused, next_receipt
from bot.disclosures.service import assess, record_request
from bot.disclosures.terms import ApplicantKind
from bot.disclosures.upload import Upload, import_upload
from bot.disclosures.vocabulary import APPLICANT_KINDS, WAYS, in_chinese
from bot.language.receipts import new_query_code
from bot.sheets import CSV_SUFFIXES, WORKBOOK_SUFFIXES
from bot.staff import audit
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.tabular import MOST_SHOWN, ImportRejected
from bot.web.console.access import needs
from bot.web.console.column_map_form import Carried, SheetKind, Shown, first_page, next_page
from bot.web.console.disclosures import MOST_APPLICANT_CHARACTERS, MOST_DESCRIPTION_CHARACTERS
from bot.web.console.fields import day_in
from bot.web.console.pages import form_of, in_thread, page, person_of, redirect, transact
from bot.web.errors import fields_of
from bot.web.keys import DATABASE
from bot.workdays import today_in_china

routes = web.RouteTableDef()

KIND = SheetKind(
    kind="disclosures",
    title="导入台账",
    back="/console/disclosures/import",
    needed=register_list.NEEDED,
    read=register_list.read_sheet,
    proposed=register_list.proposed,
    missing_in=register_list.missing_in,
)
MOST_WISH_CHARACTERS = 40
_WISHES = {"form_wanted": "获取形式", "delivery": "获取方式"}
# The first 《政府信息公开条例》 came into force on this day.
_FIRST_DAY = date(2008, 5, 1)


class IntakeRefused(ValueError):
    """A field is missing or invalid; the message says which, in Chinese."""


@dataclass(frozen=True)
class _Added:
    receipt: str
    query_code: str
    due_on: date | None


@routes.get("/console/disclosures/new")
@needs(Permission.MANAGE_DISCLOSURES)
async def new(request: web.Request) -> web.Response:
    return await _new_page(request)


@routes.post("/console/disclosures/new")
@needs(Permission.MANAGE_DISCLOSURES)
async def add(request: web.Request) -> web.Response:
    """Shows the receipt and the query code. The code is not shown again."""
    form = await form_of(request)
    try:
        added = await transact(request, _add, person_of(request), form)
    except (IntakeRefused, ReceiptRefused) as refused:
        return await _new_page(request, 422, str(refused), form)
    return page(request, "disclosure_added.html", added=added)


@routes.get("/console/disclosures/import")
@needs(Permission.MANAGE_DISCLOSURES)
async def import_form(request: web.Request) -> web.Response:
    return page(request, "disclosure_import.html", errors=[], error_count=0)


@routes.post("/console/disclosures/import")
@needs(Permission.MANAGE_DISCLOSURES)
async def import_register(request: web.Request) -> web.Response:
    """Reports all errors together; if there is any, nothing is imported."""
    given = (await fields_of(request)).getall("files", [])
    uploads = [Upload(one.filename, one.file.read()) for one in given if isinstance(one, web.FileField)]
    try:
        if await in_thread(request, _is_one_sheet, uploads):
            return await first_page(request, KIND, Carried(uploads[0].name, uploads[0].content))
        imported = await transact(request, _import, person_of(request), uploads)
    except ImportRejected as rejected:
        return _rejected(request, rejected)
    return redirect(request, "/console/disclosures", _said(imported))


@routes.post("/console/disclosures/import/sheet")
@needs(Permission.MANAGE_DISCLOSURES)
async def import_sheet(request: web.Request) -> web.Response:
    """A register on one sheet: shows what would come in by the map of its columns, then brings it in."""

    async def preview(path: Path, column_map: ColumnMap) -> Shown:
        checked = await in_thread(request, _check, request.app[DATABASE], person_of(request), path, column_map)
        return _shown(checked.imported)

    async def store(path: Path, column_map: ColumnMap) -> web.Response:
        name, person = (await form_of(request)).get("name", ""), person_of(request)
        loaded = await in_thread(request, _load, request.app[DATABASE], person, path, column_map, name)
        return redirect(request, "/console/disclosures", _said(loaded))

    try:
        return await next_page(request, KIND, preview, store)
    except ImportRejected as rejected:
        return _rejected(request, rejected)


def _rejected(request: web.Request, rejected: ImportRejected) -> web.Response:
    shown = rejected.errors[:MOST_SHOWN]
    return page(request, "disclosure_import.html", 422, errors=shown, error_count=len(rejected.errors))


def _said(imported: ImportedRequests) -> str:
    no_code = f"；其中 {imported.without_code} 件没有查询码，申请人来问时再给" if imported.without_code else ""
    return f"已导入 {imported.requests} 件申请{no_code}"


def _shown(imported: ImportedRequests) -> Shown:
    facts = {
        "新登记": f"{imported.new} 件",
        "更新": f"{imported.changed} 件",
        "和原来一样": f"{imported.requests - imported.new - imported.changed} 件",
    }
    without = f"{imported.without_code} 件没有查询码，申请人来问时再给。" if imported.without_code else ""
    return Shown(facts, notes=["台账里没有提到的申请不动。", *filter(None, [without])])


async def _new_page(
    request: web.Request, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    return page(
        request,
        "disclosure_new.html",
        status,
        departments=await transact(request, _departments, person_of(request)),
        applicant_kinds={kind.value: in_chinese(APPLICANT_KINDS, kind) for kind in ApplicantKind},
        ways=WAYS,
        today=today_in_china(utcnow()),
        most_applicant=MOST_APPLICANT_CHARACTERS,
        most_description=MOST_DESCRIPTION_CHARACTERS,
        most_wish=MOST_WISH_CHARACTERS,
        typed=typed or {},
        error=error,
    )


def _departments(session: Session, person: Person) -> list[Department]:
    """The departments for which this person may take in requests."""
    own = person.department_code
    return [one for one in all_departments(session) if own is None or one.code == own]


def _add(session: Session, person: Person, form: Mapping[str, str]) -> _Added:
    today = today_in_china(utcnow())
    kinds = {kind.value: kind for kind in APPLICANT_KINDS.values()}
    applicant_kind = kinds.get(form.get("applicant_kind", ""))
    if applicant_kind is None:
        raise IntakeRefused("请选申请人类型")
    applicant = _filled(form, "applicant", "申请人", MOST_APPLICANT_CHARACTERS)
    description = _filled(form, "description", "申请内容", MOST_DESCRIPTION_CHARACTERS)
    department = next((one for one in _departments(session, person) if one.code == form.get("department")), None)
    if department is None:
        raise IntakeRefused("请选受理机关")
    if form.get("via") not in WAYS:
        raise IntakeRefused("请选提交方式")
    received_on = _received_on(form, today)
    query_code = new_query_code()
    request = record_request(
        session,
        receipt=next_receipt(session, received_on.year),
        query_code=query_code,
        applicant_kind=applicant_kind,
        applicant=applicant,
        description=description,
        department_code=department.code,
        received_on=received_on,
        submitted_via=form["via"],
    )
    wishes = {name: form.get(name, "").strip()[:MOST_WISH_CHARACTERS] or None for name in _WISHES}
    request.form_wanted, request.delivery = wishes["form_wanted"], wishes["delivery"]
    audit.record(
        session, who=person.login, action="add_request", subject=request.receipt, why=department.name, at=utcnow()
    )
    return _Added(request.receipt, query_code, assess(request, today).due_on)


def _received_on(form: Mapping[str, str], today: date) -> date:
    received_on = day_in(form.get("received_on", ""))
    if received_on is None:
        raise IntakeRefused("请填收到日期")
    if received_on > today:
        raise IntakeRefused(f"{received_on} 还没有到，只能登记已经收到的")
    if received_on < _FIRST_DAY:
        raise IntakeRefused(f"收到日期不会早于 {_FIRST_DAY}")
    return received_on


def _filled(form: Mapping[str, str], name: str, title: str, most: int) -> str:
    text = form.get(name, "").strip()
    if not text:
        raise IntakeRefused(f"请填{title}")
    if len(text) > most:
        raise IntakeRefused(f"{title}最多 {most} 个字")
    return text


def _is_one_sheet(uploads: Sequence[Upload]) -> bool:
    """A file that is too large or broken is none."""
    if len(uploads) != 1 or PurePath(uploads[0].name).suffix.lower() not in WORKBOOK_SUFFIXES | CSV_SUFFIXES:
        return False
    with Carried(uploads[0].name, uploads[0].content).laid_out() as path:
        return register_list.is_one_sheet(path)


def _check(database: Database, person: Person, path: Path, column_map: ColumnMap) -> Checked:
    with database.transaction() as session:
        department = next(iter(_departments(session, person))) if person.department_code else None
    return check(database, register_list.read_sheet(path), column_map, today_in_china(utcnow()), department=department)


def _load(database: Database, person: Person, path: Path, column_map: ColumnMap, name: str) -> ImportedRequests:
    checked, now = _check(database, person, path, column_map), utcnow()
    with database.transaction() as session:
        _record(session, person, name, checked.imported)
    for _ in load(database, register_list.read_sheet(path), column_map, today_in_china(now), checked):
        pass
    return checked.imported


def _import(session: Session, person: Person, uploads: Sequence[Upload]) -> ImportedRequests:
    departments = _departments(session, person) if person.department_code else [None]
    imported = import_upload(session, uploads, today_in_china(utcnow()), departments[0])
    _record(session, person, "、".join(upload.name for upload in uploads), imported)
    return imported


def _record(session: Session, person: Person, name: str, imported: ImportedRequests) -> None:
    why = f"{imported.requests} 件申请"
    audit.record(session, who=person.login, action="import_disclosures", subject=name, why=why, at=utcnow())
