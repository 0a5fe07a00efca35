"""Searches and reads the published documents."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.documents.highlights import best_sentences
from bot.documents.models import Document, DocumentChange, Passage, Version
from bot.documents.numbers import is_named, keys_of, numbers_in, without_numbers
from bot.documents.search import GOOD_ENOUGH, WORTH_A_LOOK, DocumentIndex, Hit, IndexedPassage
from bot.documents.words import TermReader
from bot.places import ROOT
from bot.search.index import PassageIndex
from bot.search.kept import Content, KeptIndex, Source
from bot.search.mapped import Packed
from bot.search.ranker import PassageRanker, PassageRankerUnreadable
from bot.settings import Settings
from bot.synonyms.service import synonyms

# Trained on the questions beside it, which are about the sample city; not used with other documents.
SHIPPED_RANKER = ROOT / "bot" / "samples" / "documents.ranker"

FORMAT = 1
# So many passages are looked through for those of one document.
_LOOKED_THROUGH = 50

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoundPassage:
    """A passage found. `score` is from 0 to 1; `sentences`: those of the passage that answer best, maybe none."""

    document: Document
    passage: Passage
    score: float
    sentences: list[str]


def search(session: Session, text: str, count: int = 3) -> list[FoundPassage]:
    """The passages that answer `text`, best first; empty if the documents do not answer it."""
    index = _index(session)
    hits = [hit for hit in index.search(text, count) if hit.score >= GOOD_ENOUGH]
    return [
        FoundPassage(document, passage, hit.score, best_sentences(text, passage.text, index.wording))
        for hit, passage, document in _read(session, hits)
    ]


def found(session: Session, text: str, passage_ids: Sequence[int]) -> list[FoundPassage]:
    """These passages in this order, each with its sentences that answer `text` best."""
    wording = _wording(tuple(synonyms(session).items()))
    return [
        FoundPassage(document, passage, hit.score, best_sentences(text, passage.text, wording))
        for hit, passage, document in _read(session, [Hit(passage_id, 1.0) for passage_id in passage_ids])
    ]


def numbered(session: Session, text: str, count: int = 3) -> list[FoundPassage]:
    """Passages of the documents whose number (文号) the text names, empty if it names none: 国办发〔2019〕3号讲的什么.

    Of what else is asked the passages that fit best; if nothing else is, the first one of each document.
    """
    named = frozenset(numbers_in(text))
    if not named:
        return []
    rows = session.execute(
        select(Document.id, Document.number).where(Document.number.is_not(None), Document.withdrawn_at.is_(None))
    )
    asked_for = [row.id for row in rows if any(is_named(number, named) for number in keys_of(row.number))]
    if not asked_for:
        return []
    index = _index(session)
    rest = without_numbers(text)
    hits = [hit for hit in index.search(rest, _LOOKED_THROUGH) if hit.score >= WORTH_A_LOOK]
    fitting = [(hit, passage, document) for hit, passage, document in _read(session, hits) if document.id in asked_for]
    found = [
        FoundPassage(document, passage, hit.score, best_sentences(rest, passage.text, index.wording))
        for hit, passage, document in fitting
    ]
    for document in session.scalars(select(Document).where(Document.id.in_(asked_for)).order_by(Document.id)):
        if all(one.document.id != document.id for one in found):
            found += [FoundPassage(document, passage, 1.0, []) for passage in passages_of(session, document)[:1]]
    return found[:count]


@lru_cache(maxsize=1)
def _wording(names: tuple[tuple[str, str], ...]) -> TermReader:
    return TermReader(dict(names))


def alike(session: Session, text: str, count: int = 3) -> list[Document]:
    """Documents that may already contain what `text` asks for, best first; only to suggest, not as an answer."""
    hits = [hit for hit in _index(session).search(text, count * 3) if hit.score >= WORTH_A_LOOK]
    found = {document.id: document for _, _, document in _read(session, hits)}
    return list(found.values())[:count]


def passages_of(session: Session, document: Document, version: int | None = None) -> list[Passage]:
    """The passages of the current version of a document, or of the version given, in order."""
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
        # An index that is older than a withdrawal still finds the passages.
        .where(Passage.id.in_([hit.passage_id for hit in hits]), Document.withdrawn_at.is_(None))
    )
    found = {passage.id: (passage, document) for passage, document in rows}
    return [(hit, *found[hit.passage_id]) for hit in hits if hit.passage_id in found]


@dataclass(frozen=True)
class _Stored:
    """What is kept on disk of an index. The ranker has a file of its own."""

    passages: Packed[IndexedPassage]
    names: dict[str, str]
    untrained: PassageIndex


def _index(session: Session) -> DocumentIndex:
    """The index to answer citizens from; they never wait for a newer one (`bot.search.kept`).

    Passages are never deleted, so the hits of an older index can still be read.
    """
    return INDEX.serving(session)


def _content(session: Session) -> Content:
    passages, names = current_passages(session), synonyms(session)
    digest = hashlib.sha256(repr((FORMAT, names)).encode())
    for passage in passages:
        digest.update(repr(passage).encode())
    return Content(
        digest.hexdigest()[:16],
        lambda _: _Stored(Packed(passages), names, DocumentIndex(passages, TermReader(names)).untrained),
    )


def _in_use(stored: _Stored, settings: Settings) -> DocumentIndex:
    own = settings.documents_ranker_path
    ranker = _load(own if own.exists() else SHIPPED_RANKER)
    wording = _wording(tuple(stored.names.items()))
    wording.question_terms("办理")  # reads its dictionary now, which takes a second, and not at the first question
    return DocumentIndex(stored.passages, wording, ranker, stored.untrained)


def _revision(session: Session) -> object:
    """A value that changes with documents, synonyms and ranker; costs two queries."""
    changes = select(func.count(), func.max(DocumentChange.id), func.max(DocumentChange.at))
    ranker = Settings.from_environment().documents_ranker_path
    return tuple(session.execute(changes).one()), synonyms(session), _written_at(ranker)


def _written_at(file: Path) -> int | None:
    return file.stat().st_mtime_ns if file.exists() else None


def _load(file: Path) -> PassageRanker | None:
    """The ranker in the file; None if it cannot be used, and documents are searched untrained."""
    try:
        return PassageRanker.load(file)
    except PassageRankerUnreadable as error:
        log.warning("Searching documents untrained: %s", error)
        return None


def current_passages(session: Session) -> list[IndexedPassage]:
    """The passages of the current versions of all documents but those withdrawn, in the order of each document."""
    rows = session.execute(
        select(
            Passage.id,
            Document.key,
            Passage.position,
            Document.title,
            Passage.heading,
            Passage.article,
            Passage.text,
            Document.in_force,
        )
        .join(Version, Passage.version_id == Version.id)
        .join(Document, Version.document_id == Document.id)
        .where(Version.number == Document.current_version, Document.withdrawn_at.is_(None))
        .order_by(Passage.id)
    )
    return [
        IndexedPassage(number, f"{key}#{position}", title, heading, article or "", text, in_force)
        for number, key, position, title, heading, article, text, in_force in rows
    ]


INDEX: KeptIndex[DocumentIndex] = KeptIndex(
    Source(_revision, _content, _in_use, lambda settings: settings.documents_index_path)
)
