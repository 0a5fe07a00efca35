"""Small files that one process writes and another reads at any moment. Standard library only."""

from __future__ import annotations

from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Replaces the file in one step: a reader gets the old content or the new one, never a part."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(content, encoding="utf-8")
    unfinished.replace(path)
