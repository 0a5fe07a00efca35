"""The statutory clock of a disclosure request, as 政府信息公开条例 (2019) sets it. Pure: dates in, dates out.

    assess(date(2026, 11, 10), steps, today=date(2026, 11, 24)).due_on  # 2026-12-08

The day of receipt is not counted (民法典 art. 201); the twentieth working day after it is the last one for the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from bot.disclosures.terms import CLOSING, Decision, Kind, Party, State, Step
from bot.workdays import (
    add_working_days,
    count_working_days,
    is_published,
    is_working_day,
    next_working_day,
)


@dataclass(frozen=True)
class Rule:
    """A time limit and where it stands."""

    days: int
    basis: str


def _regulation(article: str) -> str:
    return f"《政府信息公开条例》第{article}"


def _review_law(article: str) -> str:
    return f"《行政复议法》第{article}"


# Working days, but for REVIEW.
REPLY = Rule(20, _regulation("三十三条"))
EXTENSION = Rule(20, _regulation("三十三条"))  # at most, once, told before the time is over
CHECK = Rule(7, _regulation("三十条"))  # for asking the applicant, once, to be clearer
CONSULTATION = {
    Party.THIRD_PARTY: Rule(15, _regulation("三十二条")),
    Party.AGENCY: Rule(15, _regulation("三十四条")),
}
REVIEW = Rule(60, _review_law("二十条"))  # calendar days

RECEIPT = _regulation("三十一条")  # which day is the day of receipt
RIGHT_TO_ASK = _regulation("二十七条")
SUPPLEMENT = _regulation("三十条")
EXCLUSION = _regulation("三十三条")  # opinions of third parties and other agencies are waited for without the clock
RIGHT_TO_REMEDY = _regulation("五十一条")
SUPERVISION = _regulation("四十七条")
REVIEW_BEFORE_COURT = _review_law("二十三条")
COURT = "《行政诉讼法》第四十六条"  # within six months, where no review has to come first

DECISION_BASIS = {
    Decision.ALREADY_PUBLIC: _regulation("三十六条第一项"),
    Decision.GRANTED: _regulation("三十六条第二项"),
    Decision.PARTLY_GRANTED: _regulation("三十七条"),
    Decision.REFUSED: _regulation("三十六条第三项"),
    Decision.NOT_HELD: _regulation("三十六条第四项"),
    Decision.NOT_RESPONSIBLE: _regulation("三十六条第五项"),
    Decision.REPEATED: _regulation("三十六条第六项"),
    Decision.OTHER_LAW: _regulation("三十六条第七项"),
    Decision.NO_PROCESSING_NEEDED: _regulation("三十八条"),
    Decision.NOT_HANDLED: _regulation("三十五条"),
    Decision.COMPLAINT: _regulation("三十九条第一款"),
    Decision.PUBLICATION: _regulation("三十九条第二款"),
}
# 不予公开: a court hears it only after a review (行政复议法 art. 23, para. 1, item 4).
REFUSALS = (Decision.REFUSED, Decision.PARTLY_GRANTED)


class RemedyKind(StrEnum):
    """A review comes before a court, of a refusal and of silence; of other answers either will do.
    `supervision`: a word to the office that supervises disclosure (政府信息公开工作主管部门)."""

    REVIEW_OF_REFUSAL = "review_of_refusal"
    REVIEW_OF_SILENCE = "review_of_silence"
    REVIEW_OR_COURT = "review_or_court"
    SUPERVISION = "supervision"


@dataclass(frozen=True)
class Remedy:
    """What the applicant may do. `until` is the last day, counted from the day on record."""

    kind: RemedyKind
    basis: tuple[str, ...]
    until: date | None = None


COMPLAINT_OF_DELAY = Remedy(RemedyKind.SUPERVISION, (SUPERVISION,))


@dataclass(frozen=True)
class Assessment:
    """Where a request stands on a day.

    `due_on` is the last day for the answer, None while the clock has not begun anew or is over without an answer; with
    a consultation open it is the latest that it can become. `working_days_left` leaves out the days that do not count.
    `overdue` also says of an answer that it came late. `provisional`: holidays of that year are not published yet.
    `next_step` is a key of wording.
    """

    state: State
    next_step: str
    legal_basis: tuple[str, ...]
    due_on: date | None = None
    working_days_left: int | None = None
    working_days_late: int = 0
    paused: bool = False
    overdue: bool = False
    provisional: bool = False
    respond_by: date | None = None
    consulted: tuple[Party, ...] = ()
    outcome: Decision | None = None
    answered_on: date | None = None
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Pause:
    """A consultation: the days after the letter, up to and including the day of the opinion, do not count."""

    party: Party
    begun_on: date
    ends_on: date
    is_open: bool

    def covers(self, day: date) -> bool:
        return self.begun_on < day <= self.ends_on


@dataclass(frozen=True)
class Term:
    """The time for the answer."""

    starts_on: date
    pauses: tuple[Pause, ...]
    extension: int = 0

    @property
    def due_on(self) -> date:
        days = self._counted_days(after=self.starts_on)
        return next(islice(days, REPLY.days + self.extension - 1, None))

    def days_left(self, today: date) -> int:
        """Days that count from tomorrow through the last one."""
        due_on = self.due_on
        return sum(1 for _ in self._counted_days(after=max(today, self.starts_on), through=due_on))

    def _counted_days(self, after: date, through: date = date.max) -> Iterator[date]:
        day = after
        while day < through:
            day += timedelta(days=1)
            if is_working_day(day) and not any(pause.covers(day) for pause in self.pauses):
                yield day


def assess(received_on: date, steps: Sequence[Step], today: date) -> Assessment:
    """Where the request stands on `today`; steps of later days are not known yet. `steps` are in order."""
    seen = [step for step in steps if step.on <= today]
    closing = next((step for step in seen if step.kind in CLOSING), None)
    supplement = _unanswered_supplement(seen)
    if closing is not None and closing.kind == Kind.WITHDRAWN:
        return Assessment(State.WITHDRAWN, "apply_again", (RIGHT_TO_ASK,))
    if closing is not None:
        return _answered(closing, None if supplement else _term(received_on, seen), _bases(seen))
    if supplement is not None:
        return _awaiting(supplement, today)
    return _running(_term(received_on, seen), seen, today)


def _awaiting(supplement: Step, today: date) -> Assessment:
    """补正 (art. 30): the clock starts anew when the supplement comes; if it does not come in time, that was all."""
    if supplement.respond_by is not None and today > supplement.respond_by:
        return Assessment(State.ABANDONED, "explain_or_apply_again", (SUPPLEMENT,), respond_by=supplement.respond_by)
    return Assessment(
        State.AWAITING_SUPPLEMENT, "supplement", (SUPPLEMENT,), paused=True, respond_by=supplement.respond_by
    )


def _running(term: Term, seen: Sequence[Step], today: date) -> Assessment:
    due_on = term.due_on
    overdue = today > due_on
    waited_for = [] if overdue else [pause for pause in term.pauses if pause.is_open and today <= pause.ends_on]
    if waited_for:
        state, next_step = State.CONSULTING, "opinion"
    elif term.extension:
        state, next_step = State.EXTENDED, "answer"
    elif all(step.kind == Kind.RECEIVED for step in seen) and count_working_days(term.starts_on, today) <= CHECK.days:
        state, next_step = State.RECEIVED, "check"
    else:
        state, next_step = State.IN_PROCESS, "answer"
    bases = _bases(seen)
    remedies: tuple[Remedy, ...] = ()
    if overdue:
        next_step = "remind"
        remedies = _against_silence(due_on)
        bases += (RIGHT_TO_REMEDY,)
    elif state == State.RECEIVED:
        bases += (CHECK.basis,)
    return Assessment(
        state,
        next_step,
        _once_each(bases),
        due_on=due_on,
        working_days_left=term.days_left(today),
        working_days_late=count_working_days(due_on, today),
        paused=bool(waited_for),
        overdue=overdue,
        provisional=not is_published(due_on),
        consulted=tuple(dict.fromkeys(pause.party for pause in waited_for)),
        remedies=remedies,
    )


def _answered(answer: Step, term: Term | None, bases: tuple[str, ...]) -> Assessment:
    """`term` is None if the agency answered without waiting for the supplement that it had asked for."""
    outcome = answer.outcome or Decision.GRANTED
    due_on = term.due_on if term else None
    is_late = due_on is not None and answer.on > due_on
    return Assessment(
        State.ANSWERED,
        f"answered_{outcome}",
        _once_each((DECISION_BASIS[outcome], *bases)),
        due_on=due_on,
        working_days_late=count_working_days(due_on, answer.on) if due_on else 0,
        overdue=is_late,
        provisional=due_on is not None and not is_published(due_on),
        outcome=outcome,
        answered_on=answer.on,
        remedies=(*_against(outcome, answer.on), *((COMPLAINT_OF_DELAY,) if is_late else ())),
    )


def _unanswered_supplement(seen: Sequence[Step]) -> Step | None:
    asked: Step | None = None
    for step in seen:
        if step.kind == Kind.SUPPLEMENT_REQUESTED:
            asked = step
        elif step.kind == Kind.SUPPLEMENT_RECEIVED:
            # Late or not: an agency that took it found the reason good (无正当理由, art. 30).
            asked = None
    return asked


def _term(received_on: date, seen: Sequence[Step]) -> Term:
    """The day of the supplement starts the clock anew (art. 30); an extension told after the time is over is none."""
    term = Term(received_on, _pauses(seen))
    for step in seen:
        if step.kind == Kind.SUPPLEMENT_RECEIVED:
            term = Term(step.on, term.pauses)
        elif step.kind == Kind.EXTENDED and not term.extension and step.on <= term.due_on:
            term = Term(term.starts_on, term.pauses, min(step.working_days or 0, EXTENSION.days))
    return term


def _pauses(seen: Sequence[Step]) -> tuple[Pause, ...]:
    """征求意见 (arts. 32, 33 para. 3, 34): an opinion that does not come lapses after 15 working days."""
    ends = {step.consultation_id: step.on for step in seen if step.kind == Kind.CONSULTATION_ENDED}
    pauses = []
    for step in seen:
        if step.kind == Kind.CONSULTATION_STARTED:
            party = step.party or Party.THIRD_PARTY
            lapses_on = add_working_days(step.on, CONSULTATION[party].days)
            ended_on = ends.get(step.consultation_id)
            ends_on = lapses_on if ended_on is None else min(ended_on, lapses_on)
            pauses.append(Pause(party, step.on, ends_on, is_open=ended_on is None))
    return tuple(pauses)


def _bases(seen: Sequence[Step]) -> tuple[str, ...]:
    """The articles that shaped the time for the answer, the time itself first."""
    bases = [REPLY.basis, RECEIPT]
    for step in seen:
        if step.kind == Kind.SUPPLEMENT_RECEIVED:
            bases.append(SUPPLEMENT)
        elif step.kind == Kind.EXTENDED:
            bases.append(EXTENSION.basis)
        elif step.kind == Kind.CONSULTATION_STARTED:
            bases += [CONSULTATION[step.party or Party.THIRD_PARTY].basis, EXCLUSION]
    return _once_each(bases)


def _against(outcome: Decision, answered_on: date) -> tuple[Remedy, ...]:
    if outcome == Decision.GRANTED:
        return ()
    until = _end_of_review_time(answered_on)
    if outcome in REFUSALS:
        return (Remedy(RemedyKind.REVIEW_OF_REFUSAL, (REVIEW.basis, REVIEW_BEFORE_COURT), until),)
    return (Remedy(RemedyKind.REVIEW_OR_COURT, (RIGHT_TO_REMEDY, REVIEW.basis, COURT), until),)


def _against_silence(due_on: date) -> tuple[Remedy, ...]:
    """Failure to act (未履行法定职责): 行政复议法 art. 23, para. 1, item 3."""
    review = Remedy(RemedyKind.REVIEW_OF_SILENCE, (REVIEW.basis, REVIEW_BEFORE_COURT), _end_of_review_time(due_on))
    return (COMPLAINT_OF_DELAY, review)


def _end_of_review_time(begins_on: date) -> date:
    """Sixty days; when the last one is free, the next working day (行政复议法 art. 88; 民事诉讼法 art. 85)."""
    last = begins_on + timedelta(days=REVIEW.days)
    return last if is_working_day(last) else next_working_day(last)


def _once_each(bases: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(bases))
