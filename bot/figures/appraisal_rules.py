"""The rules of the appraisal of departments (效能考评): which measures count, and how many marks a share gives.

The rules are data: `bot/samples/figures/appraisal_rules.csv`, or a city's own table of that form (`APPRAISAL_FILE`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bot.places import SAMPLES
from bot.settings import Settings
from bot.sheets import Unreadable
from bot.tabular import ImportRejected, Number, Row, folded, headings_of, read_tables, told

SAMPLE_RULES = SAMPLES / "figures" / "appraisal_rules.csv"
FULL_MARKS = 100


class Measure(StrEnum):
    """The shares that can be appraised; `docs/figures.md` says of what each is the share."""

    SIGNED_IN_TIME = "signed_in_time"
    DONE_IN_TIME = "done_in_time"
    CLOSED_IN_TIME = "closed_in_time"
    DONE_AT_ONCE = "done_at_once"
    SATISFIED = "satisfied"
    RETURNED = "returned"
    REDO = "redo"
    REPLIED_IN_TIME = "replied_in_time"


MEASURE_TITLES: Mapping[Measure, str] = {
    Measure.SIGNED_IN_TIME: "按时签收率",
    Measure.DONE_IN_TIME: "按时交回率",
    Measure.CLOSED_IN_TIME: "按时办结率",
    Measure.DONE_AT_ONCE: "一次办结率",
    Measure.SATISFIED: "满意率",
    Measure.RETURNED: "退单率",
    Measure.REDO: "重办率",
    Measure.REPLIED_IN_TIME: "首问按时率",
}
_HIGHER = "越高越好"


class RulesRefused(ValueError):
    """The file of rules cannot be used; the message is shown to staff, so it is in Chinese."""


def _measure(cell: object) -> object:
    for measure, title in MEASURE_TITLES.items():
        if cell == title:
            return measure
    raise ValueError(f"只能填：{'、'.join(MEASURE_TITLES.values())}")


def _percent(cell: object) -> object:
    return folded(cell).removesuffix("%").strip() if isinstance(cell, str) else cell


Percent = Annotated[int, BeforeValidator(_percent), Field(ge=0, le=100)]


class Rule(Row):
    """`weight`: the full marks of the measure. `full`, `zero`: the shares, in percent, that get all and none of them.

    Between the two marks rise evenly. `least_count`: of fewer cases no mark is given.
    """

    measure: Annotated[Measure, BeforeValidator(_measure)] = Field(alias="指标")
    weight: Number = Field(alias="权重", ge=1, le=FULL_MARKS)
    direction: Literal["越高越好", "越低越好"] = Field(alias="方向")
    full: Percent = Field(alias="满分值")
    zero: Percent = Field(alias="零分值")
    least_count: Number = Field(alias="至少件数", ge=1)

    @property
    def title(self) -> str:
        return MEASURE_TITLES[self.measure]

    @property
    def words(self) -> str:
        """The rule in a sentence for staff."""
        better, worse = ("以上", "以下") if self.direction == _HIGHER else ("以下", "以上")
        return f"{self.full}% 及{better}满分，{self.zero}% 及{worse}零分"

    def marks(self, share: Fraction) -> Fraction:
        """From 0 to `weight`, to one decimal. `share`: from 0 to 1."""
        reached = (share * 100 - self.zero) / (self.full - self.zero)
        return in_tenths(self.weight * min(max(reached, Fraction(0)), Fraction(1)))


def in_tenths(number: Fraction) -> Fraction:
    """Rounded to one decimal, half up, as people reckon."""
    return Fraction((number * 10 + Fraction(1, 2)).__floor__(), 10)


def rules_in(file: Path) -> list[Rule]:
    """The rules of a table; their weights make 100.

    Raises:
        RulesRefused: the file is no such table; each flaw is named.
    """
    try:
        found = _read(file)
    except (ImportRejected, Unreadable) as error:
        raise RulesRefused("；".join(told(error.errors)) if isinstance(error, ImportRejected) else str(error)) from None
    weight = sum(rule.weight for rule in found)
    if weight != FULL_MARKS:
        raise RulesRefused(f"权重合计要是 {FULL_MARKS}，现在是 {weight}")
    return found


def _read(file: Path) -> list[Rule]:
    tables = read_tables(file, headings_of(Rule))
    rules = []
    for name in tables.rows:
        found = tables.checked(name, Rule)
        tables.require_unique(name, [(row, rule.title) for row, rule in found], "指标")
        for row, rule in found:
            if rule.full == rule.zero or (rule.full > rule.zero) != (rule.direction == _HIGHER):
                tables.reject(name, row, "方向", f"{rule.direction}，满分值 {rule.full}%、零分值 {rule.zero}% 却相反")
        rules += [rule for _, rule in found]
    tables.raise_errors()
    return rules


def in_force() -> list[Rule]:
    """The rules that this process appraises by. Raises RulesRefused: the city's own file cannot be used."""
    return _in_force(Settings.from_environment().appraisal_file or SAMPLE_RULES)


@cache
def _in_force(file: Path) -> list[Rule]:
    return rules_in(file)
