"""What the assistant writes is for its own user alone."""

from __future__ import annotations

import os
from pathlib import Path

_OTHERS_MAY = 0o077


def keep_private() -> None:
    """For this process and all that it starts: no file and no folder that it makes is for others."""
    os.umask(_OTHERS_MAY)


def make_private(folder: Path) -> None:
    """What lies there already, too. Links are left: they lead to what is not ours."""
    for path, folders, files in os.walk(folder):
        for each in (path, *(os.path.join(path, name) for name in (*folders, *files))):
            _take_from_others(each)


def _take_from_others(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
        if mode & _OTHERS_MAY and not os.path.islink(path):
            os.chmod(path, mode & 0o7777 & ~_OTHERS_MAY)
    except (FileNotFoundError, PermissionError):
        pass  # gone meanwhile, or somebody else's
