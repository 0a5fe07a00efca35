"""A text in one way of writing that knows where each of its characters stood in the text as typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.language.text import simplified

# Replaces what is already masked. It is no letter, digit or gap, so nothing is found across it.
TAKEN = "\ue000"
CHINESE_DIGITS = str.maketrans(
    {
        word: str(digit)
        for digit, words in enumerate(
            ("零〇○", "一壹幺", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
        )
        for word in words
    }
)
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cs", "Co", "Cn"})
_NUMBER_SIGNS = frozenset({"Nd", "No"})


@dataclass(frozen=True)
class Found:
    """Something personal at `start` to `end` of a `Plain`, and the mark that stands for it."""

    start: int
    end: int
    mark: str


@dataclass(frozen=True)
class Plain:
    """`text` is half-width and simplified, without invisible characters. `typed[places[i]]` became `text[i]`."""

    typed: str
    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, typed: str) -> Plain:
        pieces: list[str] = []
        places: list[int] = []
        for place, character in enumerate(typed):
            for piece in _plain(character):
                pieces.append(piece)
                places.append(place)
        return cls(typed, "".join(pieces), tuple(places))

    @property
    def digits(self) -> str:
        """`text` with Chinese digits as digits; each character keeps its place."""
        return self.text.translate(CHINESE_DIGITS)

    def taken(self, pattern: re.Pattern[str]) -> Plain:
        return Plain(self.typed, pattern.sub(lambda match: TAKEN * len(match[0]), self.text), self.places)

    def without(self, found: list[Found]) -> Plain:
        """The same text with `TAKEN` over what was found, so that nothing more is found there."""
        text = self.text
        for each in found:
            text = text[: each.start] + TAKEN * (each.end - each.start) + text[each.end :]
        return Plain(self.typed, text, self.places)

    def masked(self, found: list[Found]) -> str:
        """The text as typed, with the marks in place of what was found."""
        kept: list[str] = []
        end = 0
        for each in sorted(found, key=lambda one: one.start):
            start = self.places[each.start]
            if start < end:
                continue
            kept += [self.typed[end:start], each.mark]
            end = self.places[each.end - 1] + 1
        return "".join([*kept, self.typed[end:]])


@lru_cache(maxsize=1 << 15)
def _plain(character: str) -> str:
    """Digits of any script become 0 to 9 (also ①), Latin letters of any width ASCII, Chinese ones simplified."""
    digit = unicodedata.digit(character, None)
    if digit is not None and unicodedata.category(character) in _NUMBER_SIGNS:
        return str(digit)
    if unicodedata.category(character) in _UNSEEN:
        return ""
    return simplified(unicodedata.normalize("NFKC", character))
