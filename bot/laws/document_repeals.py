"""What documents say of each other's force: 《……办法》（云府发〔2004〕18号）同时废止.

Nothing here marks a document. The console lists what is said, and a member of staff decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.documents.models import Document, Passage, Version
from bot.documents.naming import all_documents
from bot.documents.numbers import is_named, keys_of, numbers_in
from bot.laws.citations import short_name
from bot.laws.repeals import named_in_clauses


@dataclass(frozen=True)
class SaidToEnd:
    """`by` says that `document` is repealed, from the day `on` if it names one. `clause`: the sentence as written."""

    document: Document
    by: Document
    on: date | None
    clause: str


@dataclass(frozen=True)
class _Text:
    """A document with the passages of its current version that speak of a repeal."""

    document: Document
    imported_at: datetime
    passages: list[str]


def said_to_end(session: Session) -> list[SaidToEnd]:
    """Documents not marked as repealed of which another one says that they are, by title.

    What somebody has stated since the other document came in counts more: such a document is not listed.
    """
    documents = [one for one in all_documents(session) if one.in_force]
    stated = session.execute(
        select(Document.id, Version.imported_at)
        .join(Version, Version.document_id == Document.id)
        .where(Version.number == Document.current_version, Document.states_force.is_(True))
    )
    stated_at = {row.id: row.imported_at for row in stated}
    found: dict[int, SaidToEnd] = {}
    for text in _texts(session):
        for passage in text.passages:
            for said in _said_in(passage, text.document, documents):
                later = stated_at.get(said.document.id)
                if later is None or later <= text.imported_at:
                    found.setdefault(said.document.id, said)
    return sorted(found.values(), key=lambda said: (said.document.title, said.document.id))


def _texts(session: Session) -> Iterator[_Text]:
    rows = session.execute(
        select(Document, Version.imported_at, Passage.text)
        .join(Version, Version.document_id == Document.id)
        .join(Passage, Passage.version_id == Version.id)
        .where(
            Version.number == Document.current_version, Passage.text.contains("废止"), Document.withdrawn_at.is_(None)
        )
        .order_by(Document.id, Passage.position)
    )
    texts: dict[int, _Text] = {}
    for document, imported_at, passage in rows:
        texts.setdefault(document.id, _Text(document, imported_at, [])).passages.append(passage)
    yield from texts.values()


def _said_in(passage: str, by: Document, documents: Sequence[Document]) -> Iterator[SaidToEnd]:
    for clause in named_in_clauses(passage):
        for document in documents:
            if document.id != by.id and _is_meant(clause.law, clause.after, document, by):
                yield SaidToEnd(document, by, clause.on or by.effective_on, clause.text.strip())


def _is_meant(law: str, after: str, document: Document, by: Document) -> bool:
    """Whether a name in 《》, or a number where no name is given, means this document.

    A number in the bracket after the name decides between documents of one title. Without one, a document does not
    repeal what has its own title and is not older.
    """
    numbers, own = frozenset(numbers_in(after)), keys_of(document.number)
    if numbers and own:
        return any(is_named(number, numbers) for number in own) and (not law or _same_name(law, document.title))
    if not law or not _same_name(law, document.title):
        return False
    if _same_name(law, by.title):
        return bool(document.published_on and by.published_on and document.published_on < by.published_on)
    return True


def _same_name(law: str, title: str) -> bool:
    return re.sub(r"\s+", "", short_name(law)) == short_name(title)
