"""The statutory time limits of a disclosure request. Pure functions of dates; `bot.disclosures.rules` has the law.

    assess(date(2026, 11, 10), steps, today=date(2026, 11, 24)).due_on  # 2026-12-08

The day of receipt is not counted (民法典 art. 201); the twentieth working day after it is the last day for the answer.
The clock does not check its input: `bot.disclosures.history` refuses impossible steps.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from bot.disclosures.rules import CONSULTATION, REFUSALS, Rule, decision_basis
from bot.disclosures.terms import CLOSING, Decision, Kind, Party, Reason, State, Step
from bot.workdays import (
    add_working_days,
    count_working_days,
    is_published,
    is_working_day,
    next_working_day,
)


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


@dataclass(frozen=True)
class Assessment:
    """The legal state of a request on a day.

    `due_on` is the last day for the answer. During a consultation it is the latest possible day; it stays after the
    answer. None while a supplement is awaited, and if the request ended without an answer.
    `working_days_left`: after today up to and including `due_on`; 0 on the last day, negative when overdue (0 until a
    working day has passed since), None while paused or ended.
    `paused`: the time limit does not run. `overdue`: the time is over without an answer.
    `provisional`: the holidays of the year of `due_on` are not published yet.
    `consulted`: the parties whose opinion is awaited; `lapsed`: those that gave none in time.
    `next_step` is a key of the wording.
    """

    state: State
    next_step: str
    legal_basis: tuple[str, ...]
    due_on: date | None = None
    working_days_left: int | None = None
    paused: bool = False
    overdue: bool = False
    provisional: bool = False
    respond_by: date | None = None
    consulted: tuple[Party, ...] = ()
    lapsed: tuple[Party, ...] = ()
    outcome: Decision | None = None
    reason: Reason | None = None
    answered_on: date | None = None
    answered_late: bool = False
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Pause:
    """A consultation. The days after `begun_on` up to and including `ends_on` are not counted."""

    party: Party
    begun_on: date
    ends_on: date
    is_open: bool

    def covers(self, day: date) -> bool:
        return self.begun_on < day <= self.ends_on


@dataclass(frozen=True)
class Term:
    """The time limit for the answer, in working days after `starts_on`, without the days of the pauses."""

    starts_on: date
    pauses: tuple[Pause, ...]
    extension: int = 0

    @property
    def due_on(self) -> date:
        return next(islice(self._counted_days(), Rule.REPLY.length + self.extension - 1, None))

    def _counted_days(self) -> Iterator[date]:
        day = self.starts_on
        while True:
            day = next_working_day(day)
            if not any(pause.covers(day) for pause in self.pauses):
                yield day


def assess(received_on: date, steps: Sequence[Step], today: date) -> Assessment:
    """The state of the request on `today`. `steps` are in order; those after `today` are ignored."""
    seen = [step for step in steps if step.on <= today]
    closing = next((step for step in seen if step.kind in CLOSING), None)
    supplement = awaited_supplement(seen)
    if closing is not None and closing.kind == Kind.WITHDRAWN:
        return Assessment(State.WITHDRAWN, "apply_again", (Rule.RIGHT_TO_ASK.basis,))
    if closing is not None:
        return _answered(closing, None if supplement else _term(received_on, seen), _bases(seen))
    if supplement is not None:
        return _awaiting(supplement, today)
    return _running(_term(received_on, seen), seen, today)


def last_day_for_answer(received_on: date, steps: Sequence[Step]) -> date:
    """The last day for the answer after `steps`; no supplement may be awaited."""
    return _term(received_on, steps).due_on


def awaited_supplement(steps: Sequence[Step]) -> Step | None:
    """The step that asked for the supplement that has not arrived; None if no supplement is awaited."""
    asked: Step | None = None
    for step in steps:
        if step.kind == Kind.SUPPLEMENT_REQUESTED:
            asked = step
        elif step.kind == Kind.SUPPLEMENT_RECEIVED:
            # A late supplement counts too: by accepting it the agency accepted the reason (无正当理由, art. 30).
            asked = None
    return asked


def _awaiting(supplement: Step, today: date) -> Assessment:
    """补正 (art. 30): the time limit starts anew with the supplement; without it in time, the request is abandoned."""
    basis, respond_by = (Rule.SUPPLEMENT.basis,), supplement.respond_by
    if respond_by is not None and today > respond_by:
        return Assessment(State.ABANDONED, "explain_or_apply_again", basis, respond_by=respond_by)
    return Assessment(State.AWAITING_SUPPLEMENT, "supplement", basis, paused=True, respond_by=respond_by)


def _running(term: Term, seen: Sequence[Step], today: date) -> Assessment:
    due_on = term.due_on
    overdue = today > due_on
    opinions = [pause for pause in term.pauses if pause.is_open]
    consulted = () if overdue else _parties(pause for pause in opinions if today <= pause.ends_on)
    lapsed = _parties(pause for pause in opinions if today > pause.ends_on)
    if consulted:
        state, next_step = State.CONSULTING, "opinion"
    elif term.extension:
        state, next_step = State.EXTENDED, "answer"
    elif (
        all(step.kind == Kind.RECEIVED for step in seen)
        and count_working_days(term.starts_on, today) <= Rule.CHECK.length
    ):
        state, next_step = State.RECEIVED, "check"
    else:
        state, next_step = State.IN_PROCESS, "answer"
    bases = _bases(seen)
    remedies: tuple[Remedy, ...] = ()
    if overdue:
        next_step = "remind"
        remedies = _against_silence(due_on)
        bases += (Rule.REMEDY.basis,)
    elif state == State.RECEIVED:
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
        remedies=remedies,
    )


def _answered(answer: Step, term: Term | None, bases: tuple[str, ...]) -> Assessment:
    """`term` is None if the agency answered before the supplement that it had asked for arrived."""
    outcome = answer.outcome or Decision.GRANTED
    due_on = term.due_on if term else None
    is_late = due_on is not None and answer.on > due_on
    return Assessment(
        State.ANSWERED,
        f"answered_{outcome}",
        _once_each((decision_basis(outcome, answer.reason), *bases)),
        due_on=due_on,
        provisional=due_on is not None and not is_published(due_on),
        outcome=outcome,
        reason=answer.reason,
        answered_on=answer.on,
        answered_late=is_late,
        remedies=(*_against(outcome, answer.on), *((COMPLAINT,) if is_late else ())),
    )


def _working_days_left(today: date, due_on: date) -> int:
    return count_working_days(today, due_on) if today <= due_on else -count_working_days(due_on, today)


def _term(received_on: date, seen: Sequence[Step]) -> Term:
    """The time limit starts anew on the day of the supplement (art. 30); an earlier extension no longer counts."""
    starts_on, extension = received_on, 0
    for step in seen:
        if step.kind == Kind.SUPPLEMENT_RECEIVED:
            starts_on, extension = step.on, 0
        elif step.kind == Kind.EXTENDED:
            extension = step.working_days or 0
    return Term(starts_on, _pauses(seen), extension)


def _pauses(seen: Sequence[Step]) -> tuple[Pause, ...]:
    """征求意见 (arts. 32, 33 para. 3, 34): a pause ends after 15 working days, even without an opinion."""
    ends = {step.consultation_id: step.on for step in seen if step.kind == Kind.CONSULTATION_ENDED}
    pauses = []
    for step in seen:
        if step.kind == Kind.CONSULTATION_STARTED:
            party = step.party or Party.THIRD_PARTY
            lapses_on = add_working_days(step.on, CONSULTATION[party].length)
            ended_on = ends.get(step.consultation_id)
            ends_on = lapses_on if ended_on is None else min(ended_on, lapses_on)
            pauses.append(Pause(party, step.on, ends_on, is_open=ended_on is None))
    return tuple(pauses)


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
    return _once_each(bases)


def _against(outcome: Decision, answered_on: date) -> tuple[Remedy, ...]:
    if outcome == Decision.GRANTED:
        return ()
    if outcome in REFUSALS:
        return _reconsideration_first(answered_on, Rule.REVIEW_OF_REFUSAL_FIRST)
    return (
        Remedy(RemedyKind.RECONSIDERATION, (Rule.REMEDY.basis, Rule.REVIEW.basis), _reconsideration_by(answered_on)),
        Remedy(RemedyKind.LITIGATION, (Rule.REMEDY.basis, Rule.COURT.basis), _litigation_by(answered_on)),
    )


def _against_silence(due_on: date) -> tuple[Remedy, ...]:
    """Failure to act (未履行法定职责): the sixty days for reconsideration run from the last day for the answer."""
    return (COMPLAINT, *_reconsideration_first(due_on, Rule.REVIEW_OF_SILENCE_FIRST))


def _reconsideration_first(begins_on: date, rule: Rule) -> tuple[Remedy, ...]:
    bases = (Rule.REMEDY.basis, Rule.REVIEW.basis, rule.basis)
    return (
        Remedy(RemedyKind.RECONSIDERATION, bases, _reconsideration_by(begins_on)),
        Remedy(RemedyKind.LITIGATION, (rule.basis, Rule.COURT_AFTER_REVIEW.basis), after_reconsideration=True),
    )


def _reconsideration_by(begins_on: date) -> date:
    return _last_day(begins_on + timedelta(days=Rule.REVIEW.length))


def _litigation_by(begins_on: date) -> date:
    """Six months later: the same day of the month, or the last day of a shorter month (民法典 art. 202)."""
    years, month = divmod(begins_on.month - 1 + Rule.COURT.length, 12)
    year, month = begins_on.year + years, month + 1
    return _last_day(date(year, month, min(begins_on.day, monthrange(year, month)[1])))


def _last_day(day: date) -> date:
    """Moves a last day that is not a working day to the next working day (行政复议法 art. 88; 民事诉讼法 art. 85)."""
    return day if is_working_day(day) else next_working_day(day)


def _once_each(bases: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(bases))
