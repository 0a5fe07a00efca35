"""Searches and reads the published documents."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.documents.highlights import best_sentences
from bot.documents.models import Document, DocumentChange, Passage, Version
from bot.documents.numbers import is_named, keys_of, numbers_in, without_numbers
from bot.documents.search import (
    GOOD_ENOUGH,
    LEAST_PASSAGES,
    WORTH_A_LOOK,
    DocumentIndex,
    Hit,
    IndexedPassage,
)
from bot.documents.stored_index import StoredRanker, content_of, fingerprints_with, in_use
from bot.documents.words import TermReader
from bot.places import ROOT
from bot.search.index_folder import Whole
from bot.search.kept import Content, KeptIndex, Source
from bot.search.ranker import PassageRanker, PassageRankerUnreadable
from bot.search.segments import Group
from bot.settings import Settings
from bot.synonyms.service import synonyms

# Trained on the questions beside it, which are about the sample city; not used with other documents.
SHIPPED_RANKER = ROOT / "bot" / "samples" / "documents.ranker"

# So many passages are looked through for those of one document.
_LOOKED_THROUGH = 50
# Documents whose passages are read from the database together.
_READ_AT_ONCE = 200

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


def _index(session: Session) -> DocumentIndex:
    """The index to answer citizens from; they never wait for a newer one (`bot.search.kept`).

    Passages are never deleted, so the hits of an older index can still be read.
    """
    return INDEX.serving(session)


def _content(session: Session) -> Content:
    names, documents = synonyms(session), current_documents(session)
    by_fingerprint = dict(zip(fingerprints_with(names, documents), documents, strict=True))

    def read(fingerprints: Sequence[str]) -> Iterator[Group[IndexedPassage]]:
        texts = passages_by_document(session, [by_fingerprint[each] for each in fingerprints])
        yield from (Group(*each) for each in zip(fingerprints, texts, strict=True))

    ranker = _stored_ranker(Settings.from_environment())
    return content_of(tuple(by_fingerprint), _passage_count(session), names, read, ranker)


def _in_use(whole: Whole, settings: Settings) -> DocumentIndex:
    index = in_use(whole, lambda names: _wording(tuple(names.items())), _stored_ranker(settings))
    index.wording.question_terms("办理")  # reads its dictionary now, which takes a second, not at the first question
    return index


def _stored_ranker(settings: Settings) -> StoredRanker:
    own = settings.documents_ranker_path
    file = own if own.exists() else SHIPPED_RANKER
    return StoredRanker(hashlib.sha256(file.read_bytes()).hexdigest(), partial(_load, file, _written_at(file)))


def _revision(session: Session) -> object:
    """A value that changes with documents, synonyms and ranker; costs two queries."""
    changes = select(func.count(), func.max(DocumentChange.id), func.max(DocumentChange.at))
    ranker = Settings.from_environment().documents_ranker_path
    return tuple(session.execute(changes).one()), synonyms(session), _written_at(ranker)


def _written_at(file: Path) -> int | None:
    return file.stat().st_mtime_ns if file.exists() else None


@lru_cache(maxsize=1)
def _load(file: Path, _at: int | None) -> PassageRanker | None:
    """The ranker in the file; None if it cannot be used, and documents are searched untrained.

    The last one is kept until its file is written anew (`_at`), so that a change of a document does not read it again.
    """
    try:
        return PassageRanker.load(file)
    except PassageRankerUnreadable as error:
        log.warning("Searching documents untrained: %s", error)
        return None


class CurrentDocument(NamedTuple):
    """A document and its current version, as far as an index depends on it: what is equal has the same passages."""

    version_id: int
    imported_at: datetime
    digest: str
    key: str
    title: str
    in_force: bool


def current_documents(session: Session) -> list[CurrentDocument]:
    """All documents but those withdrawn, in the order in which their current versions were stored."""
    rows = session.execute(
        select(Version.id, Version.imported_at, Version.digest, Document.key, Document.title, Document.in_force)
        .join(Document, Version.document_id == Document.id)
        .where(Version.number == Document.current_version, Document.withdrawn_at.is_(None))
        .order_by(Version.id)
    )
    return [CurrentDocument(*row) for row in rows]


def passages_by_document(session: Session, documents: Sequence[CurrentDocument]) -> Iterator[list[IndexedPassage]]:
    """The passages of each document, in order; some documents are read at a time."""
    for start in range(0, len(documents), _READ_AT_ONCE):
        some = documents[start : start + _READ_AT_ONCE]
        rows = session.execute(
            select(Passage.version_id, Passage.id, Passage.position, Passage.heading, Passage.article, Passage.text)
            .where(Passage.version_id.in_([document.version_id for document in some]))
            .order_by(Passage.version_id, Passage.position)
        )
        found = {version: list(own) for version, own in groupby(rows, lambda row: row.version_id)}
        for document in some:
            yield [
                IndexedPassage(
                    row.id,
                    f"{document.key}#{row.position}",
                    document.title,
                    row.heading,
                    row.article or "",
                    row.text,
                    document.in_force,
                )
                for row in found.get(document.version_id, ())
            ]


def current_passages(session: Session) -> list[IndexedPassage]:
    """The passages of all current documents."""
    return [passage for own in passages_by_document(session, current_documents(session)) for passage in own]


def _passage_count(session: Session) -> int:
    current = (Version.number == Document.current_version, Document.withdrawn_at.is_(None))
    some = (
        select(Passage.id)
        .join(Version, Passage.version_id == Version.id)
        .join(Document, Version.document_id == Document.id)
        .where(*current)
        .limit(LEAST_PASSAGES)
    )
    return len(session.scalars(some).all())


INDEX: KeptIndex[DocumentIndex] = KeptIndex(
    Source(_revision, _content, _in_use, lambda settings: settings.documents_index_path)
)
