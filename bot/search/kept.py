"""The index that a process answers from. It follows the data, and no question waits for it if there is a whole one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from bot.search.growth import no_progress
from bot.search.index_folder import IndexFolder, Whole
from bot.search.mapped import FileUnreadable
from bot.settings import Settings

T = TypeVar("T")
# Is told how many groups are indexed, and how many there are to index.
Progress = Callable[[int, int], object]

_others_build = False


def leave_building_to_others() -> None:
    """From now on this process only loads indexes; another one builds them (`bot/answering/renewal.py`).

    For the processes that serve citizens. All others build an index when it is asked for and the data have changed.
    """
    global _others_build
    _others_build = True


@dataclass(frozen=True)
class Content:
    """What an index is built from. `build` gets the index before, if any, and the folder of its parts, to use again
    what is the same."""

    digest: str
    build: Callable[[Whole | None, IndexFolder, Progress], Whole]


@dataclass(frozen=True)
class Source(Generic[T]):
    """Where an index comes from.

    `revision`: a value that changes when the data do, cheap to read. `content`: reads the data. `in_use`: makes what
    answers of what is kept on disk. `folder`: where that is.
    """

    revision: Callable[[Session], object]
    content: Callable[[Session], Content]
    in_use: Callable[[Whole, Settings], T]
    folder: Callable[[Settings], Path]


@dataclass(frozen=True)
class _Held(Generic[T]):
    """`revision` is None for an index that was taken from the disk although it is older than the data."""

    database: str
    revision: object
    index: T


class KeptIndex(Generic[T]):
    """One index for the whole process; threads may share it."""

    def __init__(self, source: Source[T]) -> None:
        self._source = source
        self._held: _Held[T] | None = None
        self._renewing = threading.Lock()

    def serving(self, session: Session) -> T:
        """The index to answer from.

        Where others build, that is the one held, or the newest on disk. It is built here only if there is none at all.
        """
        held = self._of(session)
        return held.index if held and _others_build else self.renewed(session)

    def renewed(self, session: Session) -> T:
        """The index of the current data. While one thread makes it, the others get the previous one, if any."""
        held, revision = self._of(session), self._source.revision(session)
        if held and held.revision == revision:
            return held.index
        if not self._renewing.acquire(blocking=held is None):
            return held.index  # type: ignore[union-attr] # acquire fails only when it does not wait
        try:
            held = self._of(session)  # another thread may have renewed it meanwhile
            if held is None or held.revision != revision:
                held = self._held = self._next(session, revision, held)
            return held.index
        finally:
            self._renewing.release()

    def held(self, session: Session) -> T | None:
        """The index that is in use, however old."""
        held = self._of(session)
        return held.index if held else None

    def build(self, session: Session, settings: Settings, progress: Progress = no_progress) -> None:
        """Builds the index of the current data and keeps it on disk, unless one of the same content lies there."""
        self._stored(session, settings, progress)

    def revision(self, session: Session) -> object:
        """A value that changes when the data do."""
        return self._source.revision(session)

    def is_whole(self, session: Session, settings: Settings) -> bool:
        """Whether the index of the current data lies on disk."""
        return self._folder(session, settings).is_whole(self._source.revision(session))

    def _stored(self, session: Session, settings: Settings, progress: Progress = no_progress) -> Whole:
        revision, folder = self._source.revision(session), self._folder(session, settings)
        content = self._source.content(session)
        with folder.alone():
            stored = folder.of_content(content.digest)
            if stored is None:
                folder.save(content.digest, content.build(folder.newest(), folder, progress))
                stored = folder.of_content(content.digest)  # with its arrays mapped
            if stored is None:
                raise FileUnreadable(f"{folder.folder}: what was just written cannot be read")
            folder.name_newest(content.digest, revision)
        return stored

    def _next(self, session: Session, revision: object, held: _Held[T] | None) -> _Held[T]:
        settings, database = Settings.from_environment(), _database_of(session)
        folder = self._folder(session, settings)
        stored = folder.of_revision(revision)
        if stored is None and _others_build:
            if held:
                return held
            revision, stored = None, folder.newest()
        if stored is None:
            revision = self._source.revision(session)
            stored = self._stored(session, settings)
        return _Held(database, revision, self._source.in_use(stored, settings))

    def _of(self, session: Session) -> _Held[T] | None:
        held = self._held
        return held if held and held.database == _database_of(session) else None

    def _folder(self, session: Session, settings: Settings) -> IndexFolder:
        return IndexFolder(self._source.folder(settings), _database_of(session))


def _database_of(session: Session) -> str:
    """The address of the database, without its password."""
    return str(session.connection().engine.url)
