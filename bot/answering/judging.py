"""The outcomes that labels name, and the judgement of an answer by them, as the public scorer does it.

`item:CODE[:facet+facet]`, `doc:FILE-STEM[#heading or article]`, `route:LX-…`, `absent:TITLE`, `choices:CODE,CODE`,
`case`, `refuse`, `status`, `smalltalk`. For a message, each outcome in `best` alone is fully right, and each in `ok` is
of some help.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain

from bot.answering.units import Sort, Unit
from bot.conversations.subjects import ApprovalItem, JointServiceGuide, NotOffered, OtherDoor, Subject
from bot.search.segments import Segments

RIGHT, OK, USELESS, WRONG = "right", "ok", "useless", "wrong"
_CLAIMS_NOTHING = ("refuse", "back", "smalltalk", "case", "filing", "status")


def outcome_of(unit: Unit) -> str:
    """The outcome of an answer with this unit."""
    if unit.sort == Sort.PASSAGE:
        return f"doc:{_stem_of(unit.owner)}#{squeezed(unit.facet)}"
    return unit.name


def unit_told(about: Subject) -> str | None:
    """The name of the unit that a message about this shows. None for passages, which are told by their text, and for
    messages that show no unit."""
    match about:
        case ApprovalItem():
            return f"item:{about.code}:{about.facet}"
        case JointServiceGuide():
            return f"item:{about.code}:overview"
        case OtherDoor():
            return f"route:{about.code}"
        case NotOffered():
            return f"absent:{about.name}"
    return None


def fits(said: str, wanted: str) -> bool:
    sort, _, rest = wanted.partition(":")
    if sort == "item":
        said_parts, parts = said.split(":"), wanted.split(":")
        return (
            said_parts[0] == "item"
            and said_parts[1] == parts[1]
            and (len(parts) < 3 or said_parts[2] in parts[2].split("+"))
        )
    if sort == "doc":
        if not said.startswith("doc:"):
            return False
        stem, _, place = said[4:].partition("#")
        wanted_stem, has_place, wanted_place = rest.partition("#")
        wanted_place = squeezed(wanted_place)
        return stem == wanted_stem and (not has_place or wanted_place == place or bool(place and place in wanted_place))
    if sort == "choices":
        return said.startswith("choices:") and set(rest.split(",")) <= set(said[8:].split(","))
    return said == wanted


def fits_any(said: str, wanted: Sequence[str]) -> bool:
    return any(fits(said, one) for one in wanted)


class Labels:
    """Finds the units that labels name; labels that name no unit (`case`, `refuse`) are ignored."""

    def __init__(self, units: Iterable[Unit]) -> None:
        """Of the units of an index only those are read that a label may name."""
        by_head: dict[str, list[Callable[[], Iterable[Unit]]]] = {}
        if isinstance(units, Segments):
            for group, names in enumerate(units.names):
                by_head.setdefault(_head_of_owner(names[0] if names else ""), []).append(partial(units.of_group, group))
        else:
            for unit in units:
                by_head.setdefault(_head(outcome_of(unit)), []).append(partial(iter, [unit]))
        self._by_head = by_head
        self._read: dict[str, list[tuple[str, str]]] = {}

    def units(self, best: Sequence[str], ok: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the best units and of those of some help; no unit is in both."""
        right = self._named(best)
        return tuple(right), tuple(name for name in self._named(ok) if name not in right)

    def _named(self, labels: Sequence[str]) -> dict[str, None]:
        found = ((name, outcome, label) for label in labels for name, outcome in self._owned(_head(label)))
        return {name: None for name, outcome, label in found if fits(outcome, label)}

    def _owned(self, head: str) -> list[tuple[str, str]]:
        """The name and the outcome of each unit under this head."""
        if head not in self._read:
            units = chain.from_iterable(read() for read in self._by_head.get(head, ()))
            self._read[head] = [(unit.name, outcome_of(unit)) for unit in units]
        return self._read[head]


def _head(outcome: str) -> str:
    """The owner that a label or an outcome names; units are looked up by it."""
    sort, _, rest = outcome.partition(":")
    return f"{sort}:{rest.partition(':')[0].partition('#')[0]}" if sort in ("item", "doc") else outcome


def _head_of_owner(owner: str) -> str:
    return f"doc:{_stem_of(owner)}" if owner.startswith("doc:") else owner


def judge(said: Sequence[str], best: Sequence[str], ok: Sequence[str], kind: str, *, likely: bool) -> str:
    """The verdict on the outcomes in `said`, best first.

    The first may be right; the first three, or only the first if not `likely`, may be of some help.
    """
    said = said[:3]
    first = said[0]
    if fits_any(first, best):
        return OK if first == "case" and kind == "consult" and len(best) > 1 else RIGHT
    looked_at, wanted = (said, (*ok, *best)) if likely else (said[:1], tuple(ok))
    if any(fits_any(one, wanted) for one in looked_at):
        return OK
    if (
        first == "refuse"
        and "case" in best
        and not any(one.startswith(("item", "doc", "route", "absent")) for one in best)
    ):
        return OK
    return USELESS if first in _CLAIMS_NOTHING or first.startswith("choices:") else WRONG


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text or "")


def _stem_of(owner: str) -> str:
    return owner.removeprefix("doc:").rsplit("/", 1)[-1].removesuffix(".md")
