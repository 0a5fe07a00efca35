"""Writing a notice: form, preview as it will be, one confirmation; then its page, Word and PDF, and delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.disclosures.answers import COUNTER, MAIL, PORTAL, POST
from bot.disclosures.desk import NoSuchRequest
from bot.disclosures.models import Request
from bot.disclosures.register import visible_request
from bot.disclosures.service import StepRefused
from bot.disclosures.terms import Reason, Step
from bot.disclosures.vocabulary import REASONS, in_chinese
from bot.notices import consultations, details, service
from bot.notices.answer_files import chosen_files, files_of
from bot.notices.details import Details, NoticeRefused, reasons_of
from bot.notices.file_formats import CONTENT_TYPES, Format
from bot.notices.fonts import NoChineseFont, has_chinese_font
from bot.notices.kinds import QUESTIONS, TITLES, NoticeKind
from bot.notices.letter import Letter
from bot.notices.models import AnswerFile, Notice
from bot.notices.pdf import as_pdf
from bot.notices.service import NoSuchNotice, NoticeDraft, RequestMoved
from bot.notices.templates import TemplateError
from bot.notices.word import as_word
from bot.sealing import SealBroken, Sealer
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.cookies import sealer_of
from bot.web.console.disclosures import MOST_WHY_CHARACTERS, no_request
from bot.web.console.exports import note_export
from bot.web.console.fields import day_in, number_in
from bot.web.console.pages import attachment, error_page, form_of, page, person_of, redirect, transact
from bot.web.keys import CONSOLE_THREADS, SETTINGS
from bot.workdays import today_in_china

routes = web.RouteTableDef()

DELIVERIES = (POST, MAIL, COUNTER, PORTAL, "当面")
MOST_NOTE_CHARACTERS = 200
_FILE_FIELD = "file-"
_WRITERS: Mapping[str, Callable[[Letter], bytes]] = {Format.WORD: as_word, Format.PDF: as_pdf}


@dataclass(frozen=True)
class _Form:
    """`recorded`: the step that the notice tells, if it is recorded already: its details cannot be changed here.

    `files`: all files of the request, if the notice is an answer; `chosen`: those that are to go with it.
    """

    request: Request
    kind: NoticeKind
    corrects: Notice | None
    needs_name: bool
    recorded: Step | None
    files: Sequence[AnswerFile]
    chosen: tuple[int, ...]


@dataclass(frozen=True)
class _Opened:
    request: Request
    notice: Notice
    files: Sequence[AnswerFile]


@routes.get("/console/disclosures/{receipt}/notices/new")
@needs(Permission.MANAGE_DISCLOSURES)
async def new(request: web.Request) -> web.Response:
    """With `kind`; and with `corrects`, the id of the notice that the new one replaces."""
    return await _form_page(request, request.query)


@routes.post("/console/disclosures/{receipt}/notices/preview")
@needs(Permission.MANAGE_DISCLOSURES)
async def preview(request: web.Request) -> web.Response:
    """Shows the notice as it will be. Nothing is stored yet. With `again`, the form once more with what was typed."""
    form = await form_of(request)
    if "again" in form:
        return await _form_page(request, form)
    return await _preview_page(request, form)


@routes.post("/console/disclosures/{receipt}/notices")
@needs(Permission.MANAGE_DISCLOSURES)
async def issue(request: web.Request) -> web.Response:
    form, receipt = await form_of(request), request.match_info["receipt"]
    if form.get("confirmed") != "yes":
        return await _preview_page(request, form, 422, "请先勾选“已经核对”")
    try:
        notice = await transact(
            request, _issue, receipt, person_of(request), form, sealer_of(request), request.app[SETTINGS].notices_dir
        )
    except NoSuchRequest:
        return await no_request(request)
    except NoSuchNotice:
        return error_page(request, 404)
    except (NoticeRefused, StepRefused, TemplateError) as refused:
        return await _form_page(request, form, 422, f"没有发出：{refused}")
    except (RequestMoved, IntegrityError):
        return await _preview_page(request, form, 409, "这一页打开以后又有新的记录，没有发出；请看过现在的样子再确认")
    except (SealBroken, KeyError):
        return await _form_page(request, form, 422, "没有发出：申请人打不开，密钥（IDENTITY_KEY）不是当时的那一把")
    return redirect(request, f"/console/disclosures/{receipt}/notices/{notice.id}", f"已发出：{notice.number}")


@routes.get("/console/disclosures/{receipt}/notices/{notice_id}")
@needs(Permission.MANAGE_DISCLOSURES)
async def show(request: web.Request) -> web.Response:
    return await _notice_page(request)


@routes.get("/console/disclosures/{receipt}/notices/{notice_id}/notice.{format}")
@needs(Permission.MANAGE_DISCLOSURES)
async def download(request: web.Request) -> web.Response:
    """The notice as Word or PDF; with the masked name for people who may not see applicants."""
    form = request.match_info["format"]
    if form not in _WRITERS:
        return error_page(request, 404)
    try:
        opened = await transact(request, _open, *_named(request), person_of(request))
    except (NoSuchRequest, NoSuchNotice):
        return error_page(request, 404)
    notice, is_whole = opened.notice, may(person_of(request), Permission.UNMASK)
    try:
        letter = notice.letter if is_whole else notice.letter.with_addressee(notice.addressee_masked)
        body = await asyncio.get_running_loop().run_in_executor(request.app[CONSOLE_THREADS], _WRITERS[form], letter)
    except KeyError:
        return error_page(request, 422, "打不开：封存它的密钥（IDENTITY_KEY）已经不在")
    except NoChineseFont:
        return error_page(request, 422, "这台服务器没有装中文字体，做不了 PDF，请下载 Word")
    await note_export(request, f"{notice.receipt} {notice.number}", "open_notice")
    return attachment(body, CONTENT_TYPES[Format(form)], f"{notice.number}.{form}")


@routes.post("/console/disclosures/{receipt}/notices/{notice_id}/delivered")
@needs(Permission.MANAGE_DISCLOSURES)
async def delivered(request: web.Request) -> web.Response:
    form, receipt = await form_of(request), request.match_info["receipt"]
    notice_id = request.match_info["notice_id"]
    try:
        notice, begun = await transact(request, _note_delivery, receipt, notice_id, person_of(request), form)
    except (NoSuchRequest, NoSuchNotice):
        return error_page(request, 404)
    except NoticeRefused as refused:
        return await _notice_page(request, 422, str(refused))
    said = "。".join(filter(None, (f"已记录送达：{notice.delivered_on}，{notice.delivery}", begun)))
    return redirect(request, f"/console/disclosures/{receipt}/notices/{notice_id}", said)


def _named(request: web.Request) -> tuple[str, str]:
    return request.match_info["receipt"], request.match_info["notice_id"]


async def _form_page(request: web.Request, form: Mapping[str, str], status: int = 200, error: str = "") -> web.Response:
    try:
        read = await transact(request, _read_form, request.match_info["receipt"], person_of(request), form)
    except NoSuchRequest:
        return await no_request(request)
    except NoSuchNotice:
        return error_page(request, 404)
    except NoticeRefused as refused:
        return error_page(request, 422, str(refused))
    return page(
        request,
        "notice_form.html",
        status,
        form=read,
        title=TITLES[read.kind],
        question=QUESTIONS[read.kind],
        reasons={reason.value: in_chinese(REASONS, reason) for reason in reasons_of(read.kind)},
        needs_reason=read.recorded is None or read.kind is NoticeKind.PARTLY_GRANTED,
        most_text=details.MOST_TEXT_CHARACTERS,
        most_name=details.MOST_NAME_CHARACTERS,
        most_why=MOST_WHY_CHARACTERS,
        typed=form,
        error=error,
    )


async def _preview_page(
    request: web.Request, form: Mapping[str, str], status: int = 200, error: str = ""
) -> web.Response:
    folder = request.app[SETTINGS].notices_dir
    try:
        read, draft = await transact(request, _draft, request.match_info["receipt"], person_of(request), form, folder)
    except NoSuchRequest:
        return await no_request(request)
    except NoSuchNotice:
        return error_page(request, 404)
    except (NoticeRefused, TemplateError) as refused:
        return await _form_page(request, form, 422, str(refused))
    asked = read.request.delivery or ""
    return page(
        request,
        "notice_preview.html",
        status,
        form=read,
        draft=draft,
        letter=draft.letter,
        title=TITLES[read.kind],
        kept={name: value for name, value in form.items() if name not in ("form_token", "confirmed", "seen_steps")},
        seen_steps=len(read.request.steps),
        deliveries=DELIVERIES,
        asked=asked,
        delivery=form.get("delivery") or (asked if asked in DELIVERIES else DELIVERIES[0]),
        error=error,
    )


async def _notice_page(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    try:
        opened = await transact(request, _open, *_named(request), person_of(request))
    except (NoSuchRequest, NoSuchNotice):
        return error_page(request, 404)
    notice = opened.notice
    await note_export(request, f"{notice.receipt} {notice.number}", "open_notice")
    try:
        letter = notice.letter.with_addressee(notice.addressee_masked)
    except KeyError:
        return error_page(request, 422, "打不开：封存它的密钥（IDENTITY_KEY）已经不在")
    return page(
        request,
        "notice.html",
        status,
        request_=opened.request,
        notice=notice,
        title=TITLES[notice.what],
        letter=letter,
        files=opened.files,
        has_pdf=has_chinese_font(),
        deliveries=DELIVERIES,
        today=today_in_china(utcnow()),
        most_note=MOST_NOTE_CHARACTERS,
        error=error,
    )


def _read_form(session: Session, receipt: str, person: Person, form: Mapping[str, str]) -> _Form:
    """Raises NoSuchRequest, NoSuchNotice, NoticeRefused: such a notice does not fit the request."""
    request = visible_request(session, receipt, person.department_code)
    corrects_id = number_in(form.get("corrects", ""))
    corrects = service.get_notice(session, receipt, corrects_id) if corrects_id is not None else None
    wanted = form.get("kind") or (corrects.kind if corrects else "")
    if wanted not in service.possible(session, request, today_in_china(utcnow()), corrects):
        raise NoticeRefused("这件申请现在不能写这份文书，请回到申请页再看")
    kind = NoticeKind(wanted)
    files = files_of(session, receipt) if kind.outcome else []
    chosen = _file_ids(form)
    if "text" not in form:
        # The form for the first time: the files of what it corrects, or else those that have not gone out yet.
        chosen = corrects.file_ids if corrects else tuple(file.id for file in files if not file.notice_links)
    return _Form(
        request=request,
        kind=kind,
        corrects=corrects,
        needs_name=service.needs_name(session, request, kind),
        recorded=service.recorded_step(session, request, kind, corrects),
        files=files,
        chosen=chosen,
    )


def _draft(
    session: Session, receipt: str, person: Person, form: Mapping[str, str], folder: Path | None
) -> tuple[_Form, NoticeDraft]:
    read = _read_form(session, receipt, person, form)
    draft = service.draft(
        session,
        read.request,
        read.kind,
        _details(form),
        folder=folder,
        on=today_in_china(utcnow()),
        corrects=read.corrects,
        why=_why(form),
    )
    return read, draft


def _issue(
    session: Session, receipt: str, person: Person, form: Mapping[str, str], sealer: Sealer, folder: Path | None
) -> Notice:
    visible_request(session, receipt, person.department_code)
    if form.get("kind") not in list(NoticeKind):
        raise NoticeRefused("请选文书的种类")
    if form.get("delivery") not in DELIVERIES:
        raise NoticeRefused("请选送达方式")
    return service.issue(
        session,
        receipt,
        NoticeKind(form["kind"]),
        _details(form),
        sealer,
        folder=folder,
        seen_steps=number_in(form.get("seen_steps", "")) or 0,
        delivery=form["delivery"],
        clerk=person.login,
        now=utcnow(),
        corrects_id=number_in(form.get("corrects", "")),
        why=_why(form),
    )


def _open(session: Session, receipt: str, notice_id: str, person: Person) -> _Opened:
    request = visible_request(session, receipt, person.department_code)
    notice = service.get_notice(session, receipt, number_in(notice_id) or 0)
    return _Opened(request, notice, chosen_files(session, receipt, notice.file_ids))


def _note_delivery(
    session: Session, receipt: str, notice_id: str, person: Person, form: Mapping[str, str]
) -> tuple[Notice, str]:
    """The notice, and what is to be said of a consultation that begins with its delivery."""
    visible_request(session, receipt, person.department_code)
    on = day_in(form.get("on", ""))
    if on is None or form.get("delivery") not in DELIVERIES:
        raise NoticeRefused("请填送达的日期和方式")
    notice = service.note_delivery(
        session,
        receipt,
        number_in(notice_id) or 0,
        delivery=form["delivery"],
        on=on,
        note=form.get("note", "")[:MOST_NOTE_CHARACTERS],
        clerk=person.login,
        now=utcnow(),
    )
    return notice, consultations.begin(session, notice, on)


def _details(form: Mapping[str, str]) -> Details:
    reason = form.get("reason", "")
    return Details(
        text=form.get("text", "").strip(),
        addressee=form.get("addressee", "").strip(),
        respond_by=day_in(form.get("respond_by", "")),
        working_days=number_in(form.get("working_days", "")),
        amount=number_in(form.get("amount", "")),
        pay_by=day_in(form.get("pay_by", "")),
        until=day_in(form.get("until", "")),
        reason=Reason(reason) if reason in list(Reason) else None,
        file_ids=_file_ids(form),
    )


def _file_ids(form: Mapping[str, str]) -> tuple[int, ...]:
    found = (number_in(name.removeprefix(_FILE_FIELD)) for name in form if name.startswith(_FILE_FIELD))
    return tuple(file_id for file_id in found if file_id is not None)


def _why(form: Mapping[str, str]) -> str:
    return form.get("why", "").strip()[:MOST_WHY_CHARACTERS]
