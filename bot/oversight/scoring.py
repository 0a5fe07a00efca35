"""The rule of the assessment (考核): how many points an organ loses for what, from `score.yml` or a city's own file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.settings import SettingsError

BUILT_IN = Path(__file__).with_name("score.yml")


class Fault(StrEnum):
    LATE = "late"
    OVERDUE = "overdue"
    CORRECTED = "corrected"
    LOST = "lost"
    UPHELD = "upheld"
    ORDERS_OVERDUE = "orders_overdue"
    UNPUBLISHED = "unpublished"
    REPORT_LATE = "report_late"


class Deduction(BaseModel):
    """`points`: lost for each fault; `most`: lost for faults of this kind at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: float = Field(ge=0)
    most: float = Field(ge=0)

    def of(self, count: int) -> float:
        return min(self.points * count, self.most)


class ScoreRule(BaseModel):
    """A fault without an entry costs nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: float = Field(gt=0)
    deductions: dict[Fault, Deduction]

    def score(self, faults: Mapping[Fault, int]) -> float:
        lost = sum(rule.of(faults.get(fault, 0)) for fault, rule in self.deductions.items())
        return max(0.0, self.base - lost)


def load_rule(path: Path | None) -> ScoreRule:
    """The rule of the file, or the built-in one.

    Raises:
        SettingsError: the file cannot be used; the message says why.
    """
    chosen = path or BUILT_IN
    try:
        return ScoreRule.model_validate(yaml.safe_load(chosen.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"ASSESSMENT_FILE {chosen} cannot be read: {type(error).__name__}") from None
    except ValidationError as error:
        places = ", ".join(".".join(map(str, flaw["loc"])) or "the file" for flaw in error.errors())
        raise SettingsError(f"ASSESSMENT_FILE {chosen} is wrong at {places}; compare it with {BUILT_IN.name}") from None
