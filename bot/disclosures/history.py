"""Which step can follow which. Messages are Chinese because a clerk reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.disclosures.clock import EXTENSION
from bot.disclosures.terms import CLOSING, Kind, Step

_DETAILS = ("respond_by", "working_days", "party", "consultation_id", "outcome")
_NEEDED = {
    Kind.SUPPLEMENT_REQUESTED: ("respond_by",),
    Kind.EXTENDED: ("working_days",),
    Kind.CONSULTATION_STARTED: ("party", "consultation_id"),
    Kind.CONSULTATION_ENDED: ("consultation_id",),
    Kind.ANSWERED: ("outcome",),
}


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a step; `field` is a field of `Step`."""

    field: str
    message: str


def flaw_in(earlier: Sequence[Step], step: Step) -> Flaw | None:
    """Why `step` cannot come after `earlier`, or None."""
    return _flaw_in_details(step) or _flaw_in_order(earlier, step)


def _flaw_in_details(step: Step) -> Flaw | None:
    needed = _NEEDED.get(step.kind, ())
    for detail in _DETAILS:
        is_given = getattr(step, detail) is not None
        if is_given != (detail in needed):
            return Flaw(detail, "这一环节不填此项" if is_given else "这一环节必须填")
    if step.respond_by is not None and step.respond_by < step.on:
        return Flaw("respond_by", "不能早于通知补正的日期")
    if step.working_days is not None and not 1 <= step.working_days <= EXTENSION.days:
        return Flaw("working_days", f"延长 1 至 {EXTENSION.days} 个工作日（{EXTENSION.basis}）")
    return None


def _flaw_in_order(earlier: Sequence[Step], step: Step) -> Flaw | None:
    kinds = [before.kind for before in earlier]
    if (step.kind == Kind.RECEIVED) != (not earlier):
        return Flaw("kind", "第一条、也只有第一条是收到申请")
    if any(kind in CLOSING for kind in kinds):
        return Flaw("kind", "申请已经答复或撤回，后面不能再有记录")
    if earlier and step.on < earlier[-1].on:
        return Flaw("on", "早于上一条的日期")
    awaits_supplement = kinds.count(Kind.SUPPLEMENT_REQUESTED) > kinds.count(Kind.SUPPLEMENT_RECEIVED)
    if step.kind == Kind.SUPPLEMENT_REQUESTED and awaits_supplement:
        return Flaw("kind", "上一次补正还没有收到")
    if step.kind == Kind.SUPPLEMENT_RECEIVED and not awaits_supplement:
        return Flaw("kind", "前面没有要求补正")
    if step.kind == Kind.EXTENDED and Kind.EXTENDED in kinds:
        return Flaw("kind", "只能延长一次")
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
