"""Actions of a clerk on a document: read and store an uploaded file, mark it repealed or in force again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.bounded import Child
from bot.documents.content import Particulars, UnreadableDocument
from bot.documents.guarded import READING, read_guarded
from bot.documents.importer import store_document
from bot.documents.kinds import SUFFIXES
from bot.documents.models import Document, Passage, Version
from bot.documents.passages import Excerpt
from bot.documents.reader import ReadDocument, companion
from bot.documents.service import passages_of

_FOLDER = "uploads"
_LONGEST_NAME = 120


class DocumentRefused(ValueError):
    """The document cannot be stored or marked in this way; the message says why, in Chinese."""


@dataclass(frozen=True)
class VersionOf:
    """A version and the number of its passages."""

    version: Version
    passage_count: int


class Force(StrEnum):
    """What is known of the force of a document, or that it is withdrawn."""

    IN_FORCE = "yes"
    REPEALED = "no"
    NOT_SAID = "unknown"
    WITHDRAWN = "withdrawn"


def find_documents(session: Session, text: str = "", force: Force | None = None) -> Sequence[Document]:
    """The documents whose title, number or issuer contains `text`, ordered by title."""
    query = select(Document).order_by(Document.title, Document.id)
    if text:
        fields = (Document.title, Document.number, Document.issuer)
        query = query.where(or_(*(field.icontains(text, autoescape=True) for field in fields)))
    if force is Force.WITHDRAWN:
        return session.scalars(query.where(Document.withdrawn_at.is_not(None))).all()
    if force is not None:
        query = query.where(Document.in_force.is_(force is not Force.REPEALED), Document.withdrawn_at.is_(None))
    if force in (Force.IN_FORCE, Force.NOT_SAID):
        query = query.where(Document.states_force.is_(force is Force.IN_FORCE))
    return session.scalars(query).all()


def versions_of(session: Session, document: Document) -> list[VersionOf]:
    """All versions of the document, newest first."""
    rows = session.execute(
        select(Version, func.count(Passage.id))
        .outerjoin(Passage, Passage.version_id == Version.id)
        .where(Version.document_id == document.id)
        .group_by(Version.id)
        .order_by(Version.number.desc())
    )
    return [VersionOf(version, count) for version, count in rows]


def read_upload(name: str, data: bytes, beside: bytes = b"") -> ReadDocument:
    """Reads an uploaded file. `beside`: the content of the `.yaml` file with its particulars, if there is one.

    Raises:
        DocumentRefused: the file cannot be read, or has no text.
    """
    # A folder of its own, because the reader looks for a `.yaml` file beside the document.
    with TemporaryDirectory() as folder, Child(READING) as child:
        path = Path(folder) / _plain(name)
        if beside:
            companion(path).write_bytes(beside)
        try:
            return read_guarded(child, path, data)
        except UnreadableDocument as error:
            raise DocumentRefused(f"{_plain(name)}：{error.reason}") from None


def key_of_new(session: Session, name: str) -> str:
    """The key for a new document uploaded under this name.

    Raises:
        DocumentRefused: a document of this name exists; a new version is uploaded on its own page.
    """
    key = f"{_FOLDER}/{_plain(name)}"
    if session.scalars(select(Document).where(Document.key == key)).first():
        raise DocumentRefused(f"已经有从“{_plain(name)}”上传的文件，请到它的页面上传新版本，或者换个文件名")
    return key


@dataclass(frozen=True)
class Upload:
    """An uploaded file that can be stored as `importer.store_document` does."""

    key: str
    read: ReadDocument
    digest: str


def upload_of(session: Session, name: str, data: bytes, document: Document | None) -> Upload:
    """The upload as a new document, or as the next version of `document`; stores nothing.

    Raises:
        DocumentRefused: the file cannot be read, its name is taken, or it is the same as the current version.
    """
    read, digest = read_upload(name, data), hashlib.sha256(data).hexdigest()
    if document is not None and not document.withdrawn_at and current_digest(session, document) == digest:
        raise DocumentRefused("这个文件和现在的版本一样，没有再存")
    return Upload(document.key if document else key_of_new(session, name), read, digest)


def mark_repealed(session: Session, document: Document, *, on: date, by: str, who: str = "") -> None:
    """Marks the document as repealed from the day `on`; `by` names the document or decision that repealed it."""
    if not document.in_force:
        raise DocumentRefused("这份文件已经标为废止")
    _mark(session, document, {"in_force": False, "repealed_on": on, "repealed_by": by}, who)


def mark_in_force(session: Session, document: Document, *, is_doubted: bool = False, who: str = "") -> None:
    """Marks the document as in force: it was repealed by mistake, or its file does not say.

    `is_doubted`: another document says that it is repealed, so it may be marked again although it is in force.
    """
    if document.force and not is_doubted:
        raise DocumentRefused("这份文件现在就有效")
    _mark(session, document, {"in_force": True, "repealed_on": None, "repealed_by": None}, who)


def _mark(session: Session, document: Document, changes: dict[str, object], who: str) -> None:
    """Stores the changes as the next version, as if the file itself stated them; search uses it at once.

    The digest stays the same, so importing the unchanged file again does not undo the mark.
    """
    read = as_read(session, document)
    marked = replace(read, particulars=read.particulars.model_copy(update=changes))
    store_document(session, document.key, marked, current_digest(session, document), who=who)


def as_read(session: Session, document: Document) -> ReadDocument:
    """The current version as it would be read from a file that states all that is known of the document."""
    stated = {name: getattr(document, name) for name in Particulars.model_fields if name != "in_force"}
    excerpts = [
        Excerpt(passage.heading, passage.article, passage.text.split("\n"))
        for passage in passages_of(session, document)
    ]
    particulars = Particulars(**stated, in_force=document.force if document.states_force else None)
    return ReadDocument(document.title, particulars, excerpts, is_recognised=document.is_recognised)


def current_digest(session: Session, document: Document) -> str:
    """The digest of the file that the current version was read from."""
    return session.scalars(
        select(Version.digest).where(Version.document_id == document.id, Version.number == document.current_version)
    ).one()


def _plain(name: str) -> str:
    """The file name without its folder, for Windows paths too.

    Raises:
        DocumentRefused: the file type cannot be read, or the name is too long.
    """
    plain = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    if PurePosixPath(plain).suffix.lower() not in SUFFIXES:
        raise DocumentRefused(f"请选这些格式的文件：{'、'.join(sorted(SUFFIXES))}")
    if len(plain) > _LONGEST_NAME:
        raise DocumentRefused(f"文件名最多 {_LONGEST_NAME} 个字")
    return plain
