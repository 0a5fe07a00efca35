"""Reads dates as offices write them: 2026年3月2日, 二〇二六年三月二日, 2026-03-02, 2026.3.2."""

from __future__ import annotations

import re
from datetime import date

_HAN = "〇一二三四五六七八九十"
_YEAR, _SMALL = rf"(?:\d{{4}}|[{_HAN}]{{4}})", rf"(?:\d{{1,2}}|[{_HAN}]{{1,3}})"
_DAY = re.compile(rf"({_YEAR})\s*(?:年|[-/.])\s*({_SMALL})\s*(?:月|[-/.])\s*({_SMALL})\s*(?:日|(?!\d))")
# The last three are letters that look like a zero: of full width, Cyrillic and Greek.
_DIGITS = str.maketrans("０１２３４５６７８９．－／○零ＯОΟ", "0123456789.-/〇〇〇〇〇")
# A digit of a year is often set apart: 2 0 2 6 年.
_APART = re.compile(r"(?<=\d)\s+(?=\d+\s*[\d年月日])")
# A zero of a year in Chinese numerals is often typed as a digit or a letter: 二0二六, 二O二六.
_ZERO_TYPED = re.compile(r"(?<=[〇一二三四五六七八九])[0Oo]{1,2}(?=[〇一二三四五六七八九年])")
_VALUES = {numeral: value for value, numeral in enumerate(_HAN)}


def first_day(text: str) -> date | None:
    """The first date in the text, None if there is none."""
    for match in _DAY.finditer(_plain(text)):
        day = _as_day(match)
        if day is not None:
            return day
    return None


def only_day(text: str) -> date | None:
    """The date if the text is nothing else, in brackets or not."""
    match = _DAY.fullmatch(_plain(text).strip("()（） \u3000"))
    return _as_day(match) if match else None


def last_day(text: str) -> tuple[str, date] | None:
    """What stands before a date at the end of the text, and the date: 云河市人民政府　2026年3月2日."""
    plain = _plain(text)
    match = next(reversed(list(_DAY.finditer(plain))), None)
    day = _as_day(match) if match and match.end() == len(plain) else None
    return (plain[: match.start()], day) if match and day else None


def _plain(text: str) -> str:
    plain = _ZERO_TYPED.sub(lambda zeros: "〇" * len(zeros[0]), text.translate(_DIGITS).strip())
    return _APART.sub("", plain) if "年" in plain else plain


def _as_day(match: re.Match[str]) -> date | None:
    try:
        return date(_year(match[1]), _small(match[2]), _small(match[3]))
    except ValueError:
        return None


def _year(text: str) -> int:
    return int(text) if text.isdecimal() else int("".join(str(_VALUES[one]) for one in text))


def _small(text: str) -> int:
    """十二, 二十, 二十一, 三."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_VALUES[tens] if tens else 1) * 10 * bool(ten) + (_VALUES[ones] if ones else 0)
