"""The files of a case's conversations: sending one to the citizen, and opening one.

Only who answers for the case, and its department, may open them; the audit log keeps who did.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.conversations import talk_files
from bot.conversations.models import TalkFile
from bot.conversations.staff_messages import staff_messages
from bot.conversations.talk_files import NoSuchFile, SealedFile, TooManyFiles
from bot.db import utcnow
from bot.notices.file_formats import CONTENT_TYPES, FileRefused, Format
from bot.reviews.service import NoSuchCase, conversations_of
from bot.reviews.states import CaseActionRefused
from bot.sealing import SealBroken, Sealer
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.case import case_page_of
from bot.web.console.case_acts import may_open_files, perform, visible_case
from bot.web.console.cookies import sealer_of
from bot.web.console.exports import note_export
from bot.web.console.fields import number_in
from bot.web.console.pages import attachment, error_page, form_of, person_of, redirect, transact
from bot.web.errors import fields_of
from bot.web.keys import LIVE
from bot.web.live import QUEUE
from bot.web.received_files import received

routes = web.RouteTableDef()

_WORDS = "发给您一个文件，请看。"
_NO_FILES = "对方不在网页上，收不到文件，请直接写回复"


@routes.post("/console/cases/{number}/files")
@needs(Permission.HANDLE_CASES)
async def send(request: web.Request) -> web.Response:
    number, form = request.match_info["number"], await form_of(request)
    try:
        file = await received((await fields_of(request)).get("file"), sealer_of(request))
        conversations = await transact(request, _send, number, person_of(request), form, file, utcnow())
    except NoSuchCase:
        return error_page(request, 404)
    except (FileRefused, CaseActionRefused, TooManyFiles) as refused:
        return await case_page_of(request, 422, error=str(refused), act="files", typed=form)
    await request.app[LIVE].changed(*conversations, QUEUE)
    return redirect(request, f"/console/cases/{number}", f"已发给对方：{file.name}")


@routes.get("/console/cases/{number}/files/{file_id}")
@needs(Permission.ANSWER_AS_DEPARTMENT)
async def download(request: web.Request) -> web.Response:
    number, file_id = request.match_info["number"], number_in(request.match_info["file_id"]) or 0
    try:
        file, content = await transact(request, _open, number, file_id, person_of(request), sealer_of(request))
    except (NoSuchCase, NoSuchFile):
        return error_page(request, 404, "没有这个文件，或者这件不由您办理")
    except SealBroken:
        return error_page(request, 422, "打不开：封存它的密钥（IDENTITY_KEY）已经不在")
    await note_export(request, f"{number} 文件 {file.id}", "open_talk_file")
    return attachment(content, CONTENT_TYPES[Format(file.format)], file.name)


def _send(
    session: Session, number: str, person: Person, form: Mapping[str, str], file: SealedFile, now: datetime
) -> list[str]:
    """Sends the file as a reply, with the words of the form; returns the conversations that have it."""
    if visible_case(session, number, person).channel != "portal":
        raise CaseActionRefused(_NO_FILES)
    words = form.get("text", "").strip() or _WORDS
    _, case = perform(session, number, "reply", person, {"kind": "ask", "text": words}, now)
    conversations = conversations_of(session, case)
    for conversation_id in conversations:
        line = staff_messages(session, conversation_id)[-1]
        talk_files.keep(session, conversation_id, file, staff_message_id=line.id)
    return conversations


def _open(session: Session, number: str, file_id: int, person: Person, sealer: Sealer) -> tuple[TalkFile, bytes]:
    case = visible_case(session, number, person)
    if not may_open_files(case, person):
        raise NoSuchFile(file_id)
    file = talk_files.get_file(session, conversations_of(session, case), file_id)
    return file, talk_files.content_of(session, file, sealer)
