"""Understands a choice among the options offered: “第二个”, “2”, “最后那个”, “都不是”."""

from __future__ import annotations

import re

_DIGITS = "一二三四五六七八九"
_TAIL = r"(?:项|个|种|条|件|那个|那项|吧|的|呢|啊|,|。|\.|!|\s)*"
_HEAD = r"(?:对|好的?|嗯|是的|我|要|选|选择|就|是|想要|应该是|那就|那|办|看|说的是|回复|\s|,)*"
_NUMBER = re.compile(rf"{_HEAD}(?:第)?([1-9]|[{_DIGITS}]|两)(?:号)?{_TAIL}")
_NAMED = {
    "1": re.compile(rf"{_HEAD}(?:前面|上面|前|最前面|头一|头|最上面)(?:的)?(?:那个|那项|个|一个|一项){_TAIL}"),
    "last": re.compile(rf"{_HEAD}(?:后面|下面|最后|最下面|末尾|最后面|后)(?:的)?(?:那个|那项|个|一个|一项){_TAIL}"),
    "none": re.compile(
        r"(?:不是,?|不对,?|上面)*(?:这些|这几个|上面|它们)?(?:都|全|全都)(?:不是|不对|没有)[的了啊呢,。!]*"
    ),
}


def ordinal(text: str) -> str | None:
    """`"1"`… `"9"`, `"last"` or `"none"` when the normalised `text` only says which one; else None."""
    match = _NUMBER.fullmatch(text)
    if match:
        number = match[1]
        return number if number.isdecimal() else "2" if number == "两" else str(_DIGITS.index(number) + 1)
    return next((name for name, pattern in _NAMED.items() if pattern.fullmatch(text)), None)
