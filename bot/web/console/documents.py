"""The published documents: the list, versions and passages; proposing a new version, a repeal or a withdrawal."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.documents import changes
from bot.documents.editing import (
    DocumentRefused,
    Force,
    VersionOf,
    find_documents,
    key_of_new,
    read_upload,
    upload_of,
    versions_of,
)
from bot.documents.models import ChangeKind, Document, Passage
from bot.documents.reader import ReadDocument
from bot.documents.service import passages_of
from bot.laws.document_repeals import SaidToEnd, said_to_end
from bot.proposed_changes import service
from bot.proposed_changes.difference import ChangeRefused, Wanted
from bot.proposed_changes.documents import Act, repealed, stored
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.service import Target
from bot.proposed_changes.terms import STATE_TITLES, Changeable
from bot.staff import audit
from bot.staff.models import AuditEntry
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.desk_history import history_of
from bot.web.console.fields import day_in, number_in
from bot.web.console.pages import error_page, form_of, page, transact
from bot.web.console.proposing import LOGGED, Proposer, to_proposed
from bot.web.errors import fields_of
from bot.workdays import today_in_china

routes = web.RouteTableDef()

# Of one file. The preview page carries it in its form as base64, which is a third longer, to the route that stores it.
MOST_FILE_BYTES = 3 * 1024 * 1024
MOST_BY_CHARACTERS = 200
_ACTIONS = (
    frozenset({"store_document", "repeal_document", "restore_document", "withdraw_document", "return_document"})
    | LOGGED
)
_RECENT = 10
_CHANGES = {
    ChangeKind.ADDED: "新载入",
    ChangeKind.CHANGED: "换了新版本",
    ChangeKind.WITHDRAWN: "撤下",
    ChangeKind.RETURNED: "放回",
    ChangeKind.RECOGNISED: "文字由扫描件识别",
}
_FORCE = {
    "": "全部",
    Force.IN_FORCE: "有效",
    Force.REPEALED: "已废止",
    Force.NOT_SAID: "没有写明",
    Force.WITHDRAWN: "已撤下",
}


class _NoSuchDocument(LookupError):
    """No document has this number."""


@dataclass(frozen=True)
class _Shown:
    """`number`: of the version whose passages are shown. `log`: who did what to the document.

    `said`: another document that says this one is repealed.
    """

    document: Document
    number: int
    passages: Sequence[Passage]
    versions: list[VersionOf]
    log: list[AuditEntry]
    said: SaidToEnd | None
    waiting: list[ProposedChange]


@dataclass(frozen=True)
class _Upload:
    """`document_id`: empty for a new document."""

    name: str
    content: bytes
    document_id: str


@routes.get("/console/documents")
@needs(Permission.EDIT_CATALOGUE)
async def documents(request: web.Request) -> web.Response:
    return await _list_page(request)


@routes.get("/console/documents/changes")
@needs(Permission.EDIT_CATALOGUE)
async def document_changes(request: web.Request) -> web.Response:
    found = await transact(request, changes.changes, number_in(request.query.get("page", "")) or 1)
    return page(request, "document_changes.html", found=found, kinds=_CHANGES)


@routes.get("/console/documents/{document_id}")
@needs(Permission.EDIT_CATALOGUE)
async def document_page(request: web.Request) -> web.Response:
    """With `version`: the passages of that version."""
    return await _document_page(request, request.match_info["document_id"])


@routes.post("/console/documents/preview")
@needs(Permission.EDIT_CATALOGUE)
async def preview(request: web.Request) -> web.Response:
    """Shows the passages as they would be stored. The form on the page carries the file to `store`."""
    form, given = await form_of(request), (await fields_of(request)).get("file")
    try:
        if not isinstance(given, web.FileField) or not given.filename:
            raise DocumentRefused("请选一个文件")
        upload = _Upload(given.filename, given.file.read(), form.get("document", ""))
        read, document = await transact(request, _preview, upload)
    except _NoSuchDocument:
        return _no_document(request)
    except DocumentRefused as refused:
        return await _refused(request, form, str(refused))
    return page(
        request,
        "document_preview.html",
        read=read,
        document=document,
        upload=upload,
        most_why=service.MOST_WHY,
        content=base64.b64encode(upload.content).decode(),
    )


@routes.post("/console/documents/store")
@needs(Permission.EDIT_CATALOGUE)
async def propose_version(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        change = await transact(request, _propose_version, _carried(form), Proposer.of(request, form))
    except _NoSuchDocument:
        return _no_document(request)
    except (DocumentRefused, ChangeRefused) as refused:
        return await _refused(request, form, str(refused))
    return to_proposed(request, change)


@routes.post("/console/documents/{document_id}/{act:repeal|restore|withdraw|return}")
@needs(Permission.EDIT_CATALOGUE)
async def propose_act(request: web.Request) -> web.Response:
    form, document_id, act = await form_of(request), request.match_info["document_id"], request.match_info["act"]
    try:
        change = await transact(request, _propose_act, document_id, Act(act), form, Proposer.of(request, form))
    except _NoSuchDocument:
        return _no_document(request)
    except (DocumentRefused, ChangeRefused) as refused:
        return await _document_page(request, document_id, 422, str(refused), form)
    return to_proposed(request, change)


async def _refused(request: web.Request, form: Mapping[str, str], error: str) -> web.Response:
    """Shows the error where the file was chosen: on the list, or on the page of the document to be updated."""
    if form.get("document"):
        return await _document_page(request, form["document"], 422, error)
    return await _list_page(request, 422, error)


async def _list_page(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    asked = {name: request.query.get(name, "").strip() for name in ("text", "force")}
    force = Force(asked["force"]) if asked["force"] in _FORCE and asked["force"] else None
    found = await transact(request, find_documents, asked["text"], force)
    said = await transact(request, said_to_end)
    latest = (await transact(request, changes.changes)).rows[:_RECENT]
    return page(
        request,
        "documents.html",
        status,
        found=found,
        said=said,
        latest=latest,
        kinds=_CHANGES,
        asked=asked,
        forces=_FORCE,
        error=error,
    )


async def _document_page(
    request: web.Request, document_id: str, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    try:
        shown = await transact(request, _read, document_id, request.query.get("version", ""))
    except _NoSuchDocument:
        return _no_document(request)
    return page(
        request,
        "document.html",
        status,
        shown=shown,
        document=shown.document,
        said=shown.said,
        actions=audit.ACTION_TITLES,
        today=today_in_china(utcnow()),
        most_by=MOST_BY_CHARACTERS,
        most_why=service.MOST_WHY,
        states=STATE_TITLES,
        typed=typed or {},
        error=error,
    )


def _no_document(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这份文件")


def _document(session: Session, document_id: str) -> Document:
    number = number_in(document_id)
    document = session.get(Document, number) if number is not None else None
    if document is None:
        raise _NoSuchDocument(document_id)
    return document


def _read(session: Session, document_id: str, version: str) -> _Shown:
    document = _document(session, document_id)
    versions = versions_of(session, document)
    number = next((one.version.number for one in versions if str(one.version.number) == version), None)
    return _Shown(
        document,
        number or document.current_version,
        passages_of(session, document, number),
        versions,
        [
            *history_of(session, document.key, _ACTIONS),
            # A published answer is logged under the number of its case.
            *history_of(session, document.key.removeprefix("answers/"), frozenset({"publish_answer"})),
        ],
        next((said for said in said_to_end(session) if said.document.id == document.id), None),
        service.open_changes(session, Changeable.DOCUMENT, document.key),
    )


def _preview(session: Session, upload: _Upload) -> tuple[ReadDocument, Document | None]:
    if len(upload.content) > MOST_FILE_BYTES:
        raise DocumentRefused(f"文件最大 {MOST_FILE_BYTES // 1024 // 1024} MB")
    read = read_upload(upload.name, upload.content)
    if upload.document_id:
        return read, _document(session, upload.document_id)
    key_of_new(session, upload.name)
    return read, None


def _carried(form: Mapping[str, str]) -> _Upload:
    try:
        content = base64.b64decode(form.get("content", ""), validate=True)
    except (binascii.Error, ValueError):
        raise DocumentRefused("文件没有传完整，请再选一次") from None
    if not content:
        raise DocumentRefused("请选一个文件")
    return _Upload(form.get("name", ""), content, form.get("document", ""))


def _propose_version(session: Session, upload: _Upload, proposer: Proposer) -> ProposedChange:
    before = _document(session, upload.document_id) if upload.document_id else None
    made = upload_of(session, upload.name, upload.content, before)
    target = Target(Changeable.DOCUMENT, made.key, f"《{made.read.title}》")
    return proposer.propose(session, target, stored(made, upload.name))


def _propose_act(
    session: Session, document_id: str, act: Act, form: Mapping[str, str], proposer: Proposer
) -> ProposedChange:
    document = _document(session, document_id)
    wanted = _repeal(form) if act == Act.REPEAL else {"act": act}
    return proposer.propose(session, Target(Changeable.DOCUMENT, document.key, f"《{document.title}》"), wanted)


def _repeal(form: Mapping[str, str]) -> Wanted:
    on, by = day_in(form.get("on", "")), form.get("by", "").strip()
    if on is None:
        raise DocumentRefused("请填废止日期")
    if not by:
        raise DocumentRefused("请写明依据，比如废止它的文件")
    if len(by) > MOST_BY_CHARACTERS:
        raise DocumentRefused(f"依据最多 {MOST_BY_CHARACTERS} 个字")
    return repealed(on, by)
