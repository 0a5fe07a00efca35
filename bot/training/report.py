"""The answers of two models to the same questions, side by side: `report.json` and two confusion pictures.

Shape of the report:
`{"live": {"model", "figures", "confusion"}, "candidate": the same, "refused_because": [Refusal], "message_count",
"conversation_count", "lesson_count", "changed": [Change]}`; `confusion` is the name of a picture beside the report.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.evaluation.scoring import Judged, confusion
from bot.places import ROOT
from bot.running.environments import ENGINE
from bot.training.gate import Refusal
from bot.training.measuring import Measured


@dataclass(frozen=True)
class FigureChange:
    """A question that the two models treat differently.

    `about`: message, lesson or conversation; `verdict`: better, worse or other. `live` and `candidate` say what each
    made of it, `meant` what it should have been: outcome, codes and facet.
    """

    about: str
    text: str
    meant: str
    live: str
    candidate: str
    verdict: str


def changes(live: Measured, candidate: Measured) -> list[FigureChange]:
    """Worse ones first, then better ones, then those that are as right or wrong as before."""
    found = [
        _change("message", before, after, before.is_right, after.is_right)
        for before, after in zip(live.messages, candidate.messages, strict=True)
        if _in_words(before) != _in_words(after)
    ]
    found += [
        _change("lesson", before.judged, after.judged, before.is_done, after.is_done)
        for before, after in zip(live.lessons, candidate.lessons, strict=True)
        if before.is_done != after.is_done or _in_words(before.judged) != _in_words(after.judged)
    ]
    for name in sorted({*live.conversations, *candidate.conversations}):
        before, after = live.conversations.get(name, ""), candidate.conversations.get(name, "")
        if before != after:
            verdict = _verdict(not before, not after)
            found.append(FigureChange("conversation", name, "right", before or "right", after or "right", verdict))
    return sorted(found, key=lambda change: ("worse", "better", "other").index(change.verdict))


def write(
    folder: Path, live: Measured, candidate: Measured, refused_because: Sequence[Refusal], *, with_pictures: bool = True
) -> Path:
    """Writes the report into `folder`, and gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {
        side: {"model": measured.model, "figures": measured.figures, "confusion": f"{side}-confusion.png"}
        for side, measured in (("live", live), ("candidate", candidate))
    }
    report |= {
        "refused_because": [asdict(refusal) for refusal in refused_because],
        "message_count": len(live.messages),
        "conversation_count": live.conversation_count,
        "lesson_count": len(live.lessons),
        "changed": [asdict(change) for change in changes(live, candidate)],
    }
    path = folder / "report.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    if with_pictures:
        for side, measured in (("live", live), ("candidate", candidate)):
            draw(confusion(measured.messages), folder / f"{side}-confusion.png")
    return path


def draw(table: Mapping[str, Counter[str]], path: Path) -> None:
    """A confusion table as a picture, drawn in the engine's environment."""
    command = [str(ENGINE.python), "-m", "bot.evaluation.picture", str(path)]
    subprocess.run(command, input=json.dumps(table), text=True, cwd=ROOT, check=True)


def _change(about: str, before: Judged, after: Judged, was_right: bool, is_right: bool) -> FigureChange:
    case = before.case
    meant = " ".join([case.outcome, *case.items, *case.facets])
    return FigureChange(about, case.text, meant, _in_words(before), _in_words(after), _verdict(was_right, is_right))


def _in_words(judged: Judged) -> str:
    return " ".join([judged.got, *judged.codes, *([judged.facet] if judged.facet else [])])


def _verdict(was_right: bool, is_right: bool) -> str:
    if was_right == is_right:
        return "other"
    return "better" if is_right else "worse"
