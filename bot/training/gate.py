"""Whether a new model may go live: no figure below its floor, none much worse than the live model's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# By how much a share may be worse than the live model's: a few messages more or fewer.
TOLERANCES = {
    "right_outcome": 0.01,
    "item_right": 0.01,
    "facet_right": 0.015,
    "wrong_item": 0.003,
    "choices_offered": 0.05,
    "out_of_scope_refused": 0.02,
    "absent_refused": 0.02,
    "intent_accuracy": 0.015,
    "intent_macro_f1": 0.02,
    "conversations_right": 0.0,
    "conversation_tests_right": 0.0,
    "lessons_right": 0.0,
    # Two of 40 letters and two of 56 turns fewer may be right; one letter and one turn more may be wrong.
    "letters_right": 0.05,
    "letters_wrong": 0.025,
    "turns_right": 0.036,
    "turns_wrong": 0.018,
}
# Figures that are better when they are lower.
ERRORS = frozenset({"wrong_item", "letters_wrong", "turns_wrong"})
# Allows for rounding in floating point.
_HAIR = 1e-9


@dataclass(frozen=True)
class GateLimits:
    """Shares, 0 to 1, by figure, as in `bot/evaluation/sets/floors.yml`."""

    at_least: Mapping[str, float]
    at_most: Mapping[str, float]


@dataclass(frozen=True)
class Refusal:
    """`allowed`: the worst value of `figure` that would have passed. `is_floor`: a fixed limit,
    not one that follows from the live model."""

    figure: str
    live: float | None
    candidate: float
    allowed: float
    is_floor: bool

    @property
    def in_words(self) -> str:
        """In Chinese, since a supervisor reads it."""
        side = "高于" if self.figure in ERRORS else "低于"
        line = "底线" if self.is_floor else f"使用中的模型（{self.live:.3f}）允许的"
        return f"{self.figure} {self.candidate:.3f} {side}{line} {self.allowed:.3f}"


def refusals(live: Mapping[str, float], candidate: Mapping[str, float], limits: GateLimits) -> list[Refusal]:
    """Why the candidate may not go live; empty if it may. A missing figure breaks its floor."""
    found = []
    for figure, floor in limits.at_least.items():
        got = candidate.get(figure, 0.0)
        if got < floor - _HAIR:
            found.append(Refusal(figure, live.get(figure), got, floor, is_floor=True))
    for figure, ceiling in limits.at_most.items():
        got = candidate.get(figure, 1.0)
        if got > ceiling + _HAIR:
            found.append(Refusal(figure, live.get(figure), got, ceiling, is_floor=True))
    for figure, tolerance in TOLERANCES.items():
        if figure not in live or figure not in candidate:
            continue
        is_error = figure in ERRORS
        allowed = live[figure] + tolerance if is_error else live[figure] - tolerance
        is_worse = candidate[figure] > allowed + _HAIR if is_error else candidate[figure] < allowed - _HAIR
        if is_worse:
            found.append(Refusal(figure, live[figure], candidate[figure], allowed, is_floor=False))
    return found
