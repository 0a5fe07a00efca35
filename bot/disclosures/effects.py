"""Which steps have legal effect. A step that the law does not allow is still recorded, but it moves no date.

A register must show what really happened, for example an extension that was told after the last day. It must not let
an agency gain time by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.disclosures.reply_period import awaited, reply_period
from bot.disclosures.rules import Rule
from bot.disclosures.terms import Kind, Step
from bot.workdays import add_working_days

# Steps that need a reply period that runs: none runs while a supplement or a fee is awaited.
_NEEDS_RUNNING_PERIOD = frozenset(
    {Kind.SUPPLEMENT_REQUESTED, Kind.EXTENDED, Kind.CONSULTATION_STARTED, Kind.FEE_NOTIFIED, Kind.POSTPONED}
)
_WHILE_AWAITED = {
    Kind.SUPPLEMENT_REQUESTED: f"还在等申请人补正，没有在计算的答复期限（{Rule.SUPPLEMENT.basis}）",
    Kind.FEE_NOTIFIED: f"还在等申请人缴费，没有在计算的答复期限（{Rule.FEE_PAYMENT.basis}）",
}
_BASES = {
    Kind.EXTENDED: Rule.EXTENSION.basis,
    Kind.CONSULTATION_STARTED: Rule.EXCLUSION.basis,
    Kind.FEE_NOTIFIED: Rule.FEE_PAYMENT.basis,
    Kind.POSTPONED: Rule.POSTPONEMENT.basis,
}


@dataclass(frozen=True)
class WithoutEffect:
    """A step that has no legal effect; `why` in Chinese, with the article."""

    step: Step
    why: str


def with_effect(received_on: date, steps: Sequence[Step]) -> tuple[list[Step], list[WithoutEffect]]:
    """The steps that have legal effect, and those that have none, both in order."""
    valid: list[Step] = []
    void: list[WithoutEffect] = []
    for step in steps:
        why = why_without_effect(received_on, valid, step)
        if why is None:
            valid.append(step)
        else:
            void.append(WithoutEffect(step, why))
    return valid, void


def why_without_effect(received_on: date, valid: Sequence[Step], step: Step) -> str | None:
    """Why `step` has no legal effect after the steps in `valid`, in Chinese; None if it has effect."""
    kinds = [earlier.kind for earlier in valid]
    asked = awaited(valid)
    if step.kind in (Kind.SUPPLEMENT_RECEIVED, Kind.FEE_PAID):
        return _why_nothing_was_due(asked, step)
    if step.kind not in _NEEDS_RUNNING_PERIOD:
        return None
    if asked is not None:
        return _WHILE_AWAITED[asked.kind]
    if step.kind == Kind.SUPPLEMENT_REQUESTED:
        return _why_supplement_is_void(received_on, kinds, step)
    due_on = reply_period(received_on, valid).due_on
    if step.on > due_on:
        return f"答复期限已在 {due_on} 届满（{_BASES[step.kind]}）"
    if step.kind == Kind.EXTENDED and Kind.EXTENDED in _since_last_start(kinds):
        return f"只能延长一次（{Rule.EXTENSION.basis}）"
    if step.kind == Kind.FEE_NOTIFIED and Kind.FEE_NOTIFIED in kinds:
        return f"已经通知过收费（{Rule.FEE_PAYMENT.basis}）"
    return None


def _why_nothing_was_due(asked: Step | None, step: Step) -> str | None:
    wanted = Kind.SUPPLEMENT_REQUESTED if step.kind == Kind.SUPPLEMENT_RECEIVED else Kind.FEE_NOTIFIED
    if asked is not None and asked.kind == wanted:
        return None
    if step.kind == Kind.SUPPLEMENT_RECEIVED:
        return f"补正通知没有效力，答复期限不重新算（{Rule.SUPPLEMENT.basis}）"
    return f"收费通知没有效力，答复期限不重新算（{Rule.FEE_PAYMENT.basis}）"


def _why_supplement_is_void(received_on: date, kinds: Sequence[Kind], step: Step) -> str | None:
    if Kind.SUPPLEMENT_REQUESTED in kinds:
        return f"补正只能一次性告知（{Rule.CHECK.basis}）"
    last = add_working_days(received_on, Rule.CHECK.length)
    if step.on > last:
        return f"要求补正要在收到后 {Rule.CHECK.length} 个工作日内告知，最晚 {last}（{Rule.CHECK.basis}）"
    return None


def _since_last_start(kinds: Sequence[Kind]) -> Sequence[Kind]:
    """The kinds after the last supplement or payment, with which a new reply period began."""
    starts = [place for place, kind in enumerate(kinds) if kind in (Kind.SUPPLEMENT_RECEIVED, Kind.FEE_PAID)]
    return kinds[starts[-1] :] if starts else kinds
