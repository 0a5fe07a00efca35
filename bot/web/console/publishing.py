"""Publishing on the organ's own motion (主动公开): what is due and late, entering, publishing, the table of duties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.documents.models import Document
from bot.documents.naming import all_documents
from bot.figures.export import as_csv
from bot.figures.tables import Table
from bot.paging import ListPart
from bot.publishing import corrections, from_requests, service, tasks
from bot.publishing.due import days_late, is_late
from bot.publishing.models import Duty, Information, Organ, PublishingTask
from bot.publishing.service import DirectoryEntry, PublishingRefused, Show
from bot.publishing.terms import SUBJECTS, TERM_BASIS, TaskKind
from bot.staff.models import Person
from bot.staff.roles import Permission, Role
from bot.web.console.access import needs
from bot.web.console.exports import note_export
from bot.web.console.fields import day_in, number_in, page_number
from bot.web.console.pages import attachment, error_page, form_of, page, person_of, redirect, transact
from bot.workdays import count_working_days, today_in_china

routes = web.RouteTableDef()

PATH = "/console/publishing"
_SHOWN = {
    Show.OPEN.value: "要公布的",
    Show.LATE.value: "过期没公布的",
    Show.PUBLISHED.value: "公布了的",
    Show.WITHHELD.value: "不发布的",
    "all": "全部",
}
_FIELDS = ("text", "organ", "subject", "show")
_COLUMNS = (
    "索引号",
    "机关",
    "主题",
    "名称",
    "文号",
    "内容概述",
    "生成日期",
    "期限起算",
    "期限",
    "公布日期",
    "网址",
    "文件",
    "情况",
)
TASK_TITLES = {TaskKind.LATE.value: "过期没公布", TaskKind.MISSING.value: "还没登记"}


@dataclass(frozen=True)
class Counts:
    """How many tasks, corrections and proposals are open."""

    tasks: int
    corrections: int
    proposals: int


@dataclass(frozen=True)
class _Listed:
    found: ListPart[Information]
    tasks: list[PublishingTask]
    organs: list[Organ]
    counts: Counts


@dataclass(frozen=True)
class _Choices:
    """The choices in the form. `titles`: of documents that can be linked."""

    organs: list[Organ]
    duties: list[Duty]
    titles: list[str]
    unlisted: list[tuple[Organ, Document]]


def department_of(person: Person) -> str | None:
    """Departments see what is theirs. One that has no department sees nothing, not everything."""
    return (person.department_code or "—") if person.role == Role.DEPARTMENT else None


def counts(session: Session, department_code: str | None) -> Counts:
    return Counts(
        tasks.open_count(session, department_code),
        corrections.open_count(session, department_code),
        from_requests.open_count(session, department_code),
    )


@routes.get(PATH)
@needs(Permission.PUBLISH_INFORMATION)
async def listed(request: web.Request) -> web.Response:
    return await _list_page(request)


@routes.get(f"{PATH}/export.csv")
@needs(Permission.PUBLISH_INFORMATION)
async def export(request: web.Request) -> web.Response:
    rows = await transact(request, _all, _asked(request), department_of(person_of(request)))
    today = today_in_china(utcnow())
    table = Table("publishing", "主动公开", _COLUMNS, [_cells(row) for row in rows])
    name = f"主动公开-{today}.csv"
    await note_export(request, name)
    return attachment(as_csv(table).encode(), "text/csv", name)


@routes.post(f"{PATH}/refresh")
@needs(Permission.PUBLISH_INFORMATION)
async def refresh(request: web.Request) -> web.Response:
    await transact(request, tasks.refresh, utcnow())
    await transact(request, from_requests.refresh, utcnow())
    return redirect(request, PATH, "已经对过一遍")


@routes.post(f"{PATH}/tasks/{{task_id}}/settle")
@needs(Permission.PUBLISH_INFORMATION)
async def settle(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    try:
        task = await transact(
            request,
            tasks.settle,
            number_in(request.match_info["task_id"]) or 0,
            note=form.get("note", ""),
            who=person.login,
            now=utcnow(),
            department_code=department_of(person),
        )
    except PublishingRefused as refused:
        return await _list_page(request, 422, str(refused))
    return redirect(request, PATH, f"“{tasks.about(task)}”已写明情况")


@routes.get(f"{PATH}/duties")
@needs(Permission.PUBLISH_INFORMATION)
async def duties(request: web.Request) -> web.Response:
    rows = await transact(request, service.duties, department_of(person_of(request)))
    return page(request, "publishing_duties.html", rows=rows, term_basis=TERM_BASIS)


@routes.get(f"{PATH}/new")
@needs(Permission.PUBLISH_INFORMATION)
async def new(request: web.Request) -> web.Response:
    """With `document`: the form is filled in from that document. With `duty`: for that row of the table."""
    return await _form_page(request)


@routes.post(f"{PATH}/new")
@needs(Permission.PUBLISH_INFORMATION)
async def enter(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    department = department_of(person)
    try:
        row = await transact(
            request, service.enter, _entry(form), who=person.login, now=utcnow(), department_code=department
        )
    except PublishingRefused as refused:
        return await _form_page(request, 422, error=str(refused), typed=form)
    await transact(request, tasks.refresh, utcnow())
    return redirect(request, f"{PATH}/{row.id}", f"已登记，索引号 {row.index_number}，{row.due_on} 前公布")


@routes.get(f"{PATH}/{{information_id}}")
@needs(Permission.PUBLISH_INFORMATION)
async def information(request: web.Request) -> web.Response:
    return await _entry_page(request)


@routes.post(f"{PATH}/{{information_id}}/change")
@needs(Permission.PUBLISH_INFORMATION)
async def change(request: web.Request) -> web.Response:
    return await _step(request, "change", _change, "已改")


@routes.post(f"{PATH}/{{information_id}}/publish")
@needs(Permission.PUBLISH_INFORMATION)
async def publish(request: web.Request) -> web.Response:
    return await _step(request, "publish", _publish, "已标为公布，目录里查得到了")


@routes.post(f"{PATH}/{{information_id}}/withhold")
@needs(Permission.PUBLISH_INFORMATION)
async def withhold(request: web.Request) -> web.Response:
    return await _step(request, "withhold", _withhold, "已记录不发布")


async def _step(
    request: web.Request, act: str, work: Callable[[Session, int, Person, Mapping[str, str]], Information], said: str
) -> web.Response:
    form, number = await form_of(request), number_in(request.match_info["information_id"]) or 0
    try:
        row = await transact(request, work, number, person_of(request), form)
    except PublishingRefused as refused:
        return await _entry_page(request, 422, error=str(refused), act=act, typed=form)
    await transact(request, tasks.refresh, utcnow())
    return redirect(request, f"{PATH}/{row.id}", said)


def state_words(row: Information) -> str:
    """How it stands today, for a list."""
    today = today_in_china(utcnow())
    if row.withheld_why:
        return "不发布"
    late = days_late(row, today)
    if row.published_on is not None:
        return f"迟 {late} 个工作日公布" if late else "按期公布"
    if is_late(row, today):
        return f"过期 {late} 个工作日" if late else "刚过期"
    left = count_working_days(today, row.due_on)
    return f"还剩 {left} 个工作日" if left else "今天到期"


async def _list_page(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    asked = _asked(request)
    shown = await transact(request, _list, asked, department_of(person_of(request)), page_number(request))
    return page(
        request,
        "publishing.html",
        status,
        shown=shown,
        asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        shows=_SHOWN,
        by_organ=_show(asked) in (Show.OPEN, Show.LATE) and len(shown.organs) > 1,
        subjects=SUBJECTS,
        state_words=state_words,
        is_late=lambda row: is_late(row, today_in_china(utcnow())),
        about=tasks.about,
        task_titles=TASK_TITLES,
        most_why=service.MOST_WHY,
        error=error,
    )


async def _form_page(
    request: web.Request, status: int = 200, *, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    department = department_of(person_of(request))
    choices = await transact(request, _choices, department)
    if typed is None:
        typed = _prefilled(request.query, choices)
    return page(
        request,
        "publishing_new.html",
        status,
        choices=choices,
        subjects=SUBJECTS,
        typed=typed,
        error=error,
        limits=service,
    )


async def _entry_page(
    request: web.Request,
    status: int = 200,
    *,
    error: str = "",
    act: str = "",
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    number = number_in(request.match_info["information_id"])
    department = department_of(person_of(request))
    try:
        row = await transact(request, service.visible, number, department)
    except PublishingRefused as refused:
        return error_page(request, 404, str(refused))
    return page(
        request,
        "publishing_entry.html",
        status,
        row=row,
        choices=await transact(request, _choices, department),
        subjects=SUBJECTS,
        state_words=state_words,
        is_late=is_late(row, today_in_china(utcnow())),
        today=today_in_china(utcnow()),
        kept=_as_typed(row),
        typed=typed or {},
        act=act,
        error=error,
        limits=service,
    )


def _asked(request: web.Request) -> dict[str, str]:
    asked = {name: request.query.get(name, "").strip() for name in _FIELDS}
    return asked if asked["show"] in _SHOWN else {**asked, "show": ""}


def _show(asked: Mapping[str, str]) -> Show | None:
    return None if asked["show"] == "all" else Show(asked["show"] or Show.OPEN)


def _list(session: Session, asked: Mapping[str, str], department_code: str | None, number: int) -> _Listed:
    found = service.find(
        session,
        today_in_china(utcnow()),
        show=_show(asked),
        department_code=department_code,
        organ_code=asked["organ"],
        subject=asked["subject"],
        text=asked["text"],
        page=number,
    )
    return _Listed(
        found,
        tasks.tasks(session, department_code),
        service.all_organs(session, department_code),
        counts(session, department_code),
    )


def _all(session: Session, asked: Mapping[str, str], department_code: str | None) -> list[Information]:
    return service.find_all(
        session,
        today_in_china(utcnow()),
        show=_show(asked),
        department_code=department_code,
        organ_code=asked["organ"],
        subject=asked["subject"],
        text=asked["text"],
    )


def _cells(row: Information) -> tuple[str, ...]:
    return (
        row.index_number,
        row.organ.name,
        row.subject,
        row.title,
        row.number,
        row.summary,
        str(row.made_on),
        str(row.counted_from),
        str(row.due_on),
        str(row.published_on or ""),
        row.url,
        row.document.title if row.document else "",
        state_words(row),
    )


def _choices(session: Session, department_code: str | None) -> _Choices:
    organs = service.all_organs(session, department_code)
    titles = sorted({document.title for document in all_documents(session) if document.in_force})
    unlisted = service.unlisted_documents(session, organs)
    return _Choices(organs, service.duties(session, department_code), titles, unlisted)


def _prefilled(query: Mapping[str, str], choices: _Choices) -> dict[str, str]:
    duty = next((duty for duty in choices.duties if duty.code == query.get("duty")), None)
    if duty is not None:
        return {"organ": duty.organ_code, "subject": duty.subject, "duty": duty.code}
    number = number_in(query.get("document", ""))
    found = next(((organ, one) for organ, one in choices.unlisted if one.id == number), None)
    if found is None:
        return {}
    organ, document = found
    return {
        "organ": organ.code,
        "subject": "规范性文件" if "规" in (document.number or "") else "",
        "title": document.title,
        "number": document.number or "",
        "url": document.url or "",
        "document": document.title,
    }


def _entry(form: Mapping[str, str]) -> DirectoryEntry:
    return DirectoryEntry(
        organ_code=form.get("organ", ""),
        subject=form.get("subject", ""),
        title=form.get("title", ""),
        made_on=day_in(form.get("made_on", "")),
        changed_on=day_in(form.get("changed_on", "")),
        duty_code=form.get("duty", ""),
        number=form.get("number", ""),
        summary=form.get("summary", ""),
        url=form.get("url", ""),
        document=form.get("document", ""),
    )


def _change(session: Session, number: int, person: Person, form: Mapping[str, str]) -> Information:
    return service.change(
        session, number, _entry(form), who=person.login, now=utcnow(), department_code=department_of(person)
    )


def _publish(session: Session, number: int, person: Person, form: Mapping[str, str]) -> Information:
    return service.publish(
        session,
        number,
        published_on=day_in(form.get("published_on", "")),
        reviewed_by=form.get("reviewed_by", ""),
        url=form.get("url", ""),
        document=form.get("document", ""),
        who=person.login,
        now=utcnow(),
        department_code=department_of(person),
    )


def _withhold(session: Session, number: int, person: Person, form: Mapping[str, str]) -> Information:
    return service.withhold(
        session,
        number,
        why=form.get("why", ""),
        who=person.login,
        now=utcnow(),
        department_code=department_of(person),
    )


def _as_typed(row: Information) -> dict[str, str]:
    return {
        "organ": row.organ_code,
        "subject": row.subject,
        "duty": row.duty_code or "",
        "title": row.title,
        "number": row.number,
        "summary": row.summary,
        "made_on": str(row.made_on),
        "changed_on": str(row.counted_from) if row.counted_from != row.made_on else "",
        "url": row.url,
        "document": row.document.title if row.document else "",
    }
