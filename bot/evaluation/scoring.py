"""Judges replies, and computes the figures over many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.subjects import (
    ApprovalChoices,
    ApprovalItem,
    DisclosureStatus,
    JointServiceGuide,
    OfficeFound,
    OtherDoor,
    Subject,
    subject_of,
)
from bot.evaluation.cases import OUTCOMES, ConversationCase, MessageCase, TurnCase
from bot.evaluation.titles import KIND_TITLES
from bot.language.facets import FACET_TITLES

Reply = dict[str, Any]

_OUTCOME_OF = {
    Outcome.CHOICES_OFFERED: "choices",
    Outcome.NOT_IN_CATALOGUE: "not_in_catalogue",
    Outcome.OUT_OF_SCOPE: "out_of_scope",
    Outcome.ANSWERED_BY_PASSAGE: "policy",
    Outcome.IDENTITY_ASKED: "disclosure_status",
    Outcome.IDENTITY_REFUSED: "disclosure_status",
    Outcome.HANDED_OVER: "handoff",
    Outcome.PERSON_OFFERED: "handoff",
    Outcome.SMALLTALK: "smalltalk",
    Outcome.NOTHING_FOUND: "nothing_found",
    Outcome.ASKED_BACK: "asked_back",
    Outcome.ROUTED: "routed",
    Outcome.FILING: "filing",
}
# Expected outcome → other outcomes that serve the citizen as well. For a matter that is not ours, “not in the
# catalogue” and “nothing found” are refusals too, and the right route is better than either. A question about rules
# may be answered by the record of the item that it is about.
_AS_GOOD = {
    "out_of_scope": ("nothing_found", "not_in_catalogue", "asked_back", "routed"),
    "not_in_catalogue": ("nothing_found", "out_of_scope", "routed"),
    "feedback_wrong": ("asked_back", "handoff"),
    "policy": ("item",),
}


@dataclass(frozen=True)
class Judged:
    """A message and how it was answered: `got` is one of `OUTCOMES` or a value of `_OUTCOME_OF`, else failed."""

    case: MessageCase
    got: str
    codes: tuple[str, ...]
    facet: str | None
    intent: str

    @property
    def is_right(self) -> bool:
        if self.case.outcome in ("item", "choices"):
            return self.item_is_right
        return self.got == self.case.outcome or self.got in _AS_GOOD.get(self.case.outcome, ())

    @property
    def item_is_right(self) -> bool:
        """The item meant was answered; where several fit, one of them was answered or they were offered."""
        if self.case.outcome == "item":
            return self.got == "item" and self.codes[0] in self.case.items
        return self.got in ("item", "choices") and bool(set(self.codes) & set(self.case.items))

    @property
    def is_wrong_item(self) -> bool:
        """An item was answered that was not meant: the worst that can happen."""
        return self.got == "item" and self.codes[0] not in self.case.items and self.case.outcome != "policy"

    @property
    def facet_is_right(self) -> bool:
        return self.facet in self.case.facets


def judge(case: MessageCase, replies: Sequence[Reply]) -> Judged:
    """`replies` as the engine's channel gives them, `turn` included."""
    first = replies[0] if replies else {}
    about = subject_of(first)
    how = Provenance.of(first)
    intent = (how.intent if how else None) or ""
    if isinstance(about, (ApprovalItem, JointServiceGuide)):
        return Judged(case, "item", (about.code,), _facet(about) or "overview", intent)
    if isinstance(about, DisclosureStatus):
        return Judged(case, "disclosure_status", (), None, intent)
    got = _OUTCOME_OF.get(how.outcome, "failed") if how else "failed"
    return Judged(case, got, _codes(about), None, intent)


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """Shares of the messages that each figure is about, 0 to 1."""
    about_items = [one for one in judged if one.case.outcome == "item"]
    with_facet = [one for one in about_items if one.case.facets and one.item_is_right]
    foreign = [one for one in judged if one.case.outcome == "out_of_scope"]
    absent = [one for one in judged if one.case.outcome == "not_in_catalogue"]
    ambiguous = [one for one in judged if one.case.outcome == "choices"]
    return {
        "right_outcome": _share(one.is_right for one in judged),
        "item_right": _share(one.item_is_right for one in about_items),
        "item_offered": _share(one.got == "choices" and one.case.items[0] in one.codes for one in about_items),
        "facet_right": _share(one.facet_is_right for one in with_facet),
        "wrong_item": _share(one.is_wrong_item for one in judged),
        "choices_offered": _share(one.got == "choices" and one.item_is_right for one in ambiguous),
        "out_of_scope_refused": _share(one.is_right for one in foreign),
        "absent_refused": _share(one.is_right for one in absent),
    }


