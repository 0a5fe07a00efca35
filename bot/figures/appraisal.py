"""The appraisal of departments (效能考评): marks for what the figures count, by rules that are data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bot.figures.appraisal_rules import FULL_MARKS, Measure, Rule, RulesRefused, in_force, in_tenths
from bot.figures.orders import OrderRates
from bot.figures.service import CaseFigures, Figures

_MOST_LOST = 3


@dataclass(frozen=True)
class Counted:
    """A share as two counts: `part` of `whole`."""

    part: int
    whole: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.part, self.whole) if self.whole else None


@dataclass(frozen=True)
class Mark:
    """What a department reached in a measure. `marks` None: too few cases for a mark."""

    rule: Rule
    counted: Counted
    marks: Fraction | None

    @property
    def lost(self) -> Fraction:
        return Fraction(0) if self.marks is None else self.rule.weight - self.marks


@dataclass(frozen=True)
class Appraised:
    """A department and its marks, in the order of the rules."""

    code: str
    name: str
    marks: Sequence[Mark]

    @property
    def weight(self) -> int:
        """The full marks of the measures that have a mark."""
        return sum(one.rule.weight for one in self.marks if one.marks is not None)

    @property
    def score(self) -> Fraction | None:
        """Of 100, to one decimal: the sum of the marks, as if the measures with a mark were all; None without any."""
        if not self.weight:
            return None
        return in_tenths(sum((one.marks or Fraction(0) for one in self.marks), Fraction(0)) * FULL_MARKS / self.weight)

    @property
    def lost_most(self) -> list[Mark]:
        """The measures that cost most marks, at most three."""
        return sorted((one for one in self.marks if one.lost), key=lambda one: -one.lost)[:_MOST_LOST]


@dataclass(frozen=True)
class Appraisal:
    """`departments`: the highest score first, last those without one. `problem`: why the rules cannot be used."""

    rules: Sequence[Rule]
    departments: Sequence[Appraised]
    problem: str = ""

    @property
    def scored(self) -> list[tuple[str, Fraction]]:
        """Name and score of the departments that have one."""
        return [(one.name, one.score) for one in self.departments if one.score is not None]


def appraisal(counted: Figures) -> Appraisal:
    """By the rules in force, which a city may have got wrong: then nobody is appraised, and it is told why."""
    try:
        rules = in_force()
    except RulesRefused as refused:
        return Appraisal([], [], f"考评规则不能用，没有打分：{refused}")
    return Appraisal(rules, appraised(counted, rules))


def appraised(counted: Figures, rules: Sequence[Rule]) -> list[Appraised]:
    """The departments with orders or cases of the period."""
    orders = {one.department_code: one for one in counted.orders}
    cases = {one.department_code: one for one in counted.departments}
    # All departments together and the desk have no code.
    names = {code: one.department or "" for code, one in orders.items() if code}
    names |= {code: one.department or "" for code, one in cases.items() if code}
    found = [
        Appraised(code, name, [_mark(rule, orders.get(code), cases.get(code)) for rule in rules])
        for code, name in names.items()
    ]
    return sorted(found, key=lambda one: (one.score is None, -(one.score or 0), one.code))


def _mark(rule: Rule, orders: OrderRates | None, cases: CaseFigures | None) -> Mark:
    counted = _reached(rule.measure, orders, cases)
    share = counted.share if counted.whole >= rule.least_count else None
    return Mark(rule, counted, None if share is None else rule.marks(share))


def _reached(measure: Measure, orders: OrderRates | None, cases: CaseFigures | None) -> Counted:
    if measure in _OF_ORDERS:
        return Counted(0, 0) if orders is None else _OF_ORDERS[measure](orders)
    return Counted(0, 0) if cases is None else _OF_CASES[measure](cases)


_OF_ORDERS: Mapping[Measure, Callable[[OrderRates], Counted]] = {
    Measure.SIGNED_IN_TIME: lambda one: Counted(one.sign_judged_count - one.signed_late_count, one.sign_judged_count),
    Measure.DONE_IN_TIME: lambda one: Counted(one.done_judged_count - one.done_late_count, one.done_judged_count),
    Measure.DONE_AT_ONCE: lambda one: Counted(one.done_count - one.done_again_count, one.done_count),
    Measure.SATISFIED: lambda one: Counted(one.satisfied_count, one.graded_count),
    Measure.RETURNED: lambda one: Counted(one.returned_count, one.issued_count),
    Measure.REDO: lambda one: Counted(one.redo_count, one.issued_count),
}
_OF_CASES: Mapping[Measure, Callable[[CaseFigures], Counted]] = {
    Measure.CLOSED_IN_TIME: lambda one: Counted(one.closing.kept_count, one.closing.judged_count),
    Measure.REPLIED_IN_TIME: lambda one: Counted(one.first_reply.kept_count, one.first_reply.judged_count),
}
