"""Finds models that no longer answer, and the files they were made from, so that they can be deleted."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.running.live_model import live_model, model_path
from bot.settings import Settings
from bot.training.models import Training
from bot.training.service import UNDER_WAY, TrainingState

# States of trainings whose files are kept. A roll-back needs the model that answered before.
_NEEDED = (*UNDER_WAY, TrainingState.WAITING_FOR_CONSENT, TrainingState.GOING_LIVE, TrainingState.LIVE)


def expired_models(session: Session, settings: Settings, before: datetime) -> list[Path]:
    kept = {model_path(settings, name) for name in _needed(session, settings, "model", "former_model")}
    return [path for path in _older(settings.models_dir, "*.tar.gz", before) if path not in kept]


def expired_exports(session: Session, settings: Settings, before: datetime) -> list[Path]:
    """Exported lessons, and the folders of trainings that are over."""
    lessons = {settings.lessons_dir / name for name in _needed(session, settings, "lessons", "former_lessons")}
    needed = select(Training.id).where(Training.state.in_(_NEEDED))
    folders = {settings.shared_dir / "trainings" / str(number) for number in session.scalars(needed)}
    return [
        *(path for path in _older(settings.lessons_dir, "*.yml", before) if path not in lessons),
        *(path for path in _older(settings.shared_dir / "trainings", "*", before) if path not in folders),
    ]


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _needed(session: Session, settings: Settings, *columns: str) -> set[str]:
    """The names in these columns of the live model and of trainings that may still go live or be rolled back."""
    live = live_model(settings)
    names = {str(getattr(live, columns[0]))} if live and getattr(live, columns[0]) else set()
    for training in session.scalars(select(Training).where(Training.state.in_(_NEEDED))):
        names |= {name for column in columns if (name := getattr(training, column))}
    return names


def _older(folder: Path, pattern: str, before: datetime) -> list[Path]:
    return [path for path in sorted(folder.glob(pattern)) if path.stat().st_mtime < before.timestamp()]
