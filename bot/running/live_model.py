"""Which model is to answer: `SHARED_DIR/live_model.json`, written whole or not at all, watched by each supervisor."""

from __future__ import annotations

import json
import tarfile
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from bot.settings import Settings
from bot.whole_files import write_whole


class LiveModelBroken(RuntimeError):
    """The file cannot be read; the message names it. Without it the assistant starts with the shipped data."""


@dataclass(frozen=True)
class LiveModel:
    """`model`: its name, a file of `models_dir` without `.tar.gz`. `lessons`: the file of `lessons_dir` that
    it was trained with, if any. `base`: the fingerprint of all else it was trained with. `by`: who requested it."""

    model: str
    lessons: str | None
    base: str
    by: str
    at: str


def live_model_path(settings: Settings) -> Path:
    return settings.shared_dir / "live_model.json"


def model_path(settings: Settings, model: str) -> Path:
    return settings.models_dir / f"{model}.tar.gz"


def is_whole(model: Path) -> bool:
    """Whether the archive is there and can be read to its end; one that was cut short, as by a full disk, cannot."""
    try:
        with tarfile.open(model, "r:gz") as archive:
            for _ in archive:
                pass
    except (OSError, EOFError, tarfile.TarError, zlib.error):
        return False
    return True


def live_model(settings: Settings) -> LiveModel | None:
    """None before the first start. Raises LiveModelBroken."""
    path = live_model_path(settings)
    try:
        return LiveModel(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (TypeError, json.JSONDecodeError) as error:
        raise LiveModelBroken(f"{path} does not say which model is to answer ({error}); remove or mend it") from None


def set_live_model(settings: Settings, model: str, lessons: str | None, base: str, by: str, now: datetime) -> LiveModel:
    wanted = LiveModel(model, lessons, base, by, now.isoformat())
    write_whole(live_model_path(settings), json.dumps(asdict(wanted), ensure_ascii=False, indent=1))
    return wanted
