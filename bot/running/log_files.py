"""Keeps logs short: a log that a process is still writing is copied and then emptied."""

from __future__ import annotations

import shutil
from pathlib import Path

MOST_BYTES = 10 * 1024 * 1024
# Number of older files kept for each log; `engine.log.1` is the newest.
OLDER_FILES = 5


def rotate(folder: Path, most_bytes: int = MOST_BYTES) -> list[Path]:
    """Rotates the logs that are too long, and returns them. Their writers append, so they continue at the new end.

    What is written between the copy and the emptying is lost.
    """
    too_long = [path for path in sorted(folder.glob("*.log")) if path.stat().st_size > most_bytes]
    for path in too_long:
        for number in range(OLDER_FILES - 1, 0, -1):
            if _older(path, number).exists():
                _older(path, number).replace(_older(path, number + 1))
        shutil.copyfile(path, _older(path, 1))
        with path.open("r+b") as log:
            log.truncate(0)
    return too_long


def _older(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
