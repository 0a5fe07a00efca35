"""What the supervisor knows of each process, in a file beside its log, for those who look after the assistant."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from bot.settings import Settings
from bot.whole_files import write_whole


@dataclass(frozen=True)
class ProcessRecord:
    """`since`: when it was started last, by the supervisor that began at `began`. `restarts`: how often it was started
    again since then. `ended`: how it ended the last time, as `killed by signal 9`; empty if it never did.

    Instants as in ISO 8601.
    """

    pid: int
    began: str
    since: str
    restarts: int = 0
    ended: str = ""

    @property
    def since_at(self) -> datetime:
        return datetime.fromisoformat(self.since)


def path_of(log: Path) -> Path:
    return log.with_suffix(".process.json")


def write(log: Path, record: ProcessRecord) -> None:
    """`log`: of the process."""
    write_whole(path_of(log), json.dumps(asdict(record)))


def read(settings: Settings, name: str) -> ProcessRecord | None:
    """None if no supervisor runs the process here, or its file cannot be read."""
    try:
        return ProcessRecord(**json.loads(path_of(settings.logs_dir / f"{name}.log").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
