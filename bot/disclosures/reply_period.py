"""The period within which a request must be answered: when it begins, what stops it, what lengthens it.

All functions take steps that have legal effect (`bot.disclosures.effects`), in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from bot.disclosures.rules import CONSULTATION, Rule
from bot.disclosures.terms import Kind, Party, Step
from bot.workdays import add_working_days, is_working_day, next_working_day

# Step that asks the applicant for something → the step with which the period starts anew.
_ASKED_OF_APPLICANT = {
    Kind.SUPPLEMENT_REQUESTED: Kind.SUPPLEMENT_RECEIVED,
    Kind.FEE_NOTIFIED: Kind.FEE_PAID,
}


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
class ReplyPeriod:
    """The working days after `starts_on`, without the days of the pauses; `extension`: more working days (art. 33).

    `postponed_to`: the later day that the agency told the applicant under art. 35, moved if it is free.
    """

    starts_on: date
    pauses: tuple[Pause, ...]
    extension: int = 0
    postponed_to: date | None = None

    @property
    def due_on(self) -> date:
        counted = next(islice(self._counted_days(), Rule.REPLY.length + self.extension - 1, None))
        return max(counted, self.postponed_to) if self.postponed_to else counted

    def _counted_days(self) -> Iterator[date]:
        day = self.starts_on
        while True:
            day = next_working_day(day)
            if not any(pause.covers(day) for pause in self.pauses):
                yield day


def reply_period(received_on: date, steps: Sequence[Step]) -> ReplyPeriod:
    """The period starts anew with a supplement (art. 30) or a payment (信息处理费管理办法 art. 6).

    An extension or postponement told before that day no longer counts.
    """
    starts_on, extension, postponed_to = received_on, 0, None
    for step in steps:
        if step.kind in _ASKED_OF_APPLICANT.values():
            starts_on, extension, postponed_to = step.on, 0, None
        elif step.kind == Kind.EXTENDED:
            extension = step.working_days or 0
        elif step.kind == Kind.POSTPONED:
            postponed_to = last_day(step.until) if step.until else None
    return ReplyPeriod(starts_on, _pauses(steps), extension, postponed_to)


def awaited(steps: Sequence[Step]) -> Step | None:
    """The step that asked the applicant for a supplement or a fee that has not come; None if nothing is awaited.

    A late supplement or payment counts too: by accepting it the agency accepted the reason (无正当理由, art. 30).
    """
    asked: Step | None = None
    for step in steps:
        if step.kind in _ASKED_OF_APPLICANT:
            asked = step
        elif asked is not None and step.kind == _ASKED_OF_APPLICANT[asked.kind]:
            asked = None
    return asked


def last_day_of_applicant(asked: Step) -> date | None:
    """The last day for the supplement or the fee that `asked` asks for; None if no day was told for the supplement.

    A fee may be paid for at least 20 working days (信息处理费管理办法 art. 6). A last day that is not a working day
    moves to the next one (民法典 art. 203).
    """
    if asked.kind == Kind.FEE_NOTIFIED:
        by_law = add_working_days(asked.on, Rule.FEE_PAYMENT.length)
        return last_day(max(asked.pay_by, by_law) if asked.pay_by else by_law)
    return last_day(asked.respond_by) if asked.respond_by else None


def last_day(day: date) -> date:
    """Moves a last day that is not a working day to the next working day (民法典 art. 203; 民事诉讼法 art. 85)."""
    return day if is_working_day(day) else next_working_day(day)


def _pauses(steps: Sequence[Step]) -> tuple[Pause, ...]:
    """征求意见 (arts. 32, 33 para. 3, 34): a pause ends after 15 working days, even without an opinion."""
    ends = {step.consultation_id: step.on for step in steps if step.kind == Kind.CONSULTATION_ENDED}
    pauses = []
    for step in steps:
        if step.kind == Kind.CONSULTATION_STARTED:
            party = step.party or Party.THIRD_PARTY
            lapses_on = add_working_days(step.on, CONSULTATION[party].length)
            ended_on = ends.get(step.consultation_id)
            ends_on = lapses_on if ended_on is None else min(ended_on, lapses_on)
            pauses.append(Pause(party, step.on, ends_on, is_open=ended_on is None))
    return tuple(pauses)
