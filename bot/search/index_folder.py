"""A folder of whole indexes, where processes share them: which is the newest, and of which state of the data it is."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.search.mapped import FileUnreadable, load, save
from bot.whole_files import write_whole


@dataclass(frozen=True)
class IndexFolder:
    """The indexes of one kind for one database.

    An index lies in `<digest of its content>.index`. `<digest of the database>.json` says which one is the newest, and
    of which revision of the data: so a process finds it without reading the data. A database in memory has no such
    file, since its address is also that of others.
    """

    folder: Path
    database: str

    def of_content(self, content: str) -> Any | None:
        """The index of exactly this content; None if there is none that can be read."""
        return self._loaded(f"{content}.index")

    def of_revision(self, revision: object) -> Any | None:
        return self._loaded(str(self._newest().get("file"))) if self.is_whole(revision) else None

    def newest(self) -> Any | None:
        """The newest whole index, whatever has changed since."""
        name = self._newest().get("file")
        return self._loaded(str(name)) if name else None

    def is_whole(self, revision: object) -> bool:
        """Whether the newest index is of this revision of the data."""
        return self._newest().get("revision") == _digest(revision)

    def save(self, content: str, index: object) -> None:
        save(self.folder / f"{content}.index", index)

    def name_newest(self, content: str, revision: object) -> None:
        """The index of this content is that of this revision of the data; the one before is deleted."""
        before, name = self._newest().get("file"), f"{content}.index"
        if self._about is None:
            return
        write_whole(self._about, json.dumps({"file": name, "revision": _digest(revision)}))
        if before not in (None, name):
            # A process that still maps it can go on reading.
            (self.folder / str(before)).unlink(missing_ok=True)

    @property
    def _about(self) -> Path | None:
        is_in_memory = self.database == "sqlite://" or ":memory:" in self.database
        return None if is_in_memory else self.folder / f"{_digest(self.database)}.json"

    def _newest(self) -> dict[str, object]:
        if self._about is not None:
            with contextlib.suppress(OSError, ValueError):
                about = json.loads(self._about.read_text(encoding="utf-8"))
                return about if isinstance(about, dict) else {}
        return {}

    def _loaded(self, name: str) -> Any | None:
        try:
            return load(self.folder / name)
        except FileUnreadable:
            return None


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
