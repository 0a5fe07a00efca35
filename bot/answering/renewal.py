"""Keeps the indexes current without a citizen waiting for it.

Whoever imports calls `build_all` when the data are stored. What changes otherwise, in the console or by a lesson, is
seen by the action server, which has the indexes built in another process (`Renewal`): building takes minutes for a
hundred thousand passages, and would slow down the answers of its own process. The web process follows.
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.answering import service as answering
from bot.db import Database
from bot.documents import service as documents
from bot.file_locks import is_locked
from bot.interviews import index as interviews
from bot.long_lived import keep_out_of_collection
from bot.places import ROOT
from bot.search.growth import no_progress
from bot.search.kept import KeptIndex, Progress
from bot.settings import Settings
from bot.voices import index as letters

LOOKS_EVERY_SECONDS = 1.0
# After a failed attempt, so that a fault that stays does not keep a processor busy.
TRIES_AGAIN_SECONDS = 30.0
_LOCK = "indexing.lock"
_INDEXES = (answering.INDEX, documents.INDEX, letters.INDEX, interviews.INDEX)

log = logging.getLogger(__name__)


def are_whole(database: Database, settings: Settings) -> bool:
    """Whether the indexes of the current data lie on disk."""
    with database.transaction() as session:
        return all(index.is_whole(session, settings) for index in _INDEXES)


def build_all(database: Database, settings: Settings, *, anew: bool = False, progress: Progress = no_progress) -> None:
    """Builds what is not whole. Of several processes one builds, and the others find its work done.

    Only what has changed is read and analysed (`bot.search.growth`). A build that was stopped goes on where it was.
    `anew`: looks at all that an index is made of, also at what ships with the code, which no revision knows.
    """
    with _alone(settings.var_dir / _LOCK), database.transaction() as session:
        for index in _INDEXES:
            if anew or not index.is_whole(session, settings):
                index.build(session, settings, progress)


class Renewal:
    """Has the indexes built when the data have changed, and takes the new ones into use in this process.

    Waits until the data are the same at two looks, so that an import in many parts is not indexed after each. When the
    new indexes are in use, a look only reads the revisions until one of them changes.
    """

    def __init__(self, database: Database, settings: Settings, build: Callable[[], object]) -> None:
        self._database, self._settings, self._build = database, settings, build
        self._seen: object = None
        self._in_use: object = None

    def look(self) -> bool:
        """Returns whether an index was taken into use."""
        with self._database.transaction() as session:
            revisions = [index.revision(session) for index in _INDEXES]
        if revisions == self._in_use:
            return False
        is_settled, self._seen = revisions == self._seen, revisions
        if is_settled and not are_whole(self._database, self._settings):
            self._build()
        is_new = _use_newest(self._database, _INDEXES)
        if is_settled:
            self._in_use = revisions
        return is_new


def use_newest(database: Database) -> bool:
    """Takes the indexes that pages search into use, when the action server has had them built; for the web process.
    Returns whether there was a newer one.
    """
    return _use_newest(database, (answering.INDEX, letters.INDEX, interviews.INDEX))


def _use_newest(database: Database, indexes: Iterable[KeptIndex[Any]]) -> bool:
    with database.transaction() as session:
        # Each of them, so no generator: `any` stops at the first that is new.
        are_new = [index.held(session) is not index.renewed(session) for index in indexes]
    return any(are_new)


def follow(work: Callable[[], bool], is_over: threading.Event) -> None:
    """Does the work again and again until `is_over` is set, whatever goes wrong: what is held goes on answering.

    `work`: whether it took an index into use. An index is millions of objects that the collector need not look at.
    """
    pause = 0.0
    while not is_over.wait(pause):
        try:
            if work():
                keep_out_of_collection()
            pause = LOOKS_EVERY_SECONDS
        except Exception as error:
            log.warning("the indexes could not be renewed: %s", type(error).__name__)
            pause = TRIES_AGAIN_SECONDS


def build_apart() -> None:
    """In another process, after everything else that needs the processor."""
    subprocess.run(
        [sys.executable, "-m", "bot", "build-index"],
        cwd=ROOT,
        preexec_fn=lambda: os.nice(10),  # calls nothing but the kernel
        stdout=subprocess.DEVNULL,
        check=True,
    )


def are_being_built(settings: Settings) -> bool:
    """Whether a process builds them now. Makes no file."""
    return is_locked(settings.var_dir / _LOCK)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
