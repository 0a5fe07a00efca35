"""Writes simplified characters as traditional ones, for citizens who read these; `bot.language.text` goes back."""

from __future__ import annotations

from functools import lru_cache

from opencc import OpenCC


def traditional(text: str) -> str:
    """Converts by OpenCC's tables of characters and phrases. Words stay those of the source: 软件 becomes 軟件."""
    if text.isascii():
        return text
    converted: str = _converter().convert(text)
    return converted


# Public pages share most of their words. Only these are kept: what one citizen wrote or was told is not.
traditional_of_public = lru_cache(maxsize=20_000)(traditional)


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("s2tw")
