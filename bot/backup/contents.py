"""Which files of `VAR_DIR` cannot be made again. All others are kept, so that nothing new is forgotten."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from bot.settings import Settings

# Made again at the next start, or of one run only.
_MADE_AGAIN = (
    "logs",
    "documents-index",
    "answering-index",
    "rasa-cache",
    "lexicon.json",
    "endpoints.yml",
    "encoder.json",
    "scratch",
    "conversation-tests",
    "unfinished-*",
    "restoring.*",
    "*.lock",
    "*.tmp",
)
# Copied as databases, not as files; and the keys, which no archive holds.
_APART = ("*.db", "*.db-wal", "*.db-shm", "*.db-journal", "identity.key*")


def kept_files(settings: Settings) -> Iterator[Path]:
    """Paths relative to `VAR_DIR`. Linked folders are followed, as where models lie on another disk."""
    seen: set[str] = set()
    for name, folders, files in os.walk(settings.var_dir, followlinks=True):
        folder = Path(name)
        folders[:] = sorted(each for each in folders if not _is_left_out(each) and _is_new(folder / each, seen))
        for each in sorted(files):
            if not _is_left_out(each) and (folder / each).is_file():
                yield (folder / each).relative_to(settings.var_dir)


def _is_left_out(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in (*_MADE_AGAIN, *_APART))


def _is_new(folder: Path, seen: set[str]) -> bool:
    """False for a folder that another link led to already, such as one that contains the link."""
    real = os.path.realpath(folder)
    if real in seen:
        return False
    seen.add(real)
    return True
