"""Suggests labels while teaching: those of similar texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy.orm import Session

from bot.language.text import normalise
from bot.lessons.labels import FACET_INTENTS, OUT_OF_SCOPE, Label
from bot.lessons.models import Lesson
from bot.lessons.service import approved, label_of
from bot.lessons.training_texts import training_texts

LEAST_LIKENESS = 0.2
# So many are compared with all known wordings at once: some 20 MB.
_TEXTS_AT_ONCE = 100


class Origin(StrEnum):
    LESSON = "lesson"
    EXAMPLE = "example"


@dataclass(frozen=True)
class LabelledText:
    text: str
    label: Label
    origin: Origin

    @classmethod
    def of(cls, lesson: Lesson) -> LabelledText:
        return cls(lesson.text, label_of(lesson), Origin.LESSON)


@dataclass(frozen=True)
class LessonSuggestion:
    """A label and the nearest text that has it; `likeness`: cosine of their characters, 0 to 1."""

    label: Label
    text: str
    origin: Origin
    likeness: float


def suggestions_for(session: Session, text: str, count: int = 5) -> list[LessonSuggestion]:
    """Different labels, that of the most similar text first. Texts that are not similar enough are left out."""
    index = _index(with_examples(map(LabelledText.of, approved(session))))
    found: dict[Label, LessonSuggestion] = {}
    for labelled, likeness in index.nearest(text):
        if likeness < LEAST_LIKENESS or len(found) == count:
            break
        found.setdefault(labelled.label, LessonSuggestion(labelled.label, labelled.text, labelled.origin, likeness))
    return list(found.values())


@dataclass(frozen=True)
class Nearest:
    """`place`: of the text in its list."""

    place: int
    likeness: float


def with_examples(lessons: Iterable[LabelledText]) -> tuple[LabelledText, ...]:
    """The lessons and the training data that ships: all wordings that are known."""
    return (*lessons, *_examples())


def nearest_of_each(
    texts: Sequence[str], known: Sequence[LabelledText], new: Sequence[LabelledText]
) -> Iterator[tuple[Nearest, Nearest]]:
    """For each text the nearest one of `known`, and the nearest one of `new`. Neither may be empty."""
    index = _Index((*known, *new))
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        likeness = index.likeness(texts[first : first + _TEXTS_AT_ONCE])
        for of_known, of_new in zip(likeness[: len(known)].T, likeness[len(known) :].T, strict=True):
            yield _best(of_known), _best(of_new)


def _best(likeness: Any) -> Nearest:
    place = int(likeness.argmax())
    return Nearest(place, float(likeness[place]))


class _Index:
    def __init__(self, labelled: tuple[LabelledText, ...]) -> None:
        # Only here: the web process starts without it.
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._labelled = labelled
        self._vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        self._matrix = self._vectoriser.fit_transform([normalise(one.text) for one in labelled])

    def nearest(self, text: str) -> list[tuple[LabelledText, float]]:
        likeness = self.likeness([text]).ravel()
        # Stable, so that of two equally similar texts a lesson comes before an example.
        return [(self._labelled[place], float(likeness[place])) for place in (-likeness).argsort(kind="stable")]

    def likeness(self, texts: Sequence[str]) -> Any:
        """A row for each labelled text, a column for each of `texts`: cosines from 0 to 1."""
        return (self._matrix @ self._vectoriser.transform(list(map(normalise, texts))).T).toarray()


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
