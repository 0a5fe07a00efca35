"""The reason of an answer, and the row of the yearly report that counts it (条例 art. 50; 国办公开办函〔2021〕30号)."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from bot.disclosures.history import Flaw
from bot.disclosures.rules import DECISION_BASIS
from bot.disclosures.terms import Decision, Kind, Reason, RequestState, Step
from bot.disclosures.vocabulary import DECISIONS, REASONS, in_chinese, listed


class ReportRow(StrEnum):
    """A row of the report's third part, in the order of the form. Most have the value of the `Reason` they count."""

    NEW = "new"
    CARRIED_IN = "carried_in"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    CLASSIFIED = Reason.CLASSIFIED.value
    FORBIDDEN_BY_LAW = Reason.FORBIDDEN_BY_LAW.value
    SAFETY_AND_STABILITY = Reason.SAFETY_AND_STABILITY.value
    THIRD_PARTY_RIGHTS = Reason.THIRD_PARTY_RIGHTS.value
    INTERNAL_AFFAIRS = Reason.INTERNAL_AFFAIRS.value
    PROCESS_INFORMATION = Reason.PROCESS_INFORMATION.value
    ENFORCEMENT_FILE = Reason.ENFORCEMENT_FILE.value
    ADMINISTRATIVE_QUERY = Reason.ADMINISTRATIVE_QUERY.value
    NOT_HELD = Reason.NOT_HELD.value
    WOULD_HAVE_TO_BE_MADE = Reason.WOULD_HAVE_TO_BE_MADE.value
    STILL_UNCLEAR = Reason.STILL_UNCLEAR.value
    PETITION_OR_COMPLAINT = Reason.PETITION_OR_COMPLAINT.value
    REPEATED = Reason.REPEATED.value
    PUBLICATION = Reason.PUBLICATION.value
    EXCESSIVE = Reason.EXCESSIVE.value
    CONFIRMATION_OF_KNOWN = Reason.CONFIRMATION_OF_KNOWN.value
    NO_SUPPLEMENT = "no_supplement"
    FEE_NOT_PAID = Reason.FEE_NOT_PAID.value
    OTHER = Reason.OTHER.value
    TOTAL = "total"
    CARRIED_OUT = "carried_out"


RESULTS = tuple(
    row for row in ReportRow if row not in (ReportRow.NEW, ReportRow.CARRIED_IN, ReportRow.TOTAL, ReportRow.CARRIED_OUT)
)

# The reasons allowed for each outcome; none if the outcome alone decides the row.
ALLOWED: dict[Decision, tuple[Reason, ...]] = {
    Decision.ALREADY_PUBLIC: (),
    Decision.GRANTED: (),
    Decision.PARTLY_GRANTED: (),
    Decision.REFUSED: (
        Reason.CLASSIFIED,
        Reason.FORBIDDEN_BY_LAW,
        Reason.SAFETY_AND_STABILITY,
        Reason.THIRD_PARTY_RIGHTS,
        Reason.INTERNAL_AFFAIRS,
        Reason.PROCESS_INFORMATION,
        Reason.ENFORCEMENT_FILE,
    ),
    Decision.OTHER_LAW: (Reason.ADMINISTRATIVE_QUERY,),
    Decision.NOT_HELD: (Reason.NOT_HELD, Reason.STILL_UNCLEAR),
    Decision.NOT_RESPONSIBLE: (Reason.NOT_HELD,),
    Decision.NO_PROCESSING_NEEDED: (Reason.WOULD_HAVE_TO_BE_MADE,),
    Decision.REPEATED: (Reason.REPEATED,),
    Decision.NOT_HANDLED: (Reason.EXCESSIVE, Reason.CONFIRMATION_OF_KNOWN, Reason.FEE_NOT_PAID),
    Decision.COMPLAINT: (Reason.PETITION_OR_COMPLAINT,),
    Decision.PUBLICATION: (Reason.PUBLICATION,),
}
# Outcomes with several allowed reasons and no default: the clerk must name one.
_TO_BE_SAID = (Decision.REFUSED, Decision.NOT_HANDLED)


class ReasonMissing(ValueError):
    """An answer was recorded without the reason that the report needs."""


def implied(outcome: Decision) -> Reason | None:
    """The default reason of an outcome; None if the clerk must name one, or if the outcome has no reason."""
    return None if outcome in _TO_BE_SAID else next(iter(ALLOWED[outcome]), None)


def with_reason(step: Step) -> Step:
    """The step with the reason that its outcome implies, if none was given."""
    if step.outcome is None or step.reason is not None:
        return step
    return replace(step, reason=implied(step.outcome))


def flaw_in(step: Step) -> Flaw | None:
    """Why the reason of `step` is not allowed for its outcome; None if it is allowed."""
    if step.kind != Kind.ANSWERED or step.outcome is None:
        return None
    if step.reason is None and step.outcome not in _TO_BE_SAID:
        return None
    allowed = ALLOWED[step.outcome]
    if step.reason in allowed:
        return None
    outcome, basis = in_chinese(DECISIONS, step.outcome), DECISION_BASIS[step.outcome]
    if not allowed:
        return Flaw("reason", f"答复结果是“{outcome}”的，不填理由（{basis}）")
    choices = listed(in_chinese(REASONS, reason) for reason in allowed)
    asked = "必须写明理由" if step.reason is None else "不能用这个理由"
    return Flaw("reason", f"答复结果是“{outcome}”的，{asked}，只能填：{choices}（{basis}）")


def row_of(
    state: RequestState, outcome: Decision | None = None, reason: Reason | None = None, *, fee_awaited: bool = False
) -> ReportRow | None:
    """The row among `RESULTS` that counts a request in this state; None while it is open.

    Args:
        fee_awaited: whether an abandoned request waited for a fee, not for a supplement.

    Raises:
        ReasonMissing: the outcome needs a reason and none is given.
    """
    if state == RequestState.WITHDRAWN:
        return ReportRow.OTHER
    if state == RequestState.ABANDONED:
        return ReportRow.FEE_NOT_PAID if fee_awaited else ReportRow.NO_SUPPLEMENT
    if state != RequestState.ANSWERED or outcome is None:
        return None
    if outcome in (Decision.GRANTED, Decision.ALREADY_PUBLIC):
        return ReportRow.GRANTED
    if outcome == Decision.PARTLY_GRANTED:
        return ReportRow.PARTLY_GRANTED
    counted = reason or implied(outcome)
    if counted is None:
        raise ReasonMissing(outcome)
    return ReportRow(counted.value)
