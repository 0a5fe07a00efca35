"""The model's training texts: left out of an evaluation, and used to train a stock pipeline for comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.language.text import bare
from bot.places import ROOT

# The safe loader, where there is one in C, which takes a tenth of the time.
_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class TrainingText:
    """`item`: the code in the example's metadata, several with commas, or None; `matter`: the absent one's name."""

    text: str
    intent: str
    item: str | None
    matter: str | None = None


def training_texts(folder: Path = ROOT / "data" / "nlu") -> Iterator[TrainingText]:
    for path in sorted(folder.rglob("*.yml")):
        yield from texts_in(path)


def texts_in(path: Path) -> Iterator[TrainingText]:
    """Those of one file."""
    for block in yaml.load(path.read_text(encoding="utf-8"), _SAFE)["nlu"]:  # noqa: S506
        about = block.get("metadata") or {}
        for line in block.get("examples", "").splitlines() if "intent" in block else ():
            item = about.get("items") or about.get("item")
            yield TrainingText(
                line.removeprefix("- "), block["intent"], str(item) if item else None, about.get("matter")
            )


def is_new(text: str, known: frozenset[str]) -> bool:
    """Whether the text is no training text, apart from punctuation and way of writing."""
    return bare(text) not in known
