"""Which files of `VAR_DIR` cannot be made again. All others are kept, so that nothing new is forgotten."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from bot.settings import Settings

_OF_A_RUN = (
    "rasa-cache",
    "endpoints.yml",
    "scratch",
    "conversation-tests",
    "unfinished-*",
    "restoring.*",
    "*.lock",
    "*.tmp",
)
# Copied as databases, not as files; and the keys, which no archive holds.
_APART = ("*.db", "*.db-wal", "*.db-shm", "*.db-journal", "identity.key*")


# What lies in SHARED_DIR, where there is one.
_SHARED = (
    *("models", "lessons", "trainings", "column-maps", "*.ranker"),
    *("live_model.json", "taught_acts.json", "holidays.json"),
)


def kept_files(settings: Settings) -> Iterator[Path]:
    """Paths relative to `VAR_DIR`, of what lies in SHARED_DIR as if it lay there: see `place_of`. Linked folders are
    followed, as where models lie on another disk."""
    apart = settings.shared_dir != settings.var_dir
    yield from (file for file in _kept_in(settings.var_dir, settings) if not (apart and _is_shared(file)))
    if apart:
        yield from (file for file in _kept_in(settings.shared_dir, settings) if _is_shared(file))


def place_of(settings: Settings, file: Path) -> Path:
    """Where a file with that name in the archive lies, or belongs."""
    return (settings.shared_dir if _is_shared(file) else settings.var_dir) / file


def _is_shared(file: Path) -> bool:
    return any(fnmatch(file.parts[0], pattern) for pattern in _SHARED)


def _kept_in(root: Path, settings: Settings) -> Iterator[Path]:
    left_out = (*_made_again(settings), *_APART)

    def is_kept(name: str) -> bool:
        return not any(fnmatch(name, pattern) for pattern in left_out)

    seen: set[str] = set()
    for name, folders, files in os.walk(root, followlinks=True):
        folder = Path(name)
        folders[:] = sorted(each for each in folders if is_kept(each) and _is_new(folder / each, seen))
        for each in sorted(files):
            if is_kept(each) and (folder / each).is_file():
                yield (folder / each).relative_to(root)


def _made_again(settings: Settings) -> list[str]:
    """Names and patterns of what is made again at the next start, or is of one run only."""
    named = (
        settings.logs_dir,
        settings.documents_index_path,
        settings.letters_index_path,
        settings.interviews_index_path,
        settings.answering_index_path,
        settings.lexicon_path,
        settings.encoder_address_path,
    )
    return [*(path.name for path in named), *_OF_A_RUN]


def _is_new(folder: Path, seen: set[str]) -> bool:
    """False for a folder that another link led to already, such as one that contains the link."""
    real = os.path.realpath(folder)
    if real in seen:
        return False
    seen.add(real)
    return True
