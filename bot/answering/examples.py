"""Messages with known answers, to learn from and to measure with."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.evidence import NO_CONTEXT, Context
from bot.answering.judging import Labels
from bot.answering.units import FACETS, Sort, Unit
from bot.answering.wordings import Wording
from bot.json_lines import read_lines
from bot.language.text import normalise
from bot.places import LABELLED

# The number of folds into which examples are split.
FOLDS = 5
# Weight of an example by source. What we wrote ourselves teaches less about how people write than a real letter.
WEIGHTS = {
    "letter": 3.0,
    "public": 1.2,
    "own letter": 1.2,
    "turn": 3.0,
    "own turn": 1.2,
    "question": 0.6,
    "policy": 1.5,
    "item": 1.0,
    "absent": 0.7,
    "doc": 0.8,
    "context": 0.5,
}
# Factor for complaints, suggestions and requests: they become cases, and teach little about what questions want.
_OF_COMPLAINT = 0.3
PUBLIC_LETTERS = LABELLED / "public-letters.jsonl"
# The beginnings of labels that name a unit.
_OF_UNITS = ("item:", "doc:", "route:", "absent:")
_PLACES = [(re.compile(code), words) for code, words in (
    (r"[A-Z]\d*市", "云河市"), (r"[A-Z]\d*县", "本县"), (r"[A-Z]\d*区", "本区"), ("西地省", "本省"), ("_x000D_", ""),
)]  # fmt: skip
_FLAT = re.compile(r"\s|[，。、；：“”\"',.;:！？!?（）()*#>\-]")
_READ = 600
_ENOUGH = 0.7


@dataclass(frozen=True)
class Example:
    """A message and the units that answer it.

    `best`, `ok`: names of the units that answer, and of those of some help. `outcomes`, `ok_outcomes`: the labels as
    written, which may name more than units. `source`: decides the weight. Examples of one `group` stay in one fold.
    """

    text: str
    best: tuple[str, ...]
    ok: tuple[str, ...]
    source: str
    group: str
    context: Context = NO_CONTEXT
    kind: str = ""
    outcomes: tuple[str, ...] = ()
    ok_outcomes: tuple[str, ...] = ()
    id: str = ""


def weight_of(example: Example) -> float:
    """How much the trees learn from it."""
    weight = WEIGHTS.get(example.source, 0.0)
    return weight * _OF_COMPLAINT if example.kind in ("complaint", "suggestion", "request") else weight


def fold_of(group: str) -> int:
    """The fold of a group, from 0."""
    return int(hashlib.md5(group.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def letters(path: Path, units: Sequence[Unit], source: str = "letter") -> list[Example]:
    """Reads lines of `{"id", "kind", "text", "best", "ok"}`."""
    labels = Labels(units)
    return _held([_labelled(line, labels, source, str(line["id"])) for line in read_lines(path)])


def public_letters(path: Path, units: Sequence[Unit], labels_path: Path = PUBLIC_LETTERS) -> list[Example]:
    """Reads lines of `{"id", "text"}`, as far as our labels name the id. We may not ship the texts themselves."""
    texts = {str(line["id"]): str(line["text"]) for line in read_lines(path)}
    labels = Labels(units)
    found = [{**line, "text": _placed(texts[line["id"]])} for line in read_lines(labels_path) if line["id"] in texts]
    return _held([_labelled(line, labels, "public", str(line["id"])) for line in found])


def _placed(text: str) -> str:
    """Replaces codes of places (`A市`, `L3县`) by words."""
    for code, words in _PLACES:
        text = code.sub(words, text)
    return text


def dialogues(path: Path, units: Sequence[Unit], source: str = "turn") -> list[list[Example]]:
    """The turns of each dialogue. The context of a turn is the best answer to the turn before it."""
    labels, found = Labels(units), []
    for line in read_lines(path):
        context, turns = NO_CONTEXT, []
        for number, turn in enumerate(line["turns"]):
            example = _labelled(turn, labels, source, str(line["id"]))
            turns.append(replace(example, context=context, id=f"{line['id']}.{number}"))
            shown = example.best[:1] or context.shown
            context = Context(tuple(shown), example.text)
        found.append(_held(turns))
    return found


def _held(examples: Sequence[Example]) -> list[Example]:
    """Leaves out examples whose best units are all gone, or belong to another city."""
    return [one for one in examples if one.best or not any(label.startswith(_OF_UNITS) for label in one.outcomes)]


def policy_questions(path: Path, units: Sequence[Unit]) -> list[Example]:
    """Questions on real documents. The units whose passage holds the answer are right."""
    passages = [(unit, _flat(unit.text[:_READ])) for unit in units if unit.sort == Sort.PASSAGE]
    return [
        Example(
            normalise(line["text"]),
            tuple(unit.name for unit, text in passages if _holds(text, _flat(line["answer"]))),
            (),
            "policy",
            str(line["document"]),
            id=str(line["id"]),
        )
        for line in read_lines(path)
    ]


def known(wordings: Iterable[Wording], units: Sequence[Unit]) -> Iterator[Example]:
    """Known wordings as examples.

    Of an item the unit of the facet asked for is right, and its other units are of some help.
    """
    names = {unit.name for unit in units}
    items = sorted({unit.owner for unit in units if unit.sort == Sort.ITEM})
    chance = np.random.default_rng(5)
    for wording in wordings:
        text = normalise(wording.text)
        if wording.is_context:
            owner = items[int(chance.integers(len(items)))]
            shown = f"{owner}:{FACETS[int(chance.choice([0, 0, 0, 1, 2, 5]))]}"
            asked, near = f"{owner}:{wording.facet}", f"{owner}:overview"
            yield Example(text, (asked,), (near,), "context", wording.group, Context((shown,)))
            continue
        best, ok = _targets(wording, names)
        source = _source_of(wording, best)
        if best or wording.is_nothing:
            yield Example(text, best, ok, source, wording.group)


def _source_of(wording: Wording, best: Sequence[str]) -> str:
    if wording.is_labelled:
        return "question"
    return "nothing" if wording.is_nothing else best[0].partition(":")[0] if best else ""


def _targets(wording: Wording, names: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    best, ok = [], list(wording.ok)
    for unit in wording.units:
        if wording.is_labelled or not unit.startswith("item:"):
            best.append(unit)
            continue
        facet = wording.facet or "overview"
        own = [f"{unit}:{each}" for each in FACETS if f"{unit}:{each}" in names]
        right = {f"{unit}:{facet}"} & set(own) or set(own[:1])
        if facet in ("overview", "process"):
            right |= {f"{unit}:overview"} & set(own)
        best += sorted(right)
        ok += [name for name in own if name not in right]
    return tuple(name for name in best if name in names), tuple(name for name in ok if name in names)


def _labelled(line: dict[str, Any], labels: Labels, source: str, group: str) -> Example:
    outcomes, ok_outcomes = tuple(line["best"]), tuple(line["ok"])
    best, ok = labels.units(outcomes, ok_outcomes)
    return Example(
        normalise(str(line["text"])),
        best,
        ok,
        source,
        group,
        kind=str(line.get("kind", "")),
        outcomes=outcomes,
        ok_outcomes=ok_outcomes,
        id=str(line.get("id", "")),
    )


def _flat(text: object) -> str:
    return _FLAT.sub("", str(text))


def _holds(passage: str, answer: str) -> bool:
    if answer in passage:
        return True
    # Most passages share too few of the answer's pairs to be worth the longer comparison.
    pairs = {answer[at : at + 2] for at in range(len(answer) - 1)}
    if sum(pair in passage for pair in pairs) < 0.6 * len(pairs):
        return False
    blocks = difflib.SequenceMatcher(None, passage, answer, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size >= 4) >= _ENOUGH * len(answer)
