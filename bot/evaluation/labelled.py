"""Letters as citizens write them, and dialogues, labelled against the sample city, and the verdicts on answers to them.

`sets/letters.jsonl`: `{"id", "text", "kind", "best", "ok"}` a line; `kind` is consult, complaint, suggestion, request
or status. `sets/dialogues.jsonl`: `{"id", "turns": [{"text", "best", "ok"}]}`. Labels are written as in
`bot.answering.judging`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.answering.judging import OK, RIGHT, USELESS, WRONG, judge, squeezed, unit_told
from bot.conversations.subjects import (
    ApprovalChoices,
    DisclosureIdentity,
    DisclosureStatus,
    Fallback,
    FilingStep,
    Handoff,
    LetterTaken,
    OwnCase,
    PolicyAnswer,
    Smalltalk,
    Subject,
    subject_of,
)
from bot.documents.reader import read_document
from bot.evaluation.cases import SETS
from bot.evaluation.scoring import Reply
from bot.json_lines import read_lines
from bot.places import SAMPLES

VERDICTS = (RIGHT, OK, USELESS, WRONG)

Ask = Callable[[str, str], Sequence[Reply]]


@dataclass(frozen=True)
class Labelled:
    text: str
    kind: str
    best: tuple[str, ...]
    ok: tuple[str, ...]

    def verdict(self, replies: Sequence[Reply]) -> str:
        """One of `VERDICTS`."""
        subjects = [about for reply in replies if (about := subject_of(reply))]
        likely = any(about.likely for about in subjects)
        said = [outcome for about in subjects for outcome in outcomes_of(about)]
        return judge(said or ["refuse"], self.best, self.ok, self.kind, likely=likely)


def letters() -> list[Labelled]:
    return [_labelled(row, row["kind"]) for row in read_lines(SETS / "letters.jsonl")]


def dialogues() -> list[list[Labelled]]:
    return [[_labelled(turn, "turn") for turn in row["turns"]] for row in read_lines(SETS / "dialogues.jsonl")]


def ask_letters(ask: Ask, asked: Sequence[Labelled]) -> list[str]:
    """The verdict on each. `ask(sender, text)` gives the replies."""
    return [letter.verdict(ask(_sender(), letter.text)) for letter in asked]


def ask_dialogues(ask: Ask, asked: Sequence[Sequence[Labelled]]) -> list[str]:
    """The verdict on each turn, one dialogue after the other."""
    return [turn.verdict(ask(sender, turn.text)) for turns in asked for sender in [_sender()] for turn in turns]


def labelled_figures(
    ask: Ask, letters: Sequence[Labelled], dialogues: Sequence[Sequence[Labelled]]
) -> dict[str, float]:
    """`letters_right`, `turns_wrong` and so on, 0 to 1; nothing where nothing was asked."""
    return {**shares(ask_letters(ask, letters), "letters"), **shares(ask_dialogues(ask, dialogues), "turns")}


def shares(verdicts: Sequence[str], prefix: str) -> dict[str, float]:
    """Verdict, behind the prefix → its share; nothing where nothing was asked."""
    return {f"{prefix}_{name}": verdicts.count(name) / len(verdicts) for name in VERDICTS if verdicts}


def outcomes_of(about: Subject) -> list[str]:
    """The outcomes that a message about this stands for; none if it is only a hint."""
    if told := unit_told(about):
        return [told]
    match about:
        case ApprovalChoices():
            return [f"choices:{','.join(about.codes)}"]
        case PolicyAnswer():
            return [f"doc:{_stem_of(one.document)}#{squeezed(one.article or '')}" for one in about.sources]
        case LetterTaken() | Handoff() | OwnCase():
            return ["case" if about.case else "refuse"]
        case DisclosureStatus() | DisclosureIdentity():
            return ["status"]
        case Smalltalk():
            return ["smalltalk"]
        case FilingStep():
            return ["filing"]
        case Fallback():
            return ["refuse"]
    return []


def _stem_of(title: str) -> str:
    """The file stem of a document of the sample city; for another document its title."""
    return _stems().get(title, title)


@cache
def _stems() -> dict[str, str]:
    paths = sorted((SAMPLES / "documents").rglob("*.md"))
    return {read_document(path, path.read_bytes()).title: path.stem for path in paths}


def _labelled(row: Mapping[str, Any], kind: str) -> Labelled:
    return Labelled(str(row["text"]), kind, tuple(row["best"]), tuple(row["ok"]))


def _sender() -> str:
    return f"evaluation-{uuid.uuid4()}"
