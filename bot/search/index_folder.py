"""A folder of indexes, where processes share them.

    <digest of a database>.json   which index is the newest, and of which revision of the data
    <digest of a content>.index   an index: the names of its parts, and what is computed of all of it
    <name>.part                   a part (a segment, or the vectors of one); a part may serve several indexes

A file is written whole, under another name, and never changed. Writing the `.json` is the switch: before it readers
have the index before, after it the new one. Then what no index needs is deleted; who still maps it can go on reading.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.search.mapped import FileUnreadable, load, save
from bot.whole_files import write_whole


@dataclass(frozen=True)
class Whole:
    """An index and its parts, by their names. What lies in the `.index` are the names alone."""

    parts: dict[str, Any]
    about: Any


@dataclass(frozen=True)
class _Named:
    parts: tuple[str, ...]
    about: Any


@dataclass(frozen=True)
class IndexFolder:
    """The indexes of one kind for one database. A database in memory has no newest one, since its address is also that
    of others."""

    folder: Path
    database: str

    def of_content(self, content: str) -> Whole | None:
        """The index of exactly this content; None if there is none that can be read."""
        return self._loaded(f"{content}.index")

    def of_revision(self, revision: object) -> Whole | None:
        return self._loaded(str(self._newest().get("file"))) if self.is_whole(revision) else None

    def newest(self) -> Whole | None:
        """The newest whole index, whatever has changed since."""
        name = self._newest().get("file")
        return self._loaded(str(name)) if name else None

    def is_whole(self, revision: object) -> bool:
        """Whether the newest index is of this revision of the data."""
        return self._newest().get("revision") == _digest(revision)

    def part(self, name: str, make: Callable[[], Any]) -> Any:
        """The part of that name with its arrays mapped; it is made if it is not there."""
        path = self.folder / f"{name}.part"
        with contextlib.suppress(FileUnreadable):
            return load(path)
        save(path, make())
        return load(path)

    def save(self, content: str, index: Whole) -> None:
        save(self.folder / f"{content}.index", _Named(tuple(index.parts), index.about))

    def name_newest(self, content: str, revision: object) -> None:
        """The index of this content is that of this revision of the data; what is needed no more is deleted.

        Another database of the same content may have the same index.
        """
        before, name = self._newest().get("file"), f"{content}.index"
        if self._about is None:
            return
        write_whole(self._about, json.dumps({"file": name, "revision": _digest(revision)}))
        if before not in (None, name) and before not in map(_file_named_in, self.folder.glob("*.json")):
            (self.folder / str(before)).unlink(missing_ok=True)
            self._delete_parts_without_index()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until no other process builds in this folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "building.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _delete_parts_without_index(self) -> None:
        needed: set[str] = set()
        for path in self.folder.glob("*.index"):
            with contextlib.suppress(FileUnreadable):
                named = load(path)
                needed |= {f"{part}.part" for part in named.parts} if isinstance(named, _Named) else set()
        for path in [*self.folder.glob("*.part"), *self.folder.glob("*.unfinished")]:
            if path.name not in needed:
                path.unlink(missing_ok=True)

    @property
    def _about(self) -> Path | None:
        is_in_memory = self.database == "sqlite://" or ":memory:" in self.database
        return None if is_in_memory else self.folder / f"{_digest(self.database)}.json"

    def _newest(self) -> dict[str, object]:
        return _read(self._about) if self._about is not None else {}

    def _loaded(self, name: str) -> Whole | None:
        try:
            named = load(self.folder / name)
            if not isinstance(named, _Named):
                return None
            return Whole({part: load(self.folder / f"{part}.part") for part in named.parts}, named.about)
        except FileUnreadable:
            return None


def _read(about: Path) -> dict[str, object]:
    with contextlib.suppress(OSError, ValueError):
        read = json.loads(about.read_text(encoding="utf-8"))
        return read if isinstance(read, dict) else {}
    return {}


def _file_named_in(about: Path) -> object:
    return _read(about).get("file")


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
