"""Finds days of birth. A year alone stays: it identifies nobody, and answers depend on it (退休, 入学)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.language.masking.plain import Found, Plain

_MARK = "[出生日期]"
_NUMBER = r"[0-9零〇一二三四五六七八九十]"
_MONTH_AND_DAY = rf"(?:农历|阴历|阳历)?\s?{_NUMBER}{{1,3}}\s?[月.\-/]\s?{_NUMBER}{{1,3}}\s?[日号]?"
_YEAR = rf"{_NUMBER}{{2,4}}\s?(?:年|[-./])\s?"
_DAY = rf"(?:{_YEAR}{_MONTH_AND_DAY}|(?<!\d)(?:19|20)\d{{6}}(?!\d))"
_YEAR_AND_MONTH = rf"{_YEAR}{_NUMBER}{{1,3}}\s?月?(?:份)?"
_FILLER = r"(?:日期|年月日?|时间|[是为在于:\s,(的]|生日){0,5}"
_WHOSE = r"(?:我|本人|他|她|孩子|儿子|女儿|宝宝|小孩|娃|爸|妈|爱人|老公|老婆|丈夫|妻子|对象|父亲|母亲|爷爷|奶奶)"
_PATTERNS = (
    re.compile(rf"(?:出生|生日|生于|诞生|生辰|出生年月){_FILLER}(?P<day>{_DAY})"),
    re.compile(rf"(?:生日|出生日期){_FILLER}(?P<day>{_MONTH_AND_DAY})"),
    re.compile(rf"(?P<day>{_DAY})\s?(?:那天|当天)?(?:出?生(?!效)|出世|的?生日|生人)"),
    re.compile(rf"出生年月(?:日)?[是为:\s]{{0,3}}(?P<day>{_YEAR_AND_MONTH})"),
    re.compile(rf"{_WHOSE}[一-龥]{{0,4}}?(?P<day>{_YEAR_AND_MONTH})(?:出?生(?!效)|的生日|生人)"),
)
_RULE = re.compile(r"[^\d,。]{0,2}(?:以?[前后]|之[前后]|至|到|起|期间)")


def find_birth_days(plain: Plain) -> Iterator[Found]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(plain.text):
            if not _RULE.match(plain.text, match.end("day")):
                yield Found(*match.span("day"), _MARK)
