"""Numerals as statutes write them: 第三十三条 is 第33条."""

from __future__ import annotations

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = "零〇一二两三四五六七八九十百千"
LARGEST = 9999

# An ordinal (第三条, 第三条之一), or a quantity. A quantity has at least two numerals or is 十, since 一 and 两
# stand in too many words that count nothing (一次性, 统一).
_ORDINAL = re.compile(rf"第([{_NUMERAL}]+)(?=[编章节条款项批号届次])|(?<=条之)([{_NUMERAL}]+)")
_QUANTITY = re.compile(
    rf"(?:[{_NUMERAL}]{{2,}}|十)(?=万?(?:个|日|天|年|月|周岁|岁|元|倍|人|米|平方|公里|小时|分钟|次|%))"
)


def parse_numeral(text: str) -> int:
    """The number that `text` writes: 三十三, 一百零二, 二〇二六 or 33.

    Raises:
        ValueError: it is no numeral up to 9999.
    """
    if text.isdecimal():
        return int(text)
    if not text or any(character not in _NUMERAL for character in text):
        raise ValueError(f"{text!r} is not a numeral")
    if not any(character in _UNITS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    total, digit, smallest = 0, 0, LARGEST + 1
    for position, character in enumerate(text):
        if character in _DIGITS:
            if digit:
                raise ValueError(f"{text!r} is not a numeral")
            digit = _DIGITS[character]
            continue
        unit = _UNITS[character]
        if unit >= smallest or (digit == 0 and not (unit == 10 and position == 0)):
            raise ValueError(f"{text!r} is not a numeral")
        total, digit, smallest = total + (digit or 1) * unit, 0, unit
    return total + digit


def with_digits(text: str) -> str:
    """`text` with ordinals and quantities in digits, so that 第三十三条 and 第33条, 二十日 and 20日 are the same."""
    return _QUANTITY.sub(lambda match: _digits(match[0]), _ORDINAL.sub(_ordinal, text))


def _ordinal(match: re.Match[str]) -> str:
    return f"第{_digits(match[1])}" if match[1] else _digits(match[2])


def _digits(numeral: str) -> str:
    try:
        return str(parse_numeral(numeral))
    except ValueError:  # a run of these characters that writes no number: 千百年
        return numeral
