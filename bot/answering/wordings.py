"""Wordings that are known to mean a unit: the engine's training data, lessons, questions labelled against the units."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from bot.answering.judging import Labels
from bot.answering.units import Unit
from bot.json_lines import read_lines
from bot.lessons.export import training_text
from bot.lessons.labels import Label
from bot.lessons.service import approved, label_of
from bot.lessons.training_texts import TrainingText, training_texts
from bot.places import LABELLED, ROOT

NLU = ROOT / "data" / "nlu"
DOCUMENTS_QUESTIONS = ROOT / "bot" / "samples" / "documents-questions.jsonl"
QUESTIONS = LABELLED / "questions.jsonl"
# Intents whose wordings ask for something that a unit may answer.
_FACET = "ask_"
_NOT_FACETS = ("policy", "disclosure_status", "route", "joint_service")
# The intents of what is none of a city's business, or no question at all: nothing answers them.
_NOTHING = ("out_of_scope", "greet", "thank", "goodbye", "who_are_you", "feedback_wrong", "handoff")


@dataclass(frozen=True)
class Wording:
    """`units`: names of the units that answer it, or of owners (`item:GA-003`) where any unit of theirs may.

    `group`: wordings of one group are never split between what is known and what is tried. `is_context`: it names no
    matter and is about the one of before; then `units` is empty and `facet` says what is asked of it. `is_labelled`:
    somebody looked through all units for those that answer it, and for `ok`, those of some help.
    """

    text: str
    units: tuple[str, ...]
    facet: str
    group: str
    is_context: bool = False
    is_nothing: bool = False
    is_labelled: bool = False
    ok: tuple[str, ...] = ()


def nlu_wordings(folder: Path = NLU) -> Iterator[Wording]:
    return (wording for text in training_texts(folder) if (wording := _of(text)))


def document_wordings(path: Path = DOCUMENTS_QUESTIONS) -> Iterator[Wording]:
    for row in read_lines(path):
        yield Wording(row["text"], tuple(f"doc:{name}" for name in row["relevant"]), "", row["text"])


def question_wordings(units: Iterable[Unit], path: Path = QUESTIONS) -> Iterator[Wording]:
    """Each question in several wordings, which make a group; those whose unit is gone are left out."""
    labels = Labels(units)
    for row in read_lines(path):
        best, ok = labels.units(row["best"], row["ok"])
        if best:
            yield Wording(row["text"], best, "", f"question:{row['group']}", is_labelled=True, ok=ok)


def known_wordings(units: Iterable[Unit]) -> list[Wording]:
    """All that the project ships, each text once."""
    wordings = (*nlu_wordings(), *document_wordings(), *question_wordings(units))
    return list({wording.text: wording for wording in wordings}.values())


def lesson_wordings(session: Session, units: Sequence[Unit]) -> list[Wording]:
    """What staff have taught, as far as it names an answer that is still there. No personal data: see
    `training_text`."""
    labels = Labels(units)
    taught = [(training_text(lesson.text), label_of(lesson)) for lesson in approved(session)]
    found = [_taught(text, label, labels) for text, label in taught if text]
    return [wording for wording in found if wording.units]


def _taught(text: str, label: Label, labels: Labels) -> Wording:
    if label.items:
        facet = label.facets[0] if label.facets else "overview"
        return Wording(text, tuple(f"item:{code}" for code in label.items), facet, text)
    best, _ = labels.units(label.outcomes, ())
    return Wording(text, best, "", text)


def _of(text: TrainingText) -> Wording | None:
    facet = text.intent.removeprefix(_FACET) if text.intent.startswith(_FACET) else ""
    facet = "" if facet in _NOT_FACETS else facet
    if text.matter:
        # Half of the matters are tried without any wording of theirs known, as new ones will be.
        group = text.matter if zlib.crc32(text.matter.encode()) % 2 else text.text
        return Wording(text.text, (f"absent:{text.matter}",), facet, group)
    if text.item == "context":
        return Wording(text.text, (), facet, text.text, is_context=True) if facet else None
    if text.item and text.item != "absent":
        units = tuple(f"item:{code}" for code in text.item.split(","))
        return Wording(text.text, units, facet, text.text)
    if text.intent in _NOTHING:
        return Wording(text.text, (), "", text.text, is_nothing=True)
    return None


def units_meant(wording: Wording) -> list[str]:
    """The names of the units that it means, or of owners where it asks for no facet."""
    if not wording.facet:
        return list(wording.units)
    return [f"{unit}:{wording.facet}" if unit.startswith("item:") else unit for unit in wording.units]


def owner_of(unit: str) -> str:
    """The owner in a unit's name: `item:GA-003:fee` → `item:GA-003`, `doc:guide.md#4` → `doc:guide.md`."""
    sort, _, rest = unit.partition(":")
    if sort == "doc":
        return f"doc:{rest.rsplit('#', 1)[0]}"
    return f"item:{rest.split(':')[0]}" if sort == "item" else unit
