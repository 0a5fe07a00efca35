"""The files that go with an answer: uploading, opening, and removing one that has not gone out."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.disclosures.desk import NoSuchRequest
from bot.disclosures.register import visible_request
from bot.notices import answer_files
from bot.notices.answer_files import NoSuchFile
from bot.notices.file_formats import CONTENT_TYPES, FileRefused, Format
from bot.notices.models import AnswerFile
from bot.sealing import SealBroken, Sealer
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.cookies import sealer_of
from bot.web.console.disclosures import no_request, request_page
from bot.web.console.exports import note_export
from bot.web.console.fields import number_in
from bot.web.console.pages import attachment, error_page, person_of, redirect, transact
from bot.web.errors import fields_of

routes = web.RouteTableDef()


@routes.post("/console/disclosures/{receipt}/files")
@needs(Permission.MANAGE_DISCLOSURES)
async def add(request: web.Request) -> web.Response:
    given = (await fields_of(request)).get("file")
    if not isinstance(given, web.FileField):
        return await request_page(request, 422, error="请选要上传的文件", act="files")
    content, receipt = given.file.read(), request.match_info["receipt"]
    try:
        name = await transact(request, _add, receipt, person_of(request), given.filename, content, sealer_of(request))
    except NoSuchRequest:
        return await no_request(request)
    except FileRefused as refused:
        return await request_page(request, 422, error=str(refused), act="files")
    return redirect(request, f"/console/disclosures/{receipt}", f"已上传：{name}")


@routes.get("/console/disclosures/{receipt}/files/{file_id}")
@needs(Permission.MANAGE_DISCLOSURES)
async def download(request: web.Request) -> web.Response:
    try:
        file, content = await transact(request, _open, *_named(request), person_of(request), sealer_of(request))
    except (NoSuchRequest, NoSuchFile):
        return error_page(request, 404)
    except SealBroken:
        return error_page(request, 422, "打不开：封存它的密钥（IDENTITY_KEY）已经不在")
    await note_export(request, f"{file.receipt} {file.name}", "open_answer_file")
    return attachment(content, CONTENT_TYPES[Format(file.format)], file.name)


@routes.post("/console/disclosures/{receipt}/files/{file_id}/remove")
@needs(Permission.MANAGE_DISCLOSURES)
async def remove(request: web.Request) -> web.Response:
    try:
        name = await transact(request, _remove, *_named(request), person_of(request))
    except (NoSuchRequest, NoSuchFile):
        return error_page(request, 404)
    except FileRefused as refused:
        return await request_page(request, 422, error=str(refused), act="files")
    return redirect(request, f"/console/disclosures/{request.match_info['receipt']}", f"已删除：{name}")


def _named(request: web.Request) -> tuple[str, int]:
    return request.match_info["receipt"], number_in(request.match_info["file_id"]) or 0


def _add(session: Session, receipt: str, person: Person, name: str, content: bytes, sealer: Sealer) -> str:
    request = visible_request(session, receipt, person.department_code)
    return answer_files.add_file(session, request, name, content, sealer, clerk=person.login, now=utcnow()).name


def _open(session: Session, receipt: str, file_id: int, person: Person, sealer: Sealer) -> tuple[AnswerFile, bytes]:
    visible_request(session, receipt, person.department_code)
    file = answer_files.get_file(session, receipt, file_id)
    return file, answer_files.content_of(session, file, sealer)


def _remove(session: Session, receipt: str, file_id: int, person: Person) -> str:
    visible_request(session, receipt, person.department_code)
    return answer_files.remove_file(session, receipt, file_id, clerk=person.login, now=utcnow())
