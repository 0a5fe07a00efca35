"""Messages with known answers, to learn from and to measure with."""

from __future__ import annotations

import difflib
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.evidence import NO_CONTEXT, Context
from bot.answering.judging import fits_any, outcome_of
from bot.answering.units import FACETS, Sort, Unit
from bot.answering.wordings import Wording
from bot.letters.acts import ASK, act_of
from bot.text import normalise

_ASKS_BY_TITLE = re.compile("咨询|请问|怎么|如何|吗|多少|何时|什么时候|能否|是否|哪里|几时|多久|疑问|请教|询问|政策")
_COMPLAINS = re.compile("投诉|举报|反映|强烈|违规|扰民|乱象|反对|拖欠|质疑|为何|为什么")
_SHORTEST = 12
# Two letters that share so many pairs of characters are about one case.
_ALIKE = 0.45
_FLAT = re.compile(r"\s|[，。、；：“”\"',.;:！？!?（）()*#>\-]")
_READ = 600
_ENOUGH = 0.7


@dataclass(frozen=True)
class Example:
    """`best` and `ok`: units by name. `outcomes`, `ok_outcomes`: the labels as written, which may name more than units.

    `source`: where it comes from, which decides its weight; examples of one `group` stay in one fold.
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


@dataclass(frozen=True)
class Titled:
    """A letter that nobody labelled, under the title that its writer or a clerk gave it; normalised."""

    id: str
    title: str
    text: str


def titled(path: Path, others: Sequence[Example]) -> list[Titled]:
    """Those that ask something, by themselves or in their title, and are like none of `others`, which are measured."""
    seen = [_pairs_of(example.text) for example in others]
    return [
        letter
        for line in _lines(path)
        if _asks(letter := Titled(str(line["id"]), normalise(str(line["topic"])), normalise(str(line["text"]))))
        and not any(_is_alike(_pairs_of(letter.text), pairs) for pairs in seen)
    ]


def _asks(letter: Titled) -> bool:
    by_title = _ASKS_BY_TITLE.search(letter.title) and not _COMPLAINS.search(letter.title)
    return len(letter.text) >= _SHORTEST and bool(by_title or act_of(letter.text).name == ASK)


def _pairs_of(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _is_alike(one: set[str], other: set[str]) -> bool:
    return len(one & other) > _ALIKE * min(len(one), len(other))


def letters(path: Path, units: Sequence[Unit]) -> list[Example]:
    outcomes = [(unit.name, outcome_of(unit)) for unit in units]
    return [_labelled(line, outcomes, "letter", str(line["id"]), str(line.get("kind", ""))) for line in _lines(path)]


def followups(path: Path, units: Sequence[Unit]) -> list[list[Example]]:
    """Dialogue by dialogue; the context of a turn is what would have been best at the turn before."""
    outcomes = [(unit.name, outcome_of(unit)) for unit in units]
    dialogues = []
    for line in _lines(path):
        context, turns = NO_CONTEXT, []
        for number, turn in enumerate(line["turns"]):
            example = _labelled(turn, outcomes, "turn", str(line["id"]), "turn")
            turns.append(replace(example, context=context, id=f"{line['id']}.{number}"))
            shown = example.best[:1] or context.shown
            context = Context(tuple(shown), example.text)
        dialogues.append(turns)
    return dialogues


def policy_questions(path: Path, units: Sequence[Unit]) -> list[Example]:
    """Questions on real documents; a unit is right whose passage holds the answer."""
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
        for line in _lines(path)
    ]


def known(wordings: Iterable[Wording], units: Sequence[Unit]) -> Iterator[Example]:
    """The wordings that ship, as examples: with a facet that facet's unit is right, and of another of the item ok."""
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
        source = "nothing" if wording.is_nothing else best[0].partition(":")[0] if best else ""
        if best or wording.is_nothing:
            yield Example(text, best, ok, source, wording.group)


def _targets(wording: Wording, names: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    best, ok = [], []
    for unit in wording.units:
        if not unit.startswith("item:"):
            best.append(unit)
            continue
        facet = wording.facet or "overview"
        own = [f"{unit}:{each}" for each in FACETS if f"{unit}:{each}" in names]
        right = {f"{unit}:{facet}"} & set(own) or set(own[:1])
        if facet in ("overview", "process"):
            right |= {f"{unit}:overview"} & set(own)
        best += sorted(right)
        ok += [name for name in own if name not in right]
    return tuple(name for name in best if name in names), tuple(ok)


def _labelled(line: dict[str, Any], outcomes: Sequence[tuple[str, str]], source: str, group: str, kind: str) -> Example:
    best, ok = tuple(line["best"]), tuple(line["ok"])
    return Example(
        normalise(str(line["text"])),
        tuple(name for name, outcome in outcomes if fits_any(outcome, best)),
        tuple(name for name, outcome in outcomes if fits_any(outcome, ok) and not fits_any(outcome, best)),
        source,
        group,
        kind=kind,
        outcomes=best,
        ok_outcomes=ok,
        id=str(line.get("id", "")),
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


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
