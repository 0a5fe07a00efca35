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
        customs = [reply.get("custom") or {} for reply in replies]
        likely = any(custom.get("certainty") == "likely" for custom in customs)
        said = [outcome for custom in customs for outcome in outcomes_of(custom)]
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


def outcomes_of(custom: Mapping[str, Any]) -> list[str]:
    """The outcomes that one message of a reply stands for; none if it is only a hint."""
    if told := unit_told(custom):
        return [told]
    kind = custom.get("kind")
    if kind == "approval_choices":
        return [f"choices:{','.join(custom['codes'])}"]
    if kind == "policy_answer":
        return [f"doc:{_stem_of(one['document'])}#{squeezed(one['article'] or '')}" for one in custom["sources"]]
    if kind in ("letter", "handoff", "case"):
        return ["case" if custom.get("case") else "refuse"]
    if kind in ("disclosure_status", "disclosure_identity"):
        return ["status"]
    return {"smalltalk": ["smalltalk"], "filing": ["filing"], "fallback": ["refuse"]}.get(str(kind), [])


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
