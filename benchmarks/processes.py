"""An assistant's processes, their processor time and memory, as Linux tells them in `/proc`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
_PARTS = {
    "bot.engine.launcher": "engine",
    "rasa_sdk": "actions",
    "bot.actions_server": "actions",
    "answering.encoder": "encoder",
    "rasa run": "engine",
}


def processor_time(parent: int) -> dict[str, float]:
    """Milliseconds so far of each process that `parent` started, with its threads and its own children."""
    children = _children()
    return {_named(pid): 1000 * sum(map(_seconds, _family(pid, children))) for pid in children.get(parent, [])}


def memory(parent: int) -> dict[str, float]:
    """Megabytes that each of them holds; what processes share is divided among them (proportional set size)."""
    children = _children()
    return {_named(pid): sum(map(_megabytes, _family(pid, children))) for pid in children.get(parent, [])}


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    return []


def descendants(pid: int) -> list[int]:
    return [one for child in children(pid) for one in (child, *descendants(child))]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.setdefault(int(fields[1]), []).append(int(path.parent.name))
    return found


def _family(pid: int, children: Mapping[int, list[int]]) -> list[int]:
    return [pid, *(one for child in children.get(pid, []) for one in _family(child, children))]


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * _TICK_SECONDS


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _named(pid: int) -> str:
    command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return next((name for part, name in _PARTS.items() if part in command), "web")
