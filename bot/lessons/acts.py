"""Writes the acts that lessons teach to a file, which the engine reads at the next message."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.lessons.export import training_text
from bot.lessons.labels import QUESTION_INTENTS, Label
from bot.lessons.service import approved, label_of
from bot.letters.acts import ASK, TAKEN_DOWN
from bot.letters.taught import write_taught
from bot.settings import Settings


def write_acts(session: Session, settings: Settings) -> None:
    """Writes the acts that approved lessons teach. A lesson whose text masking would still change is left out."""
    taught = {training_text(lesson.text): act_meant(label_of(lesson)) for lesson in approved(session)}
    write_taught(settings.taught_acts_path, {text: act for text, act in taught.items() if text and act})


def act_meant(label: Label) -> str | None:
    """`ASK` or one of `TAKEN_DOWN`; None for what is neither."""
    if label.intent in TAKEN_DOWN:
        return label.intent
    return ASK if label.intent in QUESTION_INTENTS else None
