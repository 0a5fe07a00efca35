"""Checks whether a step can follow the earlier ones. The messages are in Chinese, for clerks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.disclosures.clock import awaited_supplement, last_day_for_answer
from bot.disclosures.rules import Rule
from bot.disclosures.terms import CLOSING, Kind, Step
from bot.workdays import add_working_days

_DETAILS = ("respond_by", "working_days", "party", "consultation_id", "outcome")
_NEEDED = {
    Kind.SUPPLEMENT_REQUESTED: ("respond_by",),
    Kind.EXTENDED: ("working_days",),
    Kind.CONSULTATION_STARTED: ("party", "consultation_id"),
    Kind.CONSULTATION_ENDED: ("consultation_id",),
    Kind.ANSWERED: ("outcome",),
}
# Steps that cannot be recorded while a supplement is awaited, because no time limit runs for the agency.
_NOT_BEFORE_SUPPLEMENT = {
    Kind.SUPPLEMENT_REQUESTED: "不能再次要求补正",
    Kind.EXTENDED: "没有可以延长的答复期限",
    Kind.CONSULTATION_STARTED: "不能征求意见",
}


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a step; `field` is a field of `Step`."""

    field: str
    message: str


def flaw_in(earlier: Sequence[Step], step: Step) -> Flaw | None:
    """Why `step` cannot come after `earlier`, or None."""
    return _flaw_in_details(step) or _flaw_in_order(earlier, step) or _flaw_in_time(earlier, step)


def _flaw_in_details(step: Step) -> Flaw | None:
    needed = _NEEDED.get(step.kind, ())
    for detail in _DETAILS:
        is_given = getattr(step, detail) is not None
        if is_given != (detail in needed):
            return Flaw(detail, "这一环节不填此项" if is_given else "这一环节必须填")
    if step.reason is not None and step.kind != Kind.ANSWERED:
        return Flaw("reason", "这一环节不填此项")
    if step.respond_by is not None and step.respond_by < step.on:
        return Flaw("respond_by", "不能早于通知补正的日期")
    if step.working_days is not None and not 1 <= step.working_days <= Rule.EXTENSION.length:
        return Flaw("working_days", f"延长 1 至 {Rule.EXTENSION.length} 个工作日（{Rule.EXTENSION.basis}）")
    return None


def _flaw_in_order(earlier: Sequence[Step], step: Step) -> Flaw | None:
    kinds = [before.kind for before in earlier]
    if (step.kind == Kind.RECEIVED) != (not earlier):
        return Flaw("kind", "第一条、也只有第一条是收到申请")
    if any(kind in CLOSING for kind in kinds):
        return Flaw("kind", "申请已经答复或撤回，后面不能再有记录")
    if earlier and step.on < earlier[-1].on:
        return Flaw("on", f"早于上一条的日期 {earlier[-1].on}" + ("（收到申请）" if len(earlier) == 1 else ""))
    awaited = awaited_supplement(earlier)
    if step.kind == Kind.SUPPLEMENT_RECEIVED and awaited is None:
        return Flaw("kind", "前面没有要求补正")
    if awaited is not None and step.kind in _NOT_BEFORE_SUPPLEMENT:
        is_over = awaited.respond_by is not None and step.on > awaited.respond_by
        why = "逾期没有补正，不再处理" if is_over else "还没有收到补正"
        return Flaw("kind", f"{why}，{_NOT_BEFORE_SUPPLEMENT[step.kind]}（{Rule.SUPPLEMENT.basis}）")
    if step.kind == Kind.EXTENDED and Kind.EXTENDED in kinds:
        return Flaw("kind", f"只能延长一次（{Rule.EXTENSION.basis}）")
    if step.consultation_id is not None:
        return _flaw_in_consultation(earlier, step)
    return None


def _flaw_in_time(earlier: Sequence[Step], step: Step) -> Flaw | None:
    if step.kind == Kind.EXTENDED:
        due_on = last_day_for_answer(earlier[0].on, earlier)
        if step.on > due_on:
            return Flaw("on", f"答复期限已在 {due_on} 届满，不能再延长（{Rule.EXTENSION.basis}）")
    if step.kind == Kind.SUPPLEMENT_REQUESTED:
        # For an unclear supplement the days count from the day on which the supplement was received.
        begins_on = next(
            before.on for before in reversed(earlier) if before.kind in (Kind.RECEIVED, Kind.SUPPLEMENT_RECEIVED)
        )
        last = add_working_days(begins_on, Rule.CHECK.length)
        if step.on > last:
            limit = f"要求补正要在收到后 {Rule.CHECK.length} 个工作日内告知"
            return Flaw("on", f"{limit}，最晚 {last}（{Rule.CHECK.basis}）")
    return None


def _flaw_in_consultation(earlier: Sequence[Step], step: Step) -> Flaw | None:
    of_this = [before.kind for before in earlier if before.consultation_id == step.consultation_id]
    if step.kind == Kind.CONSULTATION_STARTED and of_this:
        return Flaw("consultation_id", "这个征求编号已经用过")
    if step.kind == Kind.CONSULTATION_ENDED and of_this != [Kind.CONSULTATION_STARTED]:
        return Flaw("consultation_id", "没有这个编号的、尚未结束的征求意见")
    return None
