"""Puts English questions, and Chinese typed as pinyin, into the Chinese words that the search knows.

    romanised = Romanised(["居住证", "身份证"])
    romanised.in_chinese("how much is a residence permit")  # Understood("居住证多少钱", "english")
    romanised.in_chinese("shenfenzheng diule zenmeban")  # Understood("身份证丢了怎么办", "pinyin")
    romanised.in_chinese("sfz丢了")  # Understood("身份证丢了", "pinyin"): the first letters of the three syllables

This is no translation: an English question becomes the Chinese words for the things, deeds and question words that it
names, which are what a search weighs. The result is never shown.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.language.pinyin import first_letters, syllables
from bot.language.segmenter import process_wide

_TABLE = Path(__file__).with_name("english.csv")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
_LETTERS = re.compile("[a-z]+")
_CODE = re.compile(r"[a-z]+[-_]?\d|\d[-_]?[a-z]|@|https?:|www\.", re.IGNORECASE)
# The share of known words from which a text is taken for English: words in the table, and those in `_LITTLE`.
_LEAST_KNOWN = 0.6
_LITTLE_WORDS = """
a an the i my me we our you your it its is are am was do does did can could should would will shall
must may to for of in on at by with from and or if but not no yes please need want have has had be
been there this that what which who why how as about into new old after before they he she his her
them us city here out up any some take
"""
_LITTLE = frozenset(_LITTLE_WORDS.split())
# The least count of a name of the city, on the scale of jieba's dictionary (sixty million in all).
_NAME_COUNT = 20_000
_LEAST_COUNT = 300
_SHORTEST_PINYIN, _LONGEST_WORD = 5, 30
# First letters without a vowel: with one, they could be an English word or a syllable.
_INITIALS = re.compile(r"[^aeiou]{3,6}")
# Initials stand for the word that is in the most names of the city: in at least so many, and in so many times as many
# as any other word with these initials.
_LEAST_NAMES, _CLEARLY = 3, 2


@dataclass(frozen=True)
class Understood:
    """`language` is “english” or “pinyin”."""

    text: str
    language: str


class Romanised:
    """`names`: what things are called in the city. They win over other words of the same sound."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = tuple(names)

    @classmethod
    def of_lexicon(cls, path: Path) -> Romanised:
        """With the names in the lexicon file of the city; without any where there is no such file."""
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))["entries"]
        except FileNotFoundError:
            return cls()
        return cls(name for entry in entries for name in (entry["name"], *entry["aliases"]))

    def in_chinese(self, text: str) -> Understood | None:
        """None where the text is Chinese already, holds a code, or is neither English nor pinyin that we know."""
        plain = text.lower().replace("\u2019", "'")
        words = _WORD.findall(plain)
        if not words or _CODE.search(plain):
            return None
        chinese = "".join(_CHINESE.findall(plain))
        english = _english(words)
        if english is not None:
            return Understood(chinese + english, "english")
        typed, initials = _LETTERS.findall(plain), _initials(self._names)
        if chinese or all(word in initials for word in typed):
            written = _LETTERS.sub(lambda word: initials.get(word.group(), word.group()), plain)
            return Understood(written, "pinyin") if written != plain else None
        if sum(map(len, typed)) < _SHORTEST_PINYIN:
            return None
        spoken = self._spoken(typed)
        return Understood(spoken, "pinyin") if spoken else None

    def _spoken(self, typed: list[str]) -> str | None:
        """The likeliest words that sound like all that was typed (Viterbi over single words); None if there are none.

        A word may go over a space only if it begins and ends with typed words: “shen fen zheng”.
        """
        sounds, letters = _sounds(self._names), "".join(typed)
        edges = {0, *itertools.accumulate(map(len, typed))}
        best: list[tuple[float, str] | None] = [(0.0, "")] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - _LONGEST_WORD), end):
                before, word = best[start], sounds.get(letters[start:end])
                goes_over = any(start < edge < end for edge in edges)
                if before is None or word is None or (goes_over and not {start, end} <= edges):
                    continue
                cost = before[0] + word[0]
                here = best[end]
                if here is None or cost < here[0]:
                    best[end] = (cost, before[1] + word[1])
        found = best[-1]
        return found[1] if found else None


def _english(words: list[str]) -> str | None:
    """The Chinese words for what is named, things first and the question last; None if too little is known."""
    found: dict[str, list[str]] = {"thing": [], "deed": [], "ask": [], "greeting": []}
    known = at = 0
    while at < len(words):
        for length in range(min(5, len(words) - at), 0, -1):
            entry = _english_table().get(" ".join(words[at : at + length]))
            if entry:
                found[entry[1]].append(entry[0])
                known += length
                at += length
                break
        else:
            known += words[at] in _LITTLE
            at += 1
    named = found["thing"] + found["deed"]
    if known < _LEAST_KNOWN * len(words) or not (named or found["greeting"] or found["ask"]):
        return None
    # “How do I apply, and how much is it”: only the more precise question counts.
    asks = [ask for ask in found["ask"] if ask != "怎么办"] or found["ask"]
    told = [*named, *asks] or found["greeting"]
    return "".join(dict.fromkeys(told))


@lru_cache(maxsize=1)
def _english_table() -> dict[str, tuple[str, str]]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    table = {row["english"]: (row["chinese"], row["sort"]) for row in rows}
    plurals = {f"{row['english']}s": (row["chinese"], row["sort"]) for row in rows if row["sort"] == "thing"}
    return {**plurals, **table}


@lru_cache(maxsize=4)
def _sounds(names: tuple[str, ...]) -> dict[str, tuple[float, str]]:
    """Pinyin → the likeliest word of that sound, after its cost (negative logarithm of its share). Takes a second."""
    words = process_wide()
    counts = {word: count for word, count in words.FREQ.items() if count >= _LEAST_COUNT and _CHINESE.match(word)}
    asked = [chinese for chinese, sort in _english_table().values() if sort == "ask"]
    parts = [word for name in names for word in words.cut(name) if len(word) > 1]
    for word, least in (
        *((part, _NAME_COUNT // 10) for part in parts),
        *((name, _NAME_COUNT) for name in (*names, *asked)),
    ):
        if _is_chinese(word):
            counts[word] = max(counts.get(word, 0), least)
    found: dict[str, tuple[float, str]] = {}
    for word, count in counts.items():
        sound = "".join(syllables(word))
        cost = -math.log(count / words.total)
        if sound not in found or cost < found[sound][0]:
            found[sound] = (cost, word)
    short = {initials: (-math.log(_NAME_COUNT / words.total), word) for initials, word in _initials(names).items()}
    return {**short, **found}


@lru_cache(maxsize=4)
def _initials(names: tuple[str, ...]) -> dict[str, str]:
    """The first letters of the syllables, such as “sfz”, → the word of the names that they stand for."""
    words = process_wide()
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        for word in {name, *words.cut(name)}:
            initials = first_letters(word) if _is_chinese(word) else ""
            if _INITIALS.fullmatch(initials):
                found[initials][word] += 1
    meant = {}
    for initials, counts in found.items():
        (word, count), *others = counts.most_common(2)
        if count >= _LEAST_NAMES and (not others or count >= _CLEARLY * others[0][1]):
            meant[initials] = word
    return meant


def _is_chinese(name: str) -> bool:
    return bool(name) and all(_CHINESE.match(character) for character in name)
