"""What lessons are likely to change: which messages of citizens they would be the nearest known wording of.

An estimate that needs no model: a message counts as changed if, of all known wordings (training data, lessons), the one
nearest to it by its characters becomes one of these lessons, and means something else than the nearest one of before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot.conversations.unanswered import typed
from bot.language.text import bare
from bot.lessons.export import training_text
from bot.lessons.labels import Label
from bot.lessons.models import Lesson
from bot.lessons.service import approved, label_of
from bot.lessons.suggestions import LabelledText, nearest_of_each, with_examples
from bot.lessons.training_texts import texts_in
from bot.settings import Settings

# Messages, newest first, and the different ones of them that are compared: some seconds.
MOST_MESSAGES = 5_000
MOST_TEXTS = 1_500
# Cosine of characters below which a message is not like a lesson at all.
ALIKE_FROM = 0.5


@dataclass(frozen=True)
class Changed:
    """A message as citizens wrote it, `count` times. `before`: what the nearest wording means without the lesson."""

    text: str
    count: int
    before: Label
    lesson: Lesson


@dataclass(frozen=True)
class Impact:
    """`message_count`: the messages that were compared. `changed`: most frequent first."""

    lesson_count: int
    message_count: int
    changed: list[Changed]

    @property
    def changed_count(self) -> int:
        return sum(one.count for one in self.changed)


def impact(session: Session, lessons: Sequence[Lesson], since: datetime) -> Impact:
    """What the lessons would change of the messages since then."""
    said = [text for text in typed(session, since, MOST_MESSAGES) if bare(text)]
    first_of: dict[str, str] = {}
    for text in said:
        first_of.setdefault(bare(text), text)
    counts = Counter(map(bare, said))
    keys = list(first_of)[:MOST_TEXTS]
    return Impact(len(lessons), sum(counts[key] for key in keys), _changed(session, lessons, counts, keys, first_of))


def not_trained(session: Session, settings: Settings, live: str | None) -> list[Lesson]:
    """The approved lessons that the live model has not learnt. `live`: the file of lessons that it was made of."""
    path = settings.lessons_dir / live if live else None
    learnt = _learnt(path) if path and path.exists() else frozenset()
    return [one for one in approved(session) if (training_text(one.text), one.intent) not in learnt]


def _learnt(path: Path) -> frozenset[tuple[str | None, str]]:
    return frozenset((one.text, one.intent) for one in texts_in(path))


def _changed(
    session: Session, lessons: Sequence[Lesson], counts: Counter[str], keys: Sequence[str], first_of: dict[str, str]
) -> list[Changed]:
    if not lessons or not keys:
        return []
    ids = {one.id for one in lessons}
    others = [one for one in approved(session) if one.id not in ids]
    known = with_examples(map(LabelledText.of, others))
    new = [LabelledText.of(one) for one in lessons]
    texts = [first_of[key] for key in keys]
    found = []
    for key, (before, after) in zip(keys, nearest_of_each(texts, known, new), strict=True):
        lesson = lessons[after.place]
        is_nearer = after.likeness >= ALIKE_FROM and after.likeness > before.likeness
        if is_nearer and known[before.place].label != label_of(lesson):
            found.append(Changed(first_of[key], counts[key], known[before.place].label, lesson))
    return sorted(found, key=lambda one: -one.count)
