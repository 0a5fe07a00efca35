"""Loads laws: the list with their status, and a folder of texts; `docs/laws.md` describes both."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from bot.bounded import Child
from bot.documents.content import UnreadableDocument
from bot.documents.guarded import READING, read_guarded
from bot.documents.importer import document_files
from bot.documents.reader import ReadDocument
from bot.laws.citations import article_keys, short_name
from bot.laws.models import Law, LawArticle, LawRepeal, LawText
from bot.laws.repeals import repeals_of
from bot.tabular import OptionalDate, Row, read_tables

# A text whose date differs from that of the list by so little is of the same version: one has the day of the session,
# the other that of the order.
_SAME_VERSION_DAYS = 3


def _in_force(cell: object) -> object:
    return "有效" if cell == "生效" else cell


# Title and day of publication.
LawKey = tuple[str, date]


class LawRow(Row):
    """A row of the list. An empty status says no more than 未知."""

    title: str = Field(alias="title", min_length=2)
    published_on: date = Field(alias="published_on")
    effective_on: OptionalDate = Field(alias="effective_on")
    status: Annotated[Literal["有效", "已修改", "已废止", "尚未生效", "未知", ""], BeforeValidator(_in_force)] = Field(
        alias="status"
    )
    issuer: str = Field(alias="issuer")
    kind: str = Field(alias="kind")

    @property
    def key(self) -> LawKey:
        return self.title, self.published_on


@dataclass(frozen=True)
class ListChange:
    """`put`: rows that are new or differ. `gone`: laws that are listed no longer."""

    put: Sequence[LawRow]
    gone: Sequence[LawKey]


@dataclass
class LoadedLaws:
    """`unlisted`: texts of laws that the list does not have. `failures`: path and reason of each unread file."""

    laws: int = 0
    changed: int = 0
    removed: int = 0
    texts: int = 0
    unchanged: int = 0
    unlisted: int = 0
    failures: list[tuple[Path, str]] = field(default_factory=list)


def import_laws(
    session: Session,
    listed: Path,
    texts: Path | None,
    now: datetime,
    progress: Callable[[int], object] | None = None,
) -> LoadedLaws:
    """Makes the laws those of the list, and loads new and changed texts. Doing it again changes nothing.

    A law that is no longer listed is removed, unless its text is loaded: then its status is unknown.

    Raises:
        bot.tabular.ImportRejected: a row of the list is wrong; the session is untouched.
    """
    rows = _checked(listed)
    loaded = LoadedLaws(laws=len(rows))
    read = list(_read(session, texts, loaded, progress)) if texts else []
    change = _change_by(session, rows)
    loaded.changed, loaded.removed = len(change.put), store_change(session, change, now)
    for name, digest, document in read:
        _store_text(session, name, digest, document, loaded, now)
    session.flush()
    return loaded


def _checked(listed: Path) -> Mapping[LawKey, LawRow]:
    tables = read_tables(listed)
    name = listed.stem
    found: dict[LawKey, tuple[int, LawRow]] = {}
    for row, law in tables.checked(name, LawRow):
        first, before = found.setdefault(law.key, (row, law))
        if before != law:
            tables.reject(name, row, "title", f"与第{first}行同名、同日公布，别的栏却不一样")
        if law.status == "尚未生效" and law.effective_on is None:
            tables.reject(name, row, "effective_on", "尚未生效的，要写从哪天起施行")
    tables.raise_errors()
    return {key: law for key, (_, law) in found.items()}


def list_change(session: Session, listed: Path) -> ListChange:
    """How the list of laws in this file differs from what is stored; stores nothing.

    Raises:
        bot.tabular.ImportRejected: a row of the list is wrong.
    """
    return _change_by(session, _checked(listed))


def _change_by(session: Session, rows: Mapping[LawKey, LawRow]) -> ListChange:
    known = {(law.title, law.published_on): law for law in session.scalars(select(Law))}
    with_text = keys_with_text(session)
    # The status of a law that is loaded but not listed is empty already.
    gone = [key for key, law in known.items() if key not in rows and (law.status or key not in with_text)]
    put = [row for key, row in rows.items() if key not in known or _differs(known[key], row, has_text=key in with_text)]
    return ListChange(put, gone)


def store_change(session: Session, change: ListChange, now: datetime) -> int:
    """Makes the change of the list. Returns how many laws were removed: one whose text is loaded stays, its status is
    unknown.
    """
    known = {(law.title, law.published_on): law for law in session.scalars(select(Law))}
    with_text = keys_with_text(session)
    removed = 0
    for key in change.gone:
        law = known.get(key)
        if law is not None and key in with_text:
            law.status, law.changed_at = "", now
        elif law is not None:
            session.delete(law)
            removed += 1
    for row in change.put:
        law = known.get(row.key)
        if law is None:
            session.add(Law(**row.model_dump(), short_title=short_name(row.title), changed_at=now))
            continue
        for name, value in _values(row, has_text=row.key in with_text).items():
            setattr(law, name, value)
        law.changed_at = now
    session.flush()
    return removed


def keys_with_text(session: Session) -> set[LawKey]:
    """The laws of which a text is loaded."""
    rows = session.execute(select(Law.title, Law.published_on).join(LawText, LawText.law_id == Law.id).distinct())
    return {(row.title, row.published_on) for row in rows}


def _differs(law: Law, row: LawRow, *, has_text: bool) -> bool:
    return any(getattr(law, name) != value for name, value in _values(row, has_text=has_text).items())


def _values(row: LawRow, *, has_text: bool) -> dict[str, object]:
    values = row.model_dump()
    if values["effective_on"] is None and has_text:
        # The text told the day, see `_store_text`.
        del values["effective_on"]
    return values


def _read(
    session: Session, folder: Path, loaded: LoadedLaws, progress: Callable[[int], object] | None
) -> Iterator[tuple[str, str, ReadDocument]]:
    """(name, digest, content) of each file that is new or changed. Read before anything is written."""
    digests = set(session.scalars(select(LawText.digest)))
    with Child(READING) as child:
        for path in document_files(folder):
            try:
                data = path.read_bytes()
                digest = hashlib.sha256(data).hexdigest()
                if digest in digests:
                    loaded.unchanged += 1
                else:
                    digests.add(digest)
                    yield path.relative_to(folder).with_suffix("").as_posix(), digest, read_guarded(child, path, data)
            except OSError:
                loaded.failures.append((path, "打不开"))
            except UnreadableDocument as error:
                loaded.failures.append((error.path, error.reason))
            if progress:
                progress(1)


def _store_text(
    session: Session, name: str, digest: str, read: ReadDocument, loaded: LoadedLaws, now: datetime
) -> None:
    law = _law_of(session, read, now)
    if law is None:
        loaded.failures.append((Path(name), "没有公布日期，也不在清单里"))
        return
    loaded.texts += 1
    loaded.unlisted += not law.status
    law.changed_at = now
    begins = read.particulars.effective_on
    if law.effective_on is None and begins and begins >= law.published_on:
        law.effective_on = begins
    session.execute(delete(LawText).where(LawText.law_id == law.id, LawText.name == name))
    text = LawText(law_id=law.id, name=name, digest=digest)
    session.add(text)
    session.flush()
    articles = [
        {"text_id": text.id, "key": "、".join(article_keys(one.article)), "number": one.article, "text": one.text}
        for one in read.excerpts
        if one.article
    ]
    if articles:
        session.execute(insert(LawArticle), articles)
    repeals = repeals_of(law.title, _passages(read))
    session.add_all(
        LawRepeal(text_id=text.id, law=one.law, part=one.part, on=one.on, article=one.article) for one in repeals
    )


def _passages(read: ReadDocument) -> list[tuple[str, str]]:
    """(article, text) of each part. A part without an article begins with its heading, which may name what it lists."""
    found, above = [], ""
    for one in read.excerpts:
        begins = f"{one.heading}\n" if not one.article and one.heading != above else ""
        found.append((one.article or "", begins + one.text))
        above = one.heading
    return found


def _law_of(session: Session, read: ReadDocument, now: datetime) -> Law | None:
    """The row of the version that the text has; a new one, without status, if the list does not have it."""
    published_on = read.particulars.published_on
    # The file of a book of a code has the title of the code, a space, and that of the book.
    for title in dict.fromkeys((read.title, read.title.split(" ")[0])):
        same = list(session.scalars(select(Law).where(Law.short_title == short_name(title))))
        near = _nearest(same, published_on)
        if near:
            return near
    if published_on is None:
        return None
    law = Law(
        title=read.title,
        short_title=short_name(read.title),
        published_on=published_on,
        effective_on=read.particulars.effective_on,
        status="",
        issuer=read.particulars.issuer or "",
        kind="",
        changed_at=now,
    )
    session.add(law)
    session.flush()
    return law


def _nearest(same: Sequence[Law], published_on: date | None) -> Law | None:
    if published_on is None:
        return max(same, key=lambda law: law.published_on, default=None)
    near = min(same, key=lambda law: abs((law.published_on - published_on).days), default=None)
    return near if near and abs((near.published_on - published_on).days) <= _SAME_VERSION_DAYS else None
