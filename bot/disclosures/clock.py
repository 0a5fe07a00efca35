"""The statutory time limits of a disclosure request. Pure functions of dates; `bot.disclosures.rules` has the law.

    assess(date(2026, 11, 10), steps, today=date(2026, 11, 24)).due_on  # 2026-12-08

The day of receipt is not counted (民法典 art. 201); the twentieth working day after it is the last day for the answer.
The clock does not check its input: `bot.disclosures.history` refuses impossible steps.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from bot.disclosures.effects import WithoutEffect, with_effect
from bot.disclosures.reply_period import Pause, ReplyPeriod, awaited, last_day, last_day_of_applicant, reply_period
from bot.disclosures.rules import CONSULTATION, NOT_HEARD, REFUSALS, Rule, decision_basis, in_force
from bot.disclosures.terms import CLOSING, Decision, Kind, Party, Reason, RequestState, Step
from bot.workdays import count_working_days, is_published


class RemedyKind(StrEnum):
    RECONSIDERATION = "reconsideration"
    LITIGATION = "litigation"
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class Remedy:
    """A legal remedy of the applicant.

    `by` is the last day, counted from the recorded day; None if there is no limit or the time does not run yet.
    `after_reconsideration`: a court hears the case only after reconsideration, and the time limit runs from the
    reconsideration decision (行政诉讼法 art. 45).
    """

    kind: RemedyKind
    legal_basis: tuple[str, ...]
    by: date | None = None
    after_reconsideration: bool = False

    @property
    def provisional(self) -> bool:
        return self.by is not None and not is_published(self.by)


COMPLAINT = Remedy(RemedyKind.COMPLAINT, (Rule.REMEDY.basis, Rule.SUPERVISION.basis))
# State, next step and article of a request that waits for the applicant, and its next step once that is over.
_WAITING = {
    Kind.SUPPLEMENT_REQUESTED: (
        RequestState.AWAITING_SUPPLEMENT,
        "supplement",
        Rule.SUPPLEMENT,
        "explain_or_apply_again",
    ),
    Kind.FEE_NOTIFIED: (RequestState.AWAITING_PAYMENT, "pay", Rule.FEE_PAYMENT, "fee_not_paid"),
}


@dataclass(frozen=True)
class Assessment:
    """The legal state of a request on a day.

    `due_on` is the last day for the answer. During a consultation it is the latest possible day; it stays after the
    answer. None while a supplement or a fee is awaited, and if the request ended without an answer.
    `working_days_left`: after today up to and including `due_on`; 0 on the last day, negative when overdue (0 until a
    working day has passed since), None while paused or ended.
    `paused`: the time limit does not run. `overdue`: the time is over without an answer.
    `provisional`: the holidays of the year of `due_on` are not published yet.
    `respond_by`, `pay_by`: the last day for the supplement or the fee that is awaited, or that did not come. `amount`:
    in yuan.
    `consulted`: the parties whose opinion is awaited; `lapsed`: those that gave none in time.
    `postponed_to`: the later day that was told under art. 35, if it counts.
    `without_effect`: steps that the law does not allow, so they moved no date.
    `next_step` is a key of the wording.
    """

    state: RequestState
    next_step: str
    legal_basis: tuple[str, ...]
    due_on: date | None = None
    working_days_left: int | None = None
    paused: bool = False
    overdue: bool = False
    provisional: bool = False
    respond_by: date | None = None
    pay_by: date | None = None
    amount: int | None = None
    postponed_to: date | None = None
    consulted: tuple[Party, ...] = ()
    lapsed: tuple[Party, ...] = ()
    outcome: Decision | None = None
    reason: Reason | None = None
    answered_on: date | None = None
    answered_late: bool = False
    remedies: tuple[Remedy, ...] = ()
    without_effect: tuple[WithoutEffect, ...] = ()

    def why_without_effect(self, step: Step) -> str | None:
        """Why a recorded step has no legal effect, in Chinese; None if it has effect."""
        return next((void.why for void in self.without_effect if void.step == step), None)


def assess(received_on: date, steps: Sequence[Step], today: date) -> Assessment:
    """The state of the request on `today`. `steps` are in order; those after `today` are ignored."""
    seen, void = with_effect(received_on, [step for step in steps if step.on <= today])
    return replace(_assessed(received_on, seen, today), without_effect=tuple(void))


def _assessed(received_on: date, seen: Sequence[Step], today: date) -> Assessment:
    closing = next((step for step in seen if step.kind in CLOSING), None)
    asked = awaited(seen)
    if closing is not None and closing.kind == Kind.WITHDRAWN:
        return Assessment(RequestState.WITHDRAWN, "apply_again", (Rule.RIGHT_TO_ASK.basis,))
    if closing is not None:
        return _answered(closing, None if asked else reply_period(received_on, seen), _bases(seen), today)
    if asked is not None:
        return _awaiting(asked, today)
    return _running(reply_period(received_on, seen), seen, today)


def _awaiting(asked: Step, today: date) -> Assessment:
    """The reply period starts anew with the supplement (art. 30) or the fee (信息处理费管理办法 art. 6).

    Without it in time, the request is abandoned. The agency no longer handles it, and this can be remedied as well.
    """
    state, next_step, rule, next_step_in_vain = _WAITING[asked.kind]
    by = last_day_of_applicant(asked)
    is_fee = asked.kind == Kind.FEE_NOTIFIED
    waiting = Assessment(
        state,
        next_step,
        (Rule.FEE.basis, rule.basis) if is_fee else (rule.basis,),
        paused=True,
        respond_by=None if is_fee else by,
        pay_by=by if is_fee else None,
        amount=asked.amount,
    )
    if by is None or today <= by:
        return waiting
    rules = (Rule.REMEDY, Rule.NOT_PROVIDED, *((Rule.FEE_REMEDY,) if is_fee else ()))
    return replace(
        waiting,
        state=RequestState.ABANDONED,
        next_step=next_step_in_vain,
        paused=False,
        remedies=(COMPLAINT, *_reconsideration_or_court(by, rules, today)),
    )


def _running(period: ReplyPeriod, seen: Sequence[Step], today: date) -> Assessment:
    due_on = period.due_on
    overdue = today > due_on
    opinions = [pause for pause in period.pauses if pause.is_open]
    consulted = () if overdue else _parties(pause for pause in opinions if today <= pause.ends_on)
    lapsed = _parties(pause for pause in opinions if today > pause.ends_on)
    if consulted:
        state, next_step = RequestState.CONSULTING, "opinion"
    elif period.extension or period.postponed_to:
        state, next_step = RequestState.EXTENDED, "answer"
    elif (
        all(step.kind == Kind.RECEIVED for step in seen)
        and count_working_days(period.starts_on, today) <= Rule.CHECK.length
    ):
        state, next_step = RequestState.RECEIVED, "check"
    else:
        state, next_step = RequestState.IN_PROCESS, "answer"
    bases = _bases(seen)
    remedies: tuple[Remedy, ...] = ()
    if overdue:
        next_step = "remind"
        remedies = _against_silence(due_on, today)
        bases += (Rule.REMEDY.basis,)
    elif state == RequestState.RECEIVED:
        bases += (Rule.CHECK.basis,)
    return Assessment(
        state,
        next_step,
        _once_each(bases),
        due_on=due_on,
        working_days_left=None if consulted else _working_days_left(today, due_on),
        paused=bool(consulted),
        overdue=overdue,
        provisional=not is_published(due_on),
        consulted=consulted,
        lapsed=lapsed,
        postponed_to=period.postponed_to,
        remedies=remedies,
    )


def _answered(answer: Step, period: ReplyPeriod | None, bases: tuple[str, ...], today: date) -> Assessment:
    """`period` is None if the agency answered before the supplement or fee that it had asked for arrived."""
    outcome = answer.outcome or Decision.GRANTED
    due_on = period.due_on if period else None
    is_late = due_on is not None and answer.on > due_on
    return Assessment(
        RequestState.ANSWERED,
        f"answered_{outcome}",
        _once_each((decision_basis(outcome, answer.reason), *bases)),
        due_on=due_on,
        provisional=due_on is not None and not is_published(due_on),
        outcome=outcome,
        reason=answer.reason,
        answered_on=answer.on,
        answered_late=is_late,
        remedies=(*_against(answer, today), *((COMPLAINT,) if is_late else ())),
    )


def _working_days_left(today: date, due_on: date) -> int:
    return count_working_days(today, due_on) if today <= due_on else -count_working_days(due_on, today)


def _parties(pauses: Iterable[Pause]) -> tuple[Party, ...]:
    return tuple(dict.fromkeys(pause.party for pause in pauses))


def _bases(seen: Sequence[Step]) -> tuple[str, ...]:
    """The articles that decide the time limit for the answer; those of the basic 20 working days come first."""
    bases = [Rule.REPLY.basis, Rule.RECEIPT.basis]
    for step in seen:
        if step.kind == Kind.SUPPLEMENT_RECEIVED:
            bases.append(Rule.SUPPLEMENT.basis)
        elif step.kind == Kind.EXTENDED:
            bases.append(Rule.EXTENSION.basis)
        elif step.kind == Kind.CONSULTATION_STARTED:
            bases += [CONSULTATION[step.party or Party.THIRD_PARTY].basis, Rule.EXCLUSION.basis]
        elif step.kind == Kind.FEE_PAID:
            bases += [Rule.FEE.basis, Rule.FEE_PAYMENT.basis]
        elif step.kind == Kind.POSTPONED:
            bases.append(Rule.POSTPONEMENT.basis)
    return _once_each(bases)


def _against(answer: Step, today: date) -> tuple[Remedy, ...]:
    """After `granted` the remedy is against information that is not what was asked for."""
    outcome = answer.outcome or Decision.GRANTED
    if outcome in REFUSALS:
        return _reconsideration_first(answer.on, (Rule.REVIEW_OF_REFUSAL_FIRST, Rule.REFUSAL), today)
    if outcome == Decision.GRANTED:
        return _reconsideration_or_court(answer.on, (Rule.REMEDY, Rule.MISMATCH), today)
    if outcome in (Decision.NOT_HELD, Decision.NOT_HANDLED):
        return _reconsideration_or_court(answer.on, (Rule.REMEDY, Rule.NOT_PROVIDED), today)
    if outcome in NOT_HEARD:
        return _reconsideration_or_court(answer.on, (Rule.REMEDY,), today, (Rule.COURT_DECLINES,))
    return _reconsideration_or_court(answer.on, (Rule.REMEDY,), today)


def _against_silence(due_on: date, today: date) -> tuple[Remedy, ...]:
    """Failure to act (未履行法定职责): the sixty days for reconsideration run from the last day for the answer."""
    return (COMPLAINT, *_reconsideration_first(due_on, (Rule.REVIEW_OF_SILENCE_FIRST, Rule.SILENCE), today))


def _reconsideration_first(begins_on: date, why: Sequence[Rule], today: date) -> tuple[Remedy, ...]:
    court = (why[0], Rule.COURT_AFTER_REVIEW, Rule.COURT_AFTER_SILENT_REVIEW)
    return (
        Remedy(
            RemedyKind.RECONSIDERATION,
            in_force((Rule.REMEDY, Rule.REVIEW, *why), today),
            _reconsideration_by(begins_on),
        ),
        Remedy(RemedyKind.LITIGATION, in_force(court, today), after_reconsideration=True),
    )


def _reconsideration_or_court(
    begins_on: date, why: Sequence[Rule], today: date, on_court: Sequence[Rule] = ()
) -> tuple[Remedy, ...]:
    return (
        Remedy(RemedyKind.RECONSIDERATION, in_force((*why, Rule.REVIEW), today), _reconsideration_by(begins_on)),
        Remedy(RemedyKind.LITIGATION, in_force((*why, Rule.COURT, *on_court), today), _litigation_by(begins_on)),
    )


def _reconsideration_by(begins_on: date) -> date:
    return last_day(begins_on + timedelta(days=Rule.REVIEW.length))


def _litigation_by(begins_on: date) -> date:
    """Six months later: the same day of the month, or the last day of a shorter month (民法典 art. 202)."""
    years, month = divmod(begins_on.month - 1 + Rule.COURT.length, 12)
    year, month = begins_on.year + years, month + 1
    return last_day(date(year, month, min(begins_on.day, monthrange(year, month)[1])))


def _once_each(bases: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(bases))
