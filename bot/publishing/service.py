"""The list of information to be published: entering, changing, publishing, and what is still to be done.

条例 art. 17 (review before publishing), arts. 19 to 22 (what), art. 26 (when).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from bot.db import locked
from bot.documents.models import Document
from bot.documents.naming import all_documents, documents_named
from bot.links import WEB_ADDRESS
from bot.paging import ListPart
from bot.publishing.due import due_on
from bot.publishing.models import Duty, Information, Organ
from bot.publishing.terms import SUBJECTS
from bot.staff import audit
from bot.workdays import today_in_china

Row = TypeVar("Row", Duty, Information)

PAGE_ROWS = 50
MOST_TITLE = 200
MOST_SUMMARY = 500
MOST_WHY = 300
LONGEST_LINK = 300


class PublishingRefused(ValueError):
    """The act is not allowed; the message is in Chinese because a clerk reads it."""


class Show(StrEnum):
    """Which entries a list shows."""

    OPEN = "open"
    LATE = "late"
    PUBLISHED = "published"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class DirectoryEntry:
    """What a clerk enters of a piece of information. `document`: title or number of a document that the city holds."""

    organ_code: str
    subject: str
    title: str
    made_on: date | None
    changed_on: date | None = None
    duty_code: str = ""
    number: str = ""
    summary: str = ""
    url: str = ""
    document: str = ""
    receipts: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Checked:
    """What an entry refers to, and its days."""

    organ: Organ
    duty: Duty | None
    document: Document | None
    made_on: date
    counted_from: date


def all_organs(session: Session, department_code: str | None = None) -> list[Organ]:
    """In the order of the table; only those of a department, if one is given."""
    found = select(Organ).order_by(Organ.position)
    if department_code is not None:
        found = found.where(Organ.department_code == department_code)
    return list(session.scalars(found))


def organ_of_department(session: Session, department_code: str) -> Organ | None:
    found = select(Organ).where(Organ.department_code == department_code).order_by(Organ.position)
    return session.scalars(found).first()


def duties(session: Session, department_code: str | None = None) -> list[Duty]:
    """By organ, in the order of the subjects."""
    found = list(session.scalars(_of(select(Duty).join(Organ), department_code)))
    order = {subject: place for place, subject in enumerate(SUBJECTS)}
    return sorted(found, key=lambda duty: (duty.organ.position, order.get(duty.subject, len(order)), duty.code))


def find(
    session: Session,
    today: date,
    *,
    show: Show | None = Show.OPEN,
    department_code: str | None = None,
    organ_code: str = "",
    subject: str = "",
    text: str = "",
    page: int = 1,
) -> ListPart[Information]:
    """What is to be published, by organ, due first; what was published or withheld, newest first.

    Args:
        show: None for everything.
        department_code: only what this department's organs have.
        page: from 1; a number after the last page gives the last page.
    """
    wanted = _filtered(show, today, department_code, organ_code, subject, text)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    is_open = show in (Show.OPEN, Show.LATE)
    newest_first = (Information.made_on.desc(), Information.id.desc())
    order = (Organ.position, Information.due_on, Information.id) if is_open else newest_first
    rows = wanted.order_by(*order).limit(PAGE_ROWS)
    return ListPart.read(total, page, PAGE_ROWS, lambda first: list(session.scalars(rows.offset(first))))


def find_all(
    session: Session,
    today: date,
    *,
    show: Show | None,
    department_code: str | None,
    organ_code: str = "",
    subject: str = "",
    text: str = "",
) -> list[Information]:
    """As `find`, all pages, by organ and due date: for a file."""
    wanted = _filtered(show, today, department_code, organ_code, subject, text)
    return list(session.scalars(wanted.order_by(Organ.position, Information.due_on, Information.id)))


def late_count(session: Session, today: date, department_code: str | None = None) -> int:
    wanted = _filtered(Show.LATE, today, department_code, "", "", "")
    return session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def late_by_department(session: Session, first_on: date, last_on: date) -> dict[str, int]:
    """How much of what had to be published in these days was not there in time, by code of the department."""
    found: Counter[str] = Counter()
    due = Information.due_on.between(first_on, last_on), Information.withheld_why == ""
    for row in session.scalars(select(Information).where(*due)):
        is_late = (row.published_on or last_on) > row.due_on
        if is_late and row.organ.department_code:
            found[row.organ.department_code] += 1
    return dict(found)


def visible(session: Session, information_id: int | None, department_code: str | None) -> Information:
    """The entry, if the department may see it.

    Raises:
        PublishingRefused: there is none, or it is another department's.
    """
    row = session.get(Information, information_id) if information_id is not None else None
    if row is None or (department_code is not None and row.organ.department_code != department_code):
        raise PublishingRefused("没有这一条，或者不由您的部门公开")
    return row


def enter(
    session: Session, entry: DirectoryEntry, *, who: str, now: datetime, department_code: str | None = None
) -> Information:
    """Adds an entry; its term is reckoned from the day on which it was made or changed.

    Raises:
        PublishingRefused
    """
    checked = _checked(session, entry, department_code, today_in_china(now))
    row = Information(
        index_number=_next_index(session, checked.organ, checked.made_on.year),
        organ_code=checked.organ.code,
        organ=checked.organ,
        published_on=None,
        reviewed_by="",
        withheld_why="",
        receipts=list(entry.receipts),
        entered_by=who,
        entered_at=now,
    )
    _write(row, entry, checked)
    session.add(row)
    session.flush()
    audit.record(session, who=who, action="enter_information", subject=row.index_number, why=row.title, at=now)
    return row


def change(
    session: Session,
    information_id: int,
    entry: DirectoryEntry,
    *,
    who: str,
    now: datetime,
    department_code: str | None = None,
) -> Information:
    """Corrects an entry. Its organ stays. A changed term is noted in the audit log.

    Raises:
        PublishingRefused
    """
    row = _locked(session, information_id, department_code)
    checked = _checked(session, entry, department_code, today_in_china(now))
    if entry.organ_code != row.organ_code:
        raise PublishingRefused("机关登记后不能改，登记错了的请按“不发布”处理，再重新登记")
    if row.published_on is not None and row.published_on < checked.counted_from:
        raise PublishingRefused(f"已经在 {row.published_on} 公布，生成或变更日期不能晚于这一天")
    before = row.due_on
    _write(row, entry, checked)
    session.flush()
    why = row.title if before == row.due_on else f"{row.title}；期限 {before} 改为 {row.due_on}"
    audit.record(session, who=who, action="change_information", subject=row.index_number, why=why, at=now)
    return row


def publish(
    session: Session,
    information_id: int,
    *,
    published_on: date | None,
    reviewed_by: str,
    url: str,
    document: str,
    who: str,
    now: datetime,
    department_code: str | None = None,
) -> Information:
    """Marks as published, with a link or a document that the city holds, and who reviewed it (条例 art. 17).

    Raises:
        PublishingRefused
    """
    row, today = _locked(session, information_id, department_code), today_in_china(now)
    if published_on is None:
        raise PublishingRefused("请填公布日期")
    if published_on > today:
        raise PublishingRefused("公布日期还没有到")
    if published_on < row.counted_from:
        raise PublishingRefused(f"公布日期不能早于生成或变更日期 {row.counted_from}")
    if not reviewed_by.strip():
        raise PublishingRefused("请填由谁做的公开审查（条例第十七条）")
    _require_link(url)
    found = _document(session, document)
    if not url.strip() and found is None:
        raise PublishingRefused("请填公布的网址，或者选一份已载入的文件")
    row.published_on, row.reviewed_by, row.withheld_why = published_on, reviewed_by.strip()[:MOST_TITLE], ""
    row.url, row.document_id, row.document = url.strip(), found.id if found else None, found
    session.flush()
    why = f"{row.title}；{published_on} 公布，{row.reviewed_by} 审查"
    audit.record(session, who=who, action="publish_information", subject=row.index_number, why=why, at=now)
    return row


def withhold(
    session: Session, information_id: int, *, why: str, who: str, now: datetime, department_code: str | None = None
) -> Information:
    """Notes that it is not published: the review found a reason (条例 arts. 14 to 16), or it was entered by mistake.

    Raises:
        PublishingRefused
    """
    row, why = _locked(session, information_id, department_code), why.strip()
    if not why:
        raise PublishingRefused("请写明为什么不发布")
    if len(why) > MOST_WHY:
        raise PublishingRefused(f"最多 {MOST_WHY} 个字")
    row.published_on, row.withheld_why = None, why
    session.flush()
    audit.record(session, who=who, action="withhold_information", subject=row.index_number, why=why, at=now)
    return row


def unlisted_documents(session: Session, organs: Iterable[Organ]) -> list[tuple[Organ, Document]]:
    """Documents with a day of publication that one of these organs issued and that no entry is linked to."""
    listed = set(session.scalars(select(Information.document_id).where(Information.document_id.is_not(None))))
    names = [(organ, organ.name) for organ in organs]
    found = []
    for document in all_documents(session):
        if document.id in listed or document.published_on is None or not document.in_force:
            continue
        # “云河市残疾人联合会、云河市民政局”: the first is the one that leads (条例 art. 10, para. 3).
        issuer = (document.issuer or "").split("、")[0].strip()
        organ = next((organ for organ, name in names if issuer and issuer.endswith(name)), None)
        if organ is not None:
            found.append((organ, document))
    return found


def _filtered(
    show: Show | None, today: date, department_code: str | None, organ_code: str, subject: str, text: str
) -> Select[Information]:
    wanted = _of(select(Information).join(Organ, Information.organ_code == Organ.code), department_code)
    if show in (Show.OPEN, Show.LATE):
        wanted = wanted.where(Information.published_on.is_(None), Information.withheld_why == "")
    if show == Show.LATE:
        wanted = wanted.where(Information.due_on < today)
    if show == Show.PUBLISHED:
        wanted = wanted.where(Information.published_on.is_not(None))
    if show == Show.WITHHELD:
        wanted = wanted.where(Information.withheld_why != "")
    if organ_code:
        wanted = wanted.where(Information.organ_code == organ_code)
    if subject:
        wanted = wanted.where(Information.subject == subject)
    if text:
        columns = (Information.title, Information.number, Information.summary, Information.index_number)
        wanted = wanted.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return wanted


def _of(wanted: Select[Row], department_code: str | None) -> Select[Row]:
    return wanted if department_code is None else wanted.where(Organ.department_code == department_code)


def _locked(session: Session, information_id: int, department_code: str | None) -> Information:
    locked(session, Information, information_id)
    return visible(session, information_id, department_code)


def _checked(session: Session, entry: DirectoryEntry, department_code: str | None, today: date) -> _Checked:
    organ = session.get(Organ, entry.organ_code) if entry.organ_code else None
    if organ is None or (department_code is not None and organ.department_code != department_code):
        raise PublishingRefused("请选公开的机关")
    if entry.subject not in SUBJECTS:
        raise PublishingRefused("请选主题")
    if not entry.title.strip():
        raise PublishingRefused("请填名称")
    if len(entry.title) > MOST_TITLE or len(entry.number) > MOST_TITLE:
        raise PublishingRefused(f"名称和文号最多 {MOST_TITLE} 个字")
    if len(entry.summary) > MOST_SUMMARY:
        raise PublishingRefused(f"内容概述最多 {MOST_SUMMARY} 个字")
    if entry.made_on is None:
        raise PublishingRefused("请填生成日期，写成 2026-03-01 的样子")
    if max(entry.made_on, entry.changed_on or entry.made_on) > today:
        raise PublishingRefused("生成、变更日期还没有到")
    if entry.changed_on is not None and entry.changed_on < entry.made_on:
        raise PublishingRefused("变更日期不能早于生成日期")
    _require_link(entry.url)
    duty = session.get(Duty, entry.duty_code) if entry.duty_code else None
    if entry.duty_code and (duty is None or duty.organ_code != organ.code or duty.subject != entry.subject):
        raise PublishingRefused("选的公开要求不是这个机关、这个主题的")
    document = _document(session, entry.document)
    return _Checked(organ, duty, document, entry.made_on, entry.changed_on or entry.made_on)


def _require_link(url: str) -> None:
    if url.strip() and (len(url) > LONGEST_LINK or not re.fullmatch(WEB_ADDRESS, url.strip())):
        raise PublishingRefused(f"网址要以 http:// 或 https:// 开头，最多 {LONGEST_LINK} 个字")


def _document(session: Session, name: str) -> Document | None:
    if not name.strip():
        return None
    found = documents_named(session, name.strip())
    current = next((document for document in found if document.in_force), None) or next(iter(found), None)
    if current is None:
        raise PublishingRefused(f"没有载入名称或文号是“{name.strip()[:MOST_TITLE]}”的文件")
    return current


def _write(row: Information, entry: DirectoryEntry, checked: _Checked) -> None:
    duty, document = checked.duty, checked.document
    row.made_on, row.counted_from = checked.made_on, checked.counted_from
    row.subject, row.title, row.number = entry.subject, entry.title.strip(), entry.number.strip()
    row.summary, row.url = entry.summary.strip(), entry.url.strip()
    row.duty_code, row.duty = duty.code if duty else None, duty
    row.document_id, row.document = document.id if document else None, document
    row.due_on = due_on(row.counted_from, duty)


def _next_index(session: Session, organ: Organ, year: int) -> str:
    """The next 索引号 of the organ in the year: `GA-2026-00012`. The organ is locked until the transaction ends."""
    locked(session, Organ, organ.code)
    head = f"{organ.code}-{year}-"
    last = session.scalar(select(func.max(Information.index_number)).where(Information.index_number.startswith(head)))
    serial = int(last.removeprefix(head)) + 1 if last and last.removeprefix(head).isdecimal() else 1
    return f"{head}{serial:05d}"
