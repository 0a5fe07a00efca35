"""The list of all published documents: a short record of each, by which lists are filtered and counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.documents.models import Document, Version
from bot.revisions.service import Subject, kept
from bot.search.filters import Listing, Values
from bot.search.names import Names

FORCES = {"in_force": "现行有效", "repealed": "已废止"}
FILTERS = {"issuer": "发布单位", "year": "公布年份", "kind": "文件种类", "force": "效力"}
OTHER_KIND = "其他"
# The kind of a document is the last of these words in its title. A longer word stands before one that it ends with.
KINDS = (
    *(
        "实施细则",
        "实施方案",
        "条例",
        "规定",
        "办法",
        "细则",
        "规则",
        "规程",
        "方案",
        "规划",
        "计划",
        "意见",
        "决定",
        "通知",
    ),
    *("通告", "公告", "通报", "批复", "纪要", "报告", "标准", "清单", "目录", "指南", "问答", "告知", "函"),
)
_KIND = re.compile("|".join(KINDS))
_BRACKETS = re.compile(r"[（(【][^（）()【】]*[）)】]")
_ISSUERS = re.compile(r"[、,，;；\s]+")


@dataclass(frozen=True)
class ListedDocument:
    """A document as lists show it. `imported_at`: of its current version. `values`: see `FILTERS`."""

    id: int
    key: str
    title: str
    number: str | None
    issuer: str | None
    published_on: date | None
    force: bool | None
    is_recognised: bool
    imported_at: datetime
    values: Values


@dataclass(frozen=True)
class DocumentDirectory:
    """Every document that is not withdrawn, the newest first, those without a date last."""

    documents: Listing[ListedDocument]

    @cached_property
    def by_id(self) -> dict[int, ListedDocument]:
        return {one.id: one for one in self.documents.entries}

    @cached_property
    def names(self) -> Names[int]:
        """By which a document's id is found: its title and its number."""
        return Names((name, one.id) for one in self.documents.entries for name in (one.title, one.number or ""))


@kept(Subject.DOCUMENTS)
def document_directory(session: Session) -> DocumentDirectory:
    """One query however many documents there are."""
    rows = session.execute(
        select(Document, Version.imported_at)
        .join(Version, (Version.document_id == Document.id) & (Version.number == Document.current_version))
        .where(Document.withdrawn_at.is_(None))
        .order_by(Document.published_on.is_(None), Document.published_on.desc(), Document.id.desc())
    )
    return DocumentDirectory(Listing([_listed(document, imported_at) for document, imported_at in rows]))


def ids_by_title(session: Session, titles: Collection[str]) -> dict[str, int]:
    """Title → id of those documents that exist; of several with one title, one in force, and of these the newest."""
    wanted = select(Document.title, Document.id).where(Document.title.in_(titles), Document.withdrawn_at.is_(None))
    return dict(session.execute(wanted.order_by(Document.in_force, Document.id)).all())


def get_document(session: Session, document_id: int) -> Document | None:
    """None also for a document that is withdrawn."""
    document = session.get(Document, document_id)
    return document if document is not None and document.withdrawn_at is None else None


def versions_of(session: Session, document: Document) -> Sequence[Version]:
    """The newest first."""
    wanted = select(Version).where(Version.document_id == document.id).order_by(Version.number.desc())
    return session.scalars(wanted).all()


def kind_of(title: str) -> str:
    """办法 of 云河市居住证管理办法（2023年修订）; `OTHER_KIND` if the title names none."""
    found = _KIND.findall(_BRACKETS.sub("", title))
    return found[-1] if found else OTHER_KIND


def _listed(document: Document, imported_at: datetime) -> ListedDocument:
    force = document.force
    return ListedDocument(
        id=document.id,
        key=document.key,
        title=document.title,
        number=document.number,
        issuer=document.issuer,
        published_on=document.published_on,
        force=force,
        is_recognised=document.is_recognised,
        imported_at=imported_at,
        values={
            "issuer": [part for part in _ISSUERS.split(document.issuer or "") if part],
            "year": [str(document.published_on.year)] if document.published_on else [],
            "kind": [kind_of(document.title)],
            "force": [] if force is None else ["in_force" if force else "repealed"],
        },
    )