def confusion(judged: Iterable[Judged]) -> dict[str, Counter[str]]:
    """What was meant → what it was taken for, with counts."""
    table = {outcome: Counter[str]() for outcome in OUTCOMES}
    for one in judged:
        got = one.got if not one.is_wrong_item else "wrong item"
        table[one.case.outcome][got] += 1
    return table


def conversation_flaw(conversation: ConversationCase, replies: Sequence[Sequence[Reply]]) -> str | None:
    """The first turn whose reply is not as it must be, in Chinese, since a supervisor reads it; None if all are.

    `replies`: those of each turn.
    """
    offered: Sequence[str] = ()
    current: str | None = None
    for turn, answered in zip(conversation.turns, replies, strict=True):
        subjects = [subject_of(reply) for reply in answered]
        about = subjects[0] if subjects else None
        expected = turn.code or (_picked(turn, offered) if turn.pick else current if turn.facets else None)
        flaw = _turn_flaw(turn, about, expected, [_facet(other) for other in subjects])
        if flaw:
            return f"“{turn.say}”：{flaw}"
        offered = _codes(about) or offered
        current = _code(about) or current
    return None


def _turn_flaw(turn: TurnCase, about: Subject | None, expected: str | None, facets: Sequence[str | None]) -> str | None:
    kind = about.kind if about else None
    if kind != turn.kind:
        return f"{_told(kind, _code(about))}，应当{_told(turn.kind, turn.code)}"
    if isinstance(about, (ApprovalItem, JointServiceGuide)) and expected and about.code != expected:
        return f"答的是 {about.code}，应当是 {expected}"
    if turn.codes and not set(turn.codes) <= set(_codes(about)):
        return f"请对方选的是 {'、'.join(_codes(about))}，应当有 {'、'.join(turn.codes)}"
    if turn.facets and not set(turn.facets) & set(facets):
        return f"答的要素是{_facet_titles(facets)}，应当是{_facet_titles(turn.facets)}"
    return None


def _told(kind: str | None, code: str | None) -> str:
    title = KIND_TITLES.get(kind, kind) if kind else "没有答复"
    return f"{title} {code}" if code else title


def _facet_titles(facets: Iterable[str | None]) -> str:
    return "、".join(FACET_TITLES[facet] for facet in facets if facet) or "没有"


def _code(about: Subject | None) -> str | None:
    return about.code if isinstance(about, (ApprovalItem, JointServiceGuide, OtherDoor, OfficeFound)) else None


def _codes(about: Subject | None) -> tuple[str, ...]:
    return about.codes if isinstance(about, ApprovalChoices) else ()


def _facet(about: Subject | None) -> str | None:
    return about.facet if isinstance(about, ApprovalItem) else None


def _picked(turn: TurnCase, offered: Sequence[str]) -> str | None:
    place = len(offered) if turn.pick == "last" else int(turn.pick or 0)
    return offered[place - 1] if 1 <= place <= len(offered) else None


def _share(values: Iterable[bool]) -> float:
    counted = list(values)
    return sum(counted) / len(counted) if counted else 0.0
