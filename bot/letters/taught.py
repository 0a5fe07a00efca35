"""Acts that staff have taught for single messages, by a digest of the letters and figures: the file holds no words.

The web process writes the file and the engine reads it; neither has to be restarted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from bot.language.text import bare
from bot.settings import Settings
from bot.whole_files import write_whole


def taught_act(text: str) -> str | None:
    """The act that was taught for these very words, whatever their spacing and punctuation."""
    path = _path(os.environ.get("VAR_DIR"), os.environ.get("SHARED_DIR"))
    try:
        written = path.stat().st_mtime_ns
    except OSError:
        return None
    return _read(path, written).get(_digest(text))


def write_taught(path: Path, acts: Mapping[str, str]) -> None:
    """`acts`: text → act."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps({_digest(text): act for text, act in acts.items()}))


def _digest(text: str) -> str:
    return hashlib.sha256(bare(text).encode("utf-8", "replace")).hexdigest()


@lru_cache(maxsize=1)
def _path(var_dir: str | None, shared_dir: str | None) -> Path:
    env = {"VAR_DIR": var_dir or "", "SHARED_DIR": shared_dir or ""}
    return Settings.from_environment(env).taught_acts_path


@lru_cache(maxsize=1)
def _read(path: Path, written: int) -> dict[str, str]:  # noqa: ARG001 # part of the cache key: a new file is read
    try:
        acts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return acts if isinstance(acts, dict) else {}
