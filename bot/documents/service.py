"""What can be asked of the published documents."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.documents.highlights import best_sentences
from bot.documents.models import Document, Passage, Version
from bot.documents.search import GOOD_ENOUGH, WORTH_NAMING, Hit, IndexedPassage, PassageIndex


@dataclass(frozen=True)
class Found:
    """`score` from 0 to 1; `sentences` are those of the passage that answer best, perhaps none."""

    document: Document
    passage: Passage
    score: float
    sentences: list[str]


def search(session: Session, text: str, count: int = 3) -> list[Found]:
    """The passages that answer `text`, best first; none where the documents do not answer it."""
    hits = [hit for hit in _index(session).search(text, count) if hit.score >= GOOD_ENOUGH]
    return [
        Found(document, passage, hit.score, best_sentences(text, passage.text))
        for hit, passage, document in _read(session, hits)
    ]


def nearest_titles(session: Session, text: str, count: int = 3) -> list[str]:
    """Titles of the documents that come nearest; only to offer, never to answer with."""
    hits = [hit for hit in _index(session).search(text, count * 3) if hit.score >= WORTH_NAMING]
    return list(dict.fromkeys(document.title for _, _, document in _read(session, hits)))[:count]


def passages_of(session: Session, document: Document, version: int | None = None) -> list[Passage]:
    """The passages of a document in order, as the current version has them or an older one had."""
    return list(
        session.scalars(
            select(Passage)
            .join(Version, Passage.version_id == Version.id)
            .where(
                Version.document_id == document.id,
                Version.number == (document.current_version if version is None else version),
            )
            .order_by(Passage.position)
        )
    )


def _read(session: Session, hits: Sequence[Hit]) -> list[tuple[Hit, Passage, Document]]:
    rows = session.execute(
        select(Passage, Document)
        .join(Document, Passage.document_id == Document.id)
        .where(Passage.id.in_([hit.passage_id for hit in hits]))
    )
    found = {passage.id: (passage, document) for passage, document in rows}
    return [(hit, *found[hit.passage_id]) for hit in hits if hit.passage_id in found]


@dataclass(frozen=True)
class _Built:
    database: str
    revision: object
    index: PassageIndex


_built: _Built | None = None
_building = threading.Lock()


def _index(session: Session) -> PassageIndex:
    """The index of the documents as they are, kept by the process; an import makes a new one at the next question.

    While one thread builds it, the others go on with the one before, if there is one: a large collection takes half a
    minute. Passages are never deleted, so what the old one finds can still be read.
    """
    global _built
    database, revision = str(session.connection().engine.url), _revision(session)
    held = _built if _built and _built.database == database else None
    if held and held.revision == revision:
        return held.index
    if not _building.acquire(blocking=held is None):
        return held.index  # type: ignore[union-attr] # acquire fails only when it does not wait
    try:
        if _built is None or (_built.database, _built.revision) != (database, revision):
            _built = _Built(database, revision, PassageIndex(_current_passages(session)))
        return _built.index
    finally:
        _building.release()


def _revision(session: Session) -> object:
    """Changes with each import that changed anything, and costs one query."""
    return tuple(session.execute(select(func.count(), func.max(Version.id), func.max(Version.imported_at))).one())


def _current_passages(session: Session) -> list[IndexedPassage]:
    rows = session.execute(
        select(Passage.id, Document.title, Passage.heading, Passage.article, Passage.text, Document.in_force)
        .join(Version, Passage.version_id == Version.id)
        .join(Document, Version.document_id == Document.id)
        .where(Version.number == Document.current_version)
        .order_by(Passage.id)
    )
    return [
        IndexedPassage(number, title, f"{heading} {article or ''}", text, in_force)
        for number, title, heading, article, text, in_force in rows
    ]
