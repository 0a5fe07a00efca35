"""Small files that one process writes and another reads at any moment. Standard library only."""

from __future__ import annotations

import uuid
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Replaces the file in one step: a reader gets the old content or the new one, never a part."""
    # A name of its own, since another machine may write the same file of a shared folder.
    unfinished = path.with_suffix(f".{uuid.uuid4().hex}.tmp")
    try:
        unfinished.write_text(content, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
