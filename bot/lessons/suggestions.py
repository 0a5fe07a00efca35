"""Suggests labels while teaching: those of similar texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sqlalchemy.orm import Session

from bot.language.text import normalise
from bot.lessons.labels import FACET_INTENTS, OUT_OF_SCOPE, Label
from bot.lessons.service import approved, label_of
from bot.lessons.training_texts import training_texts

LEAST_LIKENESS = 0.2


class Origin(StrEnum):
    LESSON = "lesson"
    EXAMPLE = "example"


@dataclass(frozen=True)
class LabelledText:
    text: str
    label: Label
    origin: Origin


@dataclass(frozen=True)
class LessonSuggestion:
    """A label and the nearest text that has it; `likeness`: cosine of their characters, 0 to 1."""

    label: Label
    text: str
    origin: Origin
    likeness: float


def suggestions_for(session: Session, text: str, count: int = 5) -> list[LessonSuggestion]:
    """Different labels, that of the most similar text first. Texts that are not similar enough are left out."""
    lessons = [LabelledText(lesson.text, label_of(lesson), Origin.LESSON) for lesson in approved(session)]
    index = _index((*lessons, *_examples()))
    found: dict[Label, LessonSuggestion] = {}
    for labelled, likeness in index.nearest(text):
        if likeness < LEAST_LIKENESS or len(found) == count:
            break
        found.setdefault(labelled.label, LessonSuggestion(labelled.label, labelled.text, labelled.origin, likeness))
    return list(found.values())


class _Index:
    def __init__(self, labelled: tuple[LabelledText, ...]) -> None:
        self._labelled = labelled
        self._vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        self._matrix = self._vectoriser.fit_transform([normalise(one.text) for one in labelled])

    def nearest(self, text: str) -> list[tuple[LabelledText, float]]:
        likeness: Any = (self._matrix @ self._vectoriser.transform([normalise(text)]).T).toarray().ravel()
        # Stable, so that of two equally similar texts a lesson comes before an example.
        return [(self._labelled[place], float(likeness[place])) for place in (-likeness).argsort(kind="stable")]


# Built again only when a lesson is approved or withdrawn.
@lru_cache(maxsize=1)
def _index(labelled: tuple[LabelledText, ...]) -> _Index:
    return _Index(labelled)


@cache
def _examples() -> tuple[LabelledText, ...]:
    """The training data that ships. Reading it takes some seconds, so it is read once per process."""
    return tuple(
        LabelledText(example.text, _label(example.intent, example.item, example.matter), Origin.EXAMPLE)
        for example in training_texts()
    )


def _label(intent: str, item: str | None, matter: str | None) -> Label:
    if item == "absent":
        return Label(intent, should_be_refused=True, absent_matter=matter)
    codes = tuple(item.split(",")) if item and item != "context" else ()
    facets = (intent.removeprefix("ask_"),) if intent in FACET_INTENTS else ()
    return Label(intent, codes, facets, should_be_refused=intent == OUT_OF_SCOPE)
