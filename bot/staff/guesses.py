"""How many guesses it takes to find a password, as zxcvbn counts (Wheeler, USENIX Security 2016); knows Chinese habits.

A password is cut into the pieces that need the fewest guesses: common words, pinyin, keyboard runs, sequences,
repeats, dates, wishes in numbers, telephone numbers. The rest is guessed character by character. A cost is the
logarithm, to base 10, of the number of guesses.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

_WORDS = {
    word: rank
    for rank, word in enumerate(
        dict.fromkeys(
            word
            for line in Path(__file__).with_name("common_passwords.txt").read_text().splitlines()
            if not line.startswith("#")
            for word in line.split()
        ),
        start=1,
    )
}
_LOOKS_LIKE = str.maketrans({"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "5": "s", "$": "s", "7": "t"})
# Wishes and names as numbers: 我爱你一生一世, 一路发, 发发发, 八婆二百五, the helpline, the emergency numbers.
_NUMBERS = re.compile(
    r"5201314|1314520|1314|520|521|168|1688|5188|518|886|8+|6+|9+|250|12345|110|119|120|007|147258369|159357"
)
_RUNS = ("1234567890", "0987654321", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_COLUMNS = (
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik",
    "9ol",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6",
)
_KEYBOARD = tuple(line for run in (*_RUNS, *_COLUMNS) for line in (run, run[::-1]))
_SYLLABLE = re.compile(
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|ve|er|a|o|e|i|u|v)"
)
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_IDENTITY = re.compile(r"[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9x]")
_YEAR = re.compile(r"19[4-9][0-9]|20[0-3][0-9]")
_RUN_COST, _YEAR_COST, _DATE_COST, _PHONE_COST, _IDENTITY_COST, _SYLLABLE_COST = 1.5, 2.0, 4.6, 8.0, 8.0, 2.6
_DIGIT_COST, _LETTER_COST, _MARK_COST = 1.0, 1.4, 1.6
# Extra cost of a word in capitals or with look-alike characters.
_DISGUISE_COST = 0.5


def guesses_log10(password: str) -> float:
    """The least total cost of the pieces of the password; at least 0."""
    typed = unicodedata.normalize("NFKC", password)
    plain = typed.casefold()
    if len(plain) != len(typed):
        plain = typed.lower()
    best = [0.0] + [math.inf] * len(plain)
    for start in range(len(plain)):
        for end, cost in _pieces(typed, plain, start):
            best[end] = min(best[end], best[start] + cost)
    return min(best[-1], _as_repetition(plain))


def _pieces(typed: str, plain: str, start: int) -> Iterator[tuple[int, float]]:
    """(end, cost) of each piece that begins at `start`."""
    yield start + 1, _character_cost(plain[start])
    for pattern, cost in ((_NUMBERS, 1.0), (_YEAR, _YEAR_COST), (_PHONE, _PHONE_COST), (_IDENTITY, _IDENTITY_COST)):
        match = pattern.match(plain, start)
        if match:
            yield match.end(), cost
    for length in (6, 8):
        if start + length <= len(plain) and _is_date(plain[start : start + length]):
            yield start + length, _DATE_COST
    match = _SYLLABLE.match(plain, start)
    if match and match.end() - start > 1:
        yield match.end(), _SYLLABLE_COST
    for end in range(start + 1, min(len(plain), start + 20) + 1):
        piece = plain[start:end]
        if len(piece) >= 3 and (len(set(piece)) == 1 or any(piece in line for line in _KEYBOARD)):
            yield end, _RUN_COST
        for word in {piece, piece.translate(_LOOKS_LIKE)}:
            if word in _WORDS:
                is_disguised = typed[start:end] != word
                yield end, math.log10(_WORDS[word] + 1) + (_DISGUISE_COST if is_disguised else 0)


def _character_cost(character: str) -> float:
    if character.isdigit():
        return _DIGIT_COST
    return _LETTER_COST if character.isascii() and character.isalpha() else _MARK_COST


def _is_date(text: str) -> bool:
    """Whether it is a date: year first (`19900315`, `900315`) or day first (`15031990`)."""
    if not (text.isascii() and text.isdigit() and len(text) in (6, 8)):
        return False
    year_length = len(text) - 4
    for year, rest in ((text[:year_length], text[year_length:]), (text[4:], text[2:4] + text[:2])):
        full = int(year) if year_length == 4 else 1900 + int(year)
        try:
            date(full, int(rest[:2]), int(rest[2:]))
        except ValueError:
            continue
        if 1900 <= full <= 2039:
            return True
    return False


def _as_repetition(plain: str) -> float:
    """The cost of a repeated password: `abcabcabc` costs little more than `abc`. Infinite if nothing repeats."""
    for length in range(1, len(plain) // 2 + 1):
        if len(plain) % length == 0 and plain == plain[:length] * (len(plain) // length):
            return guesses_log10(plain[:length]) + math.log10(len(plain) // length)
    return math.inf
