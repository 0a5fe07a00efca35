"""The published documents: the list, versions and passages; uploading a document, marking it as repealed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.documents import changes
from bot.documents.editing import (
    DocumentRefused,
    Force,
    VersionOf,
    find_documents,
    key_of_new,
    mark_in_force,
    mark_repealed,
    read_upload,
    store_upload,
    versions_of,
)
from bot.documents.models import ChangeKind, Document, Passage
from bot.documents.reader import ReadDocument
from bot.documents.service import passages_of
from bot.laws.document_repeals import SaidToEnd, said_to_end
from bot.staff import audit
from bot.staff.models import AuditEntry
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.desk_history import history_of
from bot.web.console.fields import day_in, number_in
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.workdays import today_in_china

routes = web.RouteTableDef()

# Of one file. The preview page carries it in its form as base64, which is a third longer, to the route that stores it.
MOST_FILE_BYTES = 3 * 1024 * 1024
MOST_WHY_CHARACTERS = 200
_AT_ONCE = "同时有人也在改这份文件，这次没有存上，请看过后再试"
_ACTIONS = frozenset({"store_document", "repeal_document", "restore_document", "withdraw_document", "return_document"})
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


_Mark = Callable[[Session, str, Mapping[str, str], str], None]


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
    form, given = await form_of(request), (await request.post()).get("file")
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
        content=base64.b64encode(upload.content).decode(),
    )


@routes.post("/console/documents/store")
@needs(Permission.EDIT_CATALOGUE)
async def store(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        stored = await transact(request, _store, _carried(form), who=person_of(request).login)
    except _NoSuchDocument:
        return _no_document(request)
    except DocumentRefused as refused:
        return await _refused(request, form, str(refused))
    except IntegrityError:
        return await _refused(request, form, _AT_ONCE)
    said = f"《{stored.title}》第 {stored.current_version} 版已存，索引建好后能查到，通常不到一分钟"
    return redirect(request, f"/console/documents/{stored.id}", said)


@routes.post("/console/documents/{document_id}/repeal")
@needs(Permission.EDIT_CATALOGUE)
async def repeal(request: web.Request) -> web.Response:
    return await _marked(request, _repeal, "已标为废止，引用时会注明")


@routes.post("/console/documents/{document_id}/restore")
@needs(Permission.EDIT_CATALOGUE)
async def restore(request: web.Request) -> web.Response:
    return await _marked(request, _restore, "已标为有效")


@routes.post("/console/documents/{document_id}/withdraw")
@needs(Permission.EDIT_CATALOGUE)
async def withdraw(request: web.Request) -> web.Response:
    return await _marked(request, _withdraw, "已撤下，从现在起不再引用")


@routes.post("/console/documents/{document_id}/return")
@needs(Permission.EDIT_CATALOGUE)
async def take_back(request: web.Request) -> web.Response:
    return await _marked(request, _take_back, "已放回，索引建好后又能查到")


async def _marked(request: web.Request, mark: _Mark, said: str) -> web.Response:
    form, document_id = await form_of(request), request.match_info["document_id"]
    try:
        await transact(request, mark, document_id, form, person_of(request).login)
    except _NoSuchDocument:
        return _no_document(request)
    except DocumentRefused as refused:
        return await _document_page(request, document_id, 422, str(refused), form)
    except IntegrityError:
        return await _document_page(request, document_id, 409, _AT_ONCE, form)
    return redirect(request, f"/console/documents/{document_id}", said)


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
        most_why=MOST_WHY_CHARACTERS,
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


def _store(session: Session, upload: _Upload, *, who: str) -> Document:
    before = _document(session, upload.document_id) if upload.document_id else None
    document = store_upload(session, upload.name, upload.content, before, who=who)
    what = f"第 {document.current_version} 版，{upload.name}"
    audit.record(session, who=who, action="store_document", subject=document.key, why=what, at=utcnow())
    return document


def _repeal(session: Session, document_id: str, form: Mapping[str, str], who: str) -> None:
    document, by = _document(session, document_id), form.get("by", "").strip()
    on = day_in(form.get("on", ""))
    if on is None:
        raise DocumentRefused("请填废止日期")
    if not by:
        raise DocumentRefused("请写明依据，比如废止它的文件")
    if len(by) > MOST_WHY_CHARACTERS:
        raise DocumentRefused(f"依据最多 {MOST_WHY_CHARACTERS} 个字")
    mark_repealed(session, document, on=on, by=by, who=who)
    what = f"第 {document.current_version} 版，{on} 起，{by}"
    audit.record(session, who=who, action="repeal_document", subject=document.key, why=what, at=utcnow())


def _restore(session: Session, document_id: str, form: Mapping[str, str], who: str) -> None:
    document, why = _document(session, document_id), form.get("why", "").strip()[:MOST_WHY_CHARACTERS]
    if not why:
        raise DocumentRefused("请写明根据什么说它有效")
    is_doubted = any(said.document.id == document.id for said in said_to_end(session))
    mark_in_force(session, document, is_doubted=is_doubted, who=who)
    what = f"第 {document.current_version} 版，{why}"
    audit.record(session, who=who, action="restore_document", subject=document.key, why=what, at=utcnow())


def _withdraw(session: Session, document_id: str, form: Mapping[str, str], who: str) -> None:
    document, why = _document(session, document_id), form.get("why", "").strip()[:MOST_WHY_CHARACTERS]
    if not why:
        raise DocumentRefused("请写明为什么撤下")
    if not changes.withdraw(session, document, who=who, at=utcnow()):
        raise DocumentRefused("这份文件已经撤下了")
    audit.record(session, who=who, action="withdraw_document", subject=document.key, why=why, at=utcnow())


def _take_back(session: Session, document_id: str, _: Mapping[str, str], who: str) -> None:
    document = _document(session, document_id)
    if not changes.take_back(session, document, who=who, at=utcnow()):
        raise DocumentRefused("这份文件没有撤下")
    audit.record(session, who=who, action="return_document", subject=document.key, why=document.title, at=utcnow())
