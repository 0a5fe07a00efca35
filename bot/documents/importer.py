"""Loads a folder of documents; `docs/document-files.md` describes the files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.bounded import Child
from bot.db import Database, utcnow
from bot.documents import changes
from bot.documents.accounts import FileAccount, FileOutcome, particulars_of, recognition_of
from bot.documents.content import UnreadableDocument
from bot.documents.guarded import MOST_FILE_BYTES, READING, read_guarded
from bot.documents.kinds import SUFFIXES
from bot.documents.models import ChangeKind, Document, Passage, Version
from bot.documents.reader import ReadDocument, companion
from bot.documents.scans import recogniser

_VERSION_IN_KEY = re.compile(r"\(\d{4}-\d{2}-\d{2}\)\.md$")
# So many passages are stored in one transaction, some seconds of work.
_PASSAGES_AT_ONCE = 5000
_ABOUT_THE_FOLDER = frozenset({"_index.md", "about.md", "readme.md"})


@dataclass
class Imported:
    """`accounts`: what became of each file of the folder. `failures`: path and reason of each that cannot be read."""

    loaded: int = 0
    unchanged: int = 0
    passages: int = 0
    failures: list[tuple[Path, str]] = field(default_factory=list)
    accounts: list[FileAccount] = field(default_factory=list)


@dataclass(frozen=True)
class _Changed:
    key: str
    digest: str
    document: ReadDocument


def all_files(folder: Path) -> list[Path]:
    """Every file of the folder and its subfolders. Folders that are links are not entered."""
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def document_files(folder: Path) -> list[Path]:
    """The files that `import_documents` reads, without the `~$…` lock files that Word leaves beside open documents."""
    return [path for path in all_files(folder) if not _left_out(folder, path)]


def import_documents(
    session: Session,
    folder: Path,
    progress: Callable[[int], object] | None = None,
    *,
    who: str = "",
    is_rehearsal: bool = False,
) -> Imported:
    """Loads new and changed files in one transaction. Every file of the folder is accounted for in the result.

    One that cannot be read stops nothing. `progress` is called with 1 after each file. `is_rehearsal`: nothing is
    stored.
    """
    imported = Imported()
    for part in _parts(_changed(folder, _digests(session), imported, progress)):
        if not is_rehearsal:
            _store(session, part, who)
    return imported


def import_in_parts(
    database: Database,
    folder: Path,
    progress: Callable[[int], object] | None = None,
    *,
    who: str = "",
    imported: Imported | None = None,
) -> Imported:
    """Loads as `import_documents` does, each part of the folder in a transaction of its own.

    So memory has one part at a time, other processes can write between two parts, and an import that was stopped goes
    on where it was: the files that are stored are unchanged the next time. `imported`: what is filled in, for a caller
    that tells what was done before it was stopped.
    """
    imported = Imported() if imported is None else imported
    with database.transaction() as session:
        digests = _digests(session)
    for part in _parts(_changed(folder, digests, imported, progress)):
        with database.transaction() as session:
            _store(session, part, who)
    return imported


def _digests(session: Session) -> dict[str, str]:
    """Key → digest of the current version, of documents that are not withdrawn: storing one returns it."""
    current = session.execute(
        select(Document.key, Version.digest)
        .join(Version, Version.document_id == Document.id)
        .where(Version.number == Document.current_version, Document.withdrawn_at.is_(None))
    )
    return {row.key: row.digest for row in current}


def _changed(
    folder: Path, digests: Mapping[str, str], imported: Imported, progress: Callable[[int], object] | None
) -> Iterator[_Changed]:
    """Reads what is new or changed, and accounts for every file when it has been looked at."""
    with Child(READING) as child, recogniser() as ocr:
        for path in all_files(folder):
            key = path.relative_to(folder).as_posix()
            try:
                if reason := _left_out(folder, path):
                    imported.accounts.append(FileAccount(key, FileOutcome.LEFT_OUT, reason))
                    continue
                data, digest = _content(path)
                if digests.get(key) == digest:
                    imported.unchanged += 1
                    imported.accounts.append(FileAccount(key, FileOutcome.UNCHANGED))
                    continue
                read = read_guarded(child, path, data, ocr)
                yield _Changed(key, digest, read)
                imported.loaded += 1
                imported.passages += len(read.excerpts)
                imported.accounts.append(
                    FileAccount(key, FileOutcome.LOADED, recognition_of(read), particulars_of(read))
                )
            except UnreadableDocument as error:
                imported.failures.append((error.path, error.reason))
                # The `.yaml` beside the document may be at fault.
                fault = "" if error.path == path else f"{error.path.name}："
                imported.accounts.append(FileAccount(key, FileOutcome.FAILED, f"{fault}{error.reason}"))
            finally:
                if progress:
                    progress(1)


def _parts(changed: Iterable[_Changed]) -> Iterator[list[_Changed]]:
    part: list[_Changed] = []
    passages = 0
    for file in changed:
        part.append(file)
        passages += len(file.document.excerpts)
        if passages >= _PASSAGES_AT_ONCE:
            yield part
            part, passages = [], 0
    if part:
        yield part


def _store(session: Session, files: Sequence[_Changed], who: str) -> None:
    titles = {file.document.title for file in files} | set(
        session.scalars(select(Document.title).where(Document.key.in_([file.key for file in files])))
    )
    _save(session, files, who)
    _settle_versions_in_force(session, titles)
    session.flush()


def _left_out(folder: Path, path: Path) -> str | None:
    """Why the file is not loaded; None if it is to be read."""
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        return "是指到文件夹外面的链接"
    if path.name.startswith("~$"):
        return "Word 打开文件时留下的临时文件"
    if any(part.startswith(".") for part in path.relative_to(folder).parts):
        return "隐藏文件"
    if path.name.lower() in _ABOUT_THE_FOLDER:
        return "关于这个文件夹的说明"
    if path.suffix.lower() == ".yaml" and path.with_suffix("").exists():
        return f"{path.stem} 的说明，随它一起读"
    if path.suffix.lower() not in SUFFIXES:
        return f"不读 {path.suffix} 文件" if path.suffix else "没有扩展名，不知道是什么格式"
    return None


def store_document(session: Session, key: str, read: ReadDocument, digest: str, *, who: str = "") -> Document:
    """Stores one document that does not come from an imported folder; a known key gets its next version."""
    _store(session, [_Changed(key, digest, read)], who)
    return session.scalars(select(Document).where(Document.key == key)).one()


def digest_of(data: bytes, beside: bytes = b"") -> str:
    """Of a file and the `.yaml` file beside it."""
    return hashlib.sha256(data + beside).hexdigest()


def _content(path: Path) -> tuple[bytes, str]:
    """The bytes of the file, and the digest of the file and its companion together."""
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise UnreadableDocument(path, f"超过 {MOST_FILE_BYTES >> 20} MB")
        data = path.read_bytes()
        beside = companion(path)
        digest = digest_of(data, beside.read_bytes() if beside.exists() else b"")
    except OSError:
        raise UnreadableDocument(path, "打不开") from None
    return data, digest


def _save(session: Session, changed: Sequence[_Changed], who: str) -> None:
    stored = session.scalars(select(Document).where(Document.key.in_([file.key for file in changed])))
    known = {document.key: document for document in stored}
    now = utcnow()
    saved: list[tuple[Document, Version, ReadDocument]] = []
    for file in changed:
        document = known.get(file.key)
        number = 1 if document is None else document.current_version + 1
        if document is None:
            document = Document(key=file.key)
            session.add(document)
        for name, value in _columns(file.document).items():
            setattr(document, name, value)
        document.current_version = number
        saved.append((document, Version(number=number, imported_at=now, digest=file.digest), file.document))
    session.flush()
    for document, version, read in saved:
        version.document_id = document.id
        is_new = version.number == 1
        kind = ChangeKind.RETURNED if document.withdrawn_at else ChangeKind.ADDED if is_new else ChangeKind.CHANGED
        document.withdrawn_at = None
        changes.note(session, document, kind, who=who, at=now)
        if read.is_recognised:
            changes.note(session, document, ChangeKind.RECOGNISED, who=who, at=now)
    session.add_all(version for _, version, _ in saved)
    session.flush()
    for document, _, _ in saved:
        session.expire(document, ["is_recognised"])
    rows = [
        {
            "document_id": document.id,
            "version_id": version.id,
            "position": position,
            "heading": excerpt.heading,
            "article": excerpt.article,
            "text": excerpt.text,
        }
        for document, version, read in saved
        for position, excerpt in enumerate(read.excerpts, start=1)
    ]
    if rows:
        session.execute(insert(Passage), rows)


def _columns(read: ReadDocument) -> dict[str, Any]:
    particulars = read.particulars
    return {
        **particulars.model_dump(exclude={"title", "in_force"}),
        "title": read.title,
        "in_force": not particulars.says_repealed,
        "states_force": particulars.in_force is not None or particulars.says_repealed,
    }


def _settle_versions_in_force(session: Session, titles: Set[str]) -> None:
    """Of the versions of one statute, a newer one replaces older ones; of all other documents, no repeal is inferred.

    Two notices of one title are two notices. Only the files of a law collection say that they are versions of one
    text: 某条例(2001-01-01).md beside 某条例(2020-01-01).md. Only documents with one of `titles` are looked at.
    """
    alike = select(Document).where(Document.states_force.is_(False), Document.title.in_(titles))
    open_ones = session.scalars(alike).all()
    statutes: dict[tuple[str, str], list[Document]] = {}
    for document in open_ones:
        name = _without_version(document.key)
        statutes.setdefault((name or document.key, document.title), []).append(document)
    for documents in statutes.values():
        for document in documents:
            successor = _successor(document, documents)
            document.in_force = successor is None
            document.repealed_on = _replaces_from(successor) if successor else None
            document.repealed_by = f"《{successor.title}》（{successor.published_on} 版）" if successor else None


def _without_version(key: str) -> str | None:
    """The key without the date of the version; None if it names none."""
    name = _VERSION_IN_KEY.sub("", key)
    return None if name == key else name


def _successor(document: Document, documents: Iterable[Document]) -> Document | None:
    """The document of the same title published next after this one.

    Files of the same date are copies of each other. A file without a date is never replaced, since its age is
    unknown.
    """
    published_on = document.published_on
    if published_on is None:
        return None
    newer = [other for other in documents if other.published_on and other.published_on > published_on]
    return min(newer, key=lambda other: other.published_on or date.max, default=None)


def _replaces_from(successor: Document) -> date | None:
    """The day on which the successor replaces the document before it.

    None if it states no effective date, or one before its publication: that is the date of the first version.
    """
    if successor.effective_on and successor.published_on and successor.effective_on >= successor.published_on:
        return successor.effective_on
    return None
