"""Checks whether a step can follow the earlier ones. The messages are in Chinese, for clerks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.disclosures.reply_period import awaited
from bot.disclosures.rules import Rule
from bot.disclosures.terms import CLOSING, Kind, Step

_NEEDED = {
    Kind.SUPPLEMENT_REQUESTED: ("respond_by",),
    Kind.EXTENDED: ("working_days",),
    Kind.CONSULTATION_STARTED: ("party", "consultation_id"),
    Kind.CONSULTATION_ENDED: ("consultation_id",),
    Kind.POSTPONED: ("until",),
    Kind.ANSWERED: ("outcome",),
}
_OPTIONAL = {Kind.FEE_NOTIFIED: ("amount", "pay_by"), Kind.ANSWERED: ("reason",)}
_DETAILS = ("respond_by", "working_days", "party", "consultation_id", "amount", "pay_by", "until", "outcome", "reason")
# Dates that lie ahead of the step that tells them, with what the step is.
_LATER = {"respond_by": "通知补正", "pay_by": "通知收费", "until": "告知延迟"}


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a step; `field` is a field of `Step`."""

    field: str
    message: str


def flaw_in(earlier: Sequence[Step], step: Step) -> Flaw | None:
    """Why `step` cannot come after `earlier`, or None.

    A step that could happen but is not allowed by law is no flaw: `bot.disclosures.effects` says that it has no effect.
    """
    return _flaw_in_details(step) or _flaw_in_order(earlier, step)


def _flaw_in_details(step: Step) -> Flaw | None:
    needed, optional = _NEEDED.get(step.kind, ()), _OPTIONAL.get(step.kind, ())
    for detail in _DETAILS:
        is_given = getattr(step, detail) is not None
        if is_given and detail not in (*needed, *optional):
            return Flaw(detail, "这一环节不填此项")
        if not is_given and detail in needed:
            return Flaw(detail, "这一环节必须填")
    for detail, told in _LATER.items():
        day = getattr(step, detail)
        if day is not None and day < step.on:
            return Flaw(detail, f"不能早于{told}的日期")
    if step.working_days is not None and not 1 <= step.working_days <= Rule.EXTENSION.length:
        return Flaw("working_days", f"延长 1 至 {Rule.EXTENSION.length} 个工作日（{Rule.EXTENSION.basis}）")
    if step.amount is not None and step.amount <= 0:
        return Flaw("amount", "收费金额要大于零")
    return None


def _flaw_in_order(earlier: Sequence[Step], step: Step) -> Flaw | None:
    kinds = [before.kind for before in earlier]
    if (step.kind == Kind.RECEIVED) != (not earlier):
        return Flaw("kind", "第一条、也只有第一条是收到申请")
    if any(kind in CLOSING for kind in kinds):
        return Flaw("kind", "申请已经答复或撤回，后面不能再有记录")
    if earlier and step.on < earlier[-1].on:
        return Flaw("on", f"早于上一条的日期 {earlier[-1].on}" + ("（收到申请）" if len(earlier) == 1 else ""))
    asked = awaited(earlier)
    if step.kind == Kind.SUPPLEMENT_RECEIVED and (asked is None or asked.kind != Kind.SUPPLEMENT_REQUESTED):
        return Flaw("kind", "前面没有要求补正")
    if step.kind == Kind.FEE_PAID and (asked is None or asked.kind != Kind.FEE_NOTIFIED):
        return Flaw("kind", "前面没有通知收费")
    if step.consultation_id is not None:
        return _flaw_in_consultation(earlier, step)
    return None


def _flaw_in_consultation(earlier: Sequence[Step], step: Step) -> Flaw | None:
    of_this = [before.kind for before in earlier if before.consultation_id == step.consultation_id]
    if step.kind == Kind.CONSULTATION_STARTED and of_this:
        return Flaw("consultation_id", "这个征求编号已经用过")
    if step.kind == Kind.CONSULTATION_ENDED and of_this != [Kind.CONSULTATION_STARTED]:
        return Flaw("consultation_id", "没有这个编号的、尚未结束的征求意见")
    return None
