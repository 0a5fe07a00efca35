"""Texts known to ask for a unit: the engine's training data, lessons, and questions labelled with units."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
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
# Intents with this prefix ask for a facet of an item, except for those in `_NOT_FACETS`.
_FACET = "ask_"
_NOT_FACETS = ("policy", "disclosure_status", "route", "joint_service")
# Intents that no unit answers: no matter of the city, or no question at all.
_NOTHING = ("out_of_scope", "greet", "thank", "goodbye", "who_are_you", "feedback_wrong", "handoff")


@dataclass(frozen=True)
class Wording:
    """A text and the units that answer it.

    `units`: names of units, or of owners (`item:GA-003`) where any unit of the owner may answer. `group`: wordings of
    one group stay in one fold. `is_context`: the text names no matter and continues the previous one; then `units` is
    empty and `facet` says what is asked. `is_nothing`: no unit answers. `is_labelled`: somebody checked all units;
    `ok` names those of some help.
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
    """Labelled questions whose unit still exists. The wordings of one question share a group."""
    labels = Labels(units)
    for row in read_lines(path):
        best, ok = labels.units(row["best"], row["ok"])
        if best:
            yield Wording(row["text"], best, "", f"question:{row['group']}", is_labelled=True, ok=ok)


def known_wordings(units: Iterable[Unit]) -> list[Wording]:
    """All wordings that the project ships, each text once."""
    wordings = (*nlu_wordings(), *document_wordings(), *question_wordings(units))
    return list({wording.text: wording for wording in wordings}.values())


def taught_texts(session: Session) -> list[tuple[str, Label]]:
    """The approved lessons. `training_text` removes personal data from them."""
    taught = [(training_text(lesson.text), label_of(lesson)) for lesson in approved(session)]
    return [(text, label) for text, label in taught if text]


def lesson_wordings(taught: Iterable[tuple[str, Label]], units: Iterable[Unit]) -> list[Wording]:
    """Those of the lessons whose answer still exists."""
    labels = Labels(units)
    found = [_taught(text, label, labels) for text, label in taught]
    return [wording for wording in found if wording.units]


def shipped_digest() -> str:
    """Changes when the wordings that ship do."""
    files = [*sorted(NLU.rglob("*.yml")), DOCUMENTS_QUESTIONS, QUESTIONS]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


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
        # All wordings of half of the matters make one group: held out together, they test a matter that is new.
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
    """The names of the units that answer `wording`, or of their owners where it asks for no facet."""
    if not wording.facet:
        return list(wording.units)
    return [f"{unit}:{wording.facet}" if unit.startswith("item:") else unit for unit in wording.units]


def owner_of(unit: str) -> str:
    """The owner that a unit's name contains: `item:GA-003:fee` → `item:GA-003`, `doc:guide.md#4` → `doc:guide.md`."""
    sort, _, rest = unit.partition(":")
    if sort == "doc":
        return f"doc:{rest.rsplit('#', 1)[0]}"
    return f"item:{rest.split(':')[0]}" if sort == "item" else unit
