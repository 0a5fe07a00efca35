"""Completes what is being typed: Chinese, pinyin, first letters, or all three mixed.

ahead = TypeAhead([("居民身份证补领", "GA-003"), ("普通护照签发", "GA-004")])
ahead.find("sfzbu", 8)  # ["GA-003"]
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Generic, TypeVar

from bot.language.pinyin import syllables
from bot.language.text import bare

T = TypeVar("T")

_CHINESE = re.compile("[\u4e00-\u9fff]+")
_CHINESE_CHARACTER = re.compile("[\u4e00-\u9fff]")
_RUNS = re.compile("[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+")

# Letters that are no whole syllable count only together: one letter begins half of all names.
_LEAST_LETTERS = 2
_LONGEST_SYLLABLE = 6
# Comparing costs some hundredths of a millisecond a phrase; of more, the important ones are enough.
_MOST_COMPARED = 5000
# How well a phrase fits, best first.
_WHOLE, _BEGINS, _WITHIN, _SCATTERED = range(4)


@dataclass(frozen=True)
class _Phrase(Generic[T]):
    """`sounds`: the pinyin of each character, empty where it has none."""

    text: str
    sounds: tuple[str, ...]
    value: T

    def fits_from(self, typed: str, at: int, place: int) -> int | None:
        """Where the part that `typed[at:]` stands for ends, if it begins at `place`; None if it does not."""
        if at == len(typed):
            return place
        if place == len(self.text):
            return None
        if typed[at] == self.text[place]:
            end = self.fits_from(typed, at + 1, place + 1)
            if end is not None:
                return end
        sound = self.sounds[place]
        for length in range(len(sound), 0, -1):
            is_last = at + length == len(typed)
            if (length in (1, len(sound)) or is_last) and typed.startswith(sound[:length], at):
                end = self.fits_from(typed, at + length, place + 1)
                if end is not None:
                    return end
        return None

    def beginnings(self) -> set[str]:
        """What a text may begin with that fits: a character, `=` and a syllable, `#` and one or two first letters."""
        letters = [sound[:1] or character for sound, character in zip(self.sounds, self.text, strict=True)]
        pairs = (one + other for one, other in pairwise(letters))
        syllables = (f"={sound}" for sound in self.sounds if sound)
        return {*self.text, *syllables, *(f"#{first}" for first in (*letters, *pairs))}

    def fit(self, typed: str) -> int | None:
        """None if the phrase does not fit, else one of the ranks above."""
        for start in range(len(self.text)):
            end = self.fits_from(typed, 0, start)
            if end is not None:
                return (_WHOLE if end == len(self.text) else _BEGINS) if start == 0 else _WITHIN
        return _SCATTERED if _stands_scattered(typed, self.text) else None


class TypeAhead(Generic[T]):
    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        """Phrases with what they stand for; the important ones first."""
        self._phrases = [_phrase(text, value) for text, value in phrases]
        self._places: defaultdict[str, set[int]] = defaultdict(set)
        for place, phrase in enumerate(self._phrases):
            for key in phrase.beginnings():
                self._places[key].add(place)
        self._syllables = [key for key in self._places if key.startswith("=")]

    def find(self, typed: str, most: int) -> list[T]:
        """What fits best, each value once."""
        wanted = bare(typed)
        if not wanted or (wanted.isascii() and len(wanted) < _LEAST_LETTERS):
            return []
        fits = [(phrase.fit(wanted), phrase) for phrase in self._possible(wanted)]
        found = sorted(((fit, phrase) for fit, phrase in fits if fit is not None), key=lambda pair: pair[0])
        return list(dict.fromkeys(phrase.value for _, phrase in found))[:most]

    def _possible(self, typed: str) -> list[_Phrase[T]]:
        """The phrases that have what every fit has: each Chinese character, and what the text begins with."""
        sets = [self._places.get(character, set()) for character in _CHINESE_CHARACTER.findall(typed)]
        sets.append(self._by_letters(typed) if typed[0].isascii() else self._places.get(typed[0], set()))
        places = sorted(set.intersection(*sets))
        return [self._phrases[place] for place in places[:_MOST_COMPARED]]

    def _by_letters(self, typed: str) -> set[int]:
        """Where the letters may begin: first letters of syllables, a whole syllable, or a part of one, not done yet."""
        keys = {f"#{typed[:2]}" if typed[:2].isascii() else f"#{typed[0]}"}
        keys |= {f"={typed[:length]}" for length in range(1, _LONGEST_SYLLABLE + 1)}
        if len(typed) < _LONGEST_SYLLABLE:
            keys |= {key for key in self._syllables if key.startswith(f"={typed}")}
        return set().union(*(self._places.get(key, set()) for key in keys))


def _phrase(text: str, value: T) -> _Phrase[T]:
    plain = bare(text)
    return _Phrase(plain, _sounds(plain), value)


# Names change rarely, and the sounds of one take a third of a millisecond.
@lru_cache(maxsize=100_000)
def _sounds(text: str) -> tuple[str, ...]:
    """The pinyin of each character, empty where it has none."""
    found: list[str] = []
    for run in _RUNS.findall(text):
        spoken = syllables(run) if _CHINESE.match(run) else []
        found += spoken if len(spoken) == len(run) else [""] * len(run)
    return tuple(found)


def _stands_scattered(typed: str, text: str) -> bool:
    """Whether Chinese that is typed stands in the text in this order, with others between: 身份证补 in 身份证怎么补."""
    rest = iter(text)
    return len(typed) > 1 and not typed.isascii() and all(character in rest for character in typed)
