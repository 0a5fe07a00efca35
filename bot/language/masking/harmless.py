"""Finds numbers that are not personal: dates, times, amounts, receipts, hotlines, lists that count up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_YEAR = r"(?:19|20)\d\d"
_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_HARMLESS = re.compile(
    "|".join(
        (
            rf"(?<!\d){_YEAR}(?:[-./ ]{_MONTH}(?:[-./ ]{_DAY})?)(?!\d)",  # 2026-03-01
            r"(?<!\d)(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?!\d)",  # 13:45
            r"(?<!\d)\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?=\s?[元万亿人户件个㎡米吨块])",  # 1,391,234,567元
            r"(?i:XXGK)\W{0,4}20\d\d\W{0,4}\d{1,6}",  # receipts (`bot.language.receipts`)
            r"(?:回执|受理)(?:编?号|号码)?[是为:\s]{0,3}20\d\d\W{0,4}\d{1,6}",
            r"(?<![A-Za-z\d])[A-Za-z]{2,3}-\d{3,6}(?!\d)",  # items and cases: GA-003, AJ-000001
            r"(?<!\d)[48]00[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)",  # firms' and offices' lines
            r"[\[(〔]20\d\d[\])〕]\s?第?\d{1,5}号",  # document numbers: 〔2026〕4号
        )
    )
)
_DATE = re.compile(rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def harmless_spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _HARMLESS.finditer(text)]


def is_date(digits: str) -> bool:
    """Whether `digits` are a date such as “20260301”."""
    return _DATE.fullmatch(digits) is not None


def counts_up(numbers: Sequence[str]) -> bool:
    """Whether each number is more than the one before, as in a list of articles or days: “1、3、5、7、9”."""
    if len(numbers) < 4 or any(len(number) > 3 for number in numbers):
        return False
    values = [int(number) for number in numbers]
    return all(before < after for before, after in pairwise(values))
