"""Keeps the assistant's files private to its own user."""

from __future__ import annotations

import os
from pathlib import Path

_OTHERS_MAY = 0o077


def keep_private() -> None:
    """Makes new files and folders of this process, and of all that it starts, inaccessible to other users."""
    os.umask(_OTHERS_MAY)


def make_private(folder: Path) -> None:
    """Takes access from other users to existing files in `folder`. Links are skipped, since they may lead outside."""
    for path, folders, files in os.walk(folder):
        for each in (path, *(os.path.join(path, name) for name in (*folders, *files))):
            _take_from_others(each)


def _take_from_others(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
        if mode & _OTHERS_MAY and not os.path.islink(path):
            os.chmod(path, mode & 0o7777 & ~_OTHERS_MAY)
    except (FileNotFoundError, PermissionError):
        pass  # deleted meanwhile, or owned by another user
