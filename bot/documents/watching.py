"""Keeps the documents as a watched folder has them: what is new or changed is loaded, what is gone is withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.db import Database
from bot.documents.accounts import FileOutcome
from bot.documents.changes import withdraw
from bot.documents.importer import Imported, all_files, import_in_parts
from bot.documents.models import Document

# More than so many files that are gone at once, and more than this share of all, look like a folder that is not there.
_FEW, _SHARE = 5, 0.2
_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Look:
    """What one look at the folder did. `held_back`: how many files are gone, if too many to withdraw them unasked."""

    imported: Imported
    withdrawn: list[str] = field(default_factory=list)
    held_back: int = 0

    @property
    def has_changed(self) -> bool:
        return bool(self.imported.loaded or self.withdrawn)


def signature(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Changes when a file of the folder does; costs no reading of files."""
    found = ((path, path.lstat()) for path in all_files(folder))
    return frozenset((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found)


def look(database: Database, folder: Path, *, who: str, now: datetime, may_withdraw_many: bool = False) -> Look:
    """Looks at the folder once.

    Only documents that this folder had before are withdrawn: others were uploaded, delivered or come from elsewhere.
    """
    imported = import_in_parts(database, folder, who=who)
    names = {path.relative_to(folder).as_posix() for path in all_files(folder)}
    read = {
        account.name for account in imported.accounts if account.outcome in (FileOutcome.LOADED, FileOutcome.UNCHANGED)
    }
    source = str(folder.resolve())
    with database.transaction() as session:
        _adopt(session, read, source)
        known = session.scalars(select(Document).where(Document.source == source, Document.withdrawn_at.is_(None)))
        documents = known.all()
        gone = [document for document in documents if document.key not in names]
        if len(gone) > max(_FEW, _SHARE * len(documents)) and not may_withdraw_many:
            return Look(imported, held_back=len(gone))
        for document in gone:
            withdraw(session, document, who=who, at=now)
        return Look(imported, [document.title for document in gone])


def _adopt(session: Session, names: Iterable[str], source: str) -> None:
    remaining = iter(sorted(names))
    while some := list(islice(remaining, _ROWS_AT_ONCE)):
        session.execute(update(Document).where(Document.key.in_(some), Document.source != source).values(source=source))
