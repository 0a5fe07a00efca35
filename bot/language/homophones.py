"""Corrects names that were typed wrongly: with another character of the same sound, or by a slip of the fingers.

“居主证” sounds like 居住证 and is no word; “营业照执” is 营业执照 with two characters swapped. Such a stretch becomes
the name that it resembles if this makes the words of the text likelier by enough (a noisy-channel model). Words and
known names are not changed.
"""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jieba

from bot.language.pinyin import syllables
from bot.language.segmenter import new_segmenter
from bot.language.text import normalise

jieba.setLogLevel(logging.WARNING)

SHORTEST, LONGEST = 2, 6
# Shorter names are not corrected by similar sounds or by slips, since they resemble too many other words.
SHORTEST_ALIKE, SHORTEST_SLIP = 3, 4
# A word of two characters is a correction only if this many names hold it: others may sound alike by chance.
NAMES_OF_TWO = 3
# By how much (natural logarithm) the words must become likelier. Chosen on the dev half of the evaluation's messages
# (7 of 487 changed) and on the 4655 training examples (38 changed), all of them for the better.
GAIN_SAME_SOUND, GAIN_ALIKE, GAIN_SLIP = 2.0, 6.0, 0.0
# The least count of a word of our names, on the scale of jieba's dictionary (sixty million in all).
COMMON = 500
# How many characters on each side of a stretch are considered.
CONTEXT = 6
# Characters that are often words of their own, and so are seldom a part of a mistyped name.
_STANDS_ALONE = frozenset(
    "我你他她它们的了吗呢吧啊呀嘛是不没有还也都就才又再要能会可想去来到在和跟与或给把被让从对为得过着"
    "办领补换交缴开关设查问丢带找用报批迁入上下成停改买卖租提工林几多少什么怎哪谁个张本次年月日天前后里外中人家钱新旧"
)
_CHINESE = re.compile(r"[一-龥]{2,}")
_ALIKE_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_ALIKE_ENDS = (("ing", "in"), ("eng", "en"))


@dataclass(frozen=True)
class _Change:
    start: int
    end: int
    name: str
    gain: float


class Homophones:
    """Learns names once, then corrects texts; a message takes less than a millisecond. Can be pickled.

        homophones = Homophones(["居住证办理"])
        homophones.corrected("居主证怎么办")  # 居住证怎么办

    `names`: the names to correct to. `others`: further known names, which stay as they are.
    """

    def __init__(self, names: Iterable[str], others: Iterable[str] = ()) -> None:
        targets = list(dict.fromkeys(stretch for name in names for stretch in _CHINESE.findall(normalise(name))))
        self._known = {*targets, *(stretch for name in others for stretch in _CHINESE.findall(normalise(name)))}
        self._longest_known = max(map(len, self._known), default=0)
        self._words = new_segmenter()
        self._learn_words(targets)
        # A tree of sounds, where similar sounds are one. The names that end at a node are under "".
        self._by_sound: dict[str, Any] = {}
        self._by_slip: dict[str, set[str]] = defaultdict(set)
        holders = Counter(part for name in targets for part in set(self._parts(name)))
        self._known.update(holders)
        for part, holder_count in holders.items():
            if len(part) > SHORTEST or holder_count >= NAMES_OF_TWO:
                self._learn_sound(part)
            if len(part) >= SHORTEST_SLIP:
                for slip in self._slips(part):
                    self._by_slip[slip].add(part)

    def __getstate__(self) -> dict[str, Any]:
        # Of the tokenizer only what it was taught: the dictionary is the process's, and its lock cannot be stored.
        return {**vars(self), "_words": (dict(self._words.FREQ), self._words.total)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        taught, total = state.pop("_words")
        vars(self).update(state)
        self._words = new_segmenter()
        self._words.FREQ.update(taught)
        self._words.total = total

    def corrected(self, text: str) -> str:
        """The normalised `text` with its mistyped names corrected."""
        return _CHINESE.sub(lambda match: self._corrected_run(match[0]), text)

    def _corrected_run(self, run: str) -> str:
        taken: list[_Change] = []
        for change in sorted(self._changes(run), key=lambda change: (-change.gain, change.start)):
            if all(change.end <= other.start or other.end <= change.start for other in taken):
                taken.append(change)
        for change in sorted(taken, key=lambda change: -change.start):
            run = run[: change.start] + change.name + run[change.end :]
        return run

    def _changes(self, run: str) -> Iterator[_Change]:
        known, words = self._known_places(run), self._word_at(run)
        sounds = [_sound(character) for character in run]
        for start in range(len(run) - 1):
            for name, least in self._sounding_like(run, sounds, start):
                end = start + len(name)
                changed = {start + at for at, meant in enumerate(name) if run[start + at] != meant}
                if known.isdisjoint(changed) and self._may_be_wrong(run, words, start, name):
                    gain = self._gain(run, start, end, name)
                    if gain >= least:
                        yield _Change(start, end, name, gain)
            for end in range(start + SHORTEST_SLIP - 1, min(start + LONGEST + 1, len(run)) + 1):
                meant = self._by_slip.get(run[start:end], ())
                if len(meant) == 1 and not known.issuperset(range(start, end)) and _is_whole(words, start, end):
                    (name,) = meant
                    gain = self._gain(run, start, end, name)
                    if gain >= GAIN_SLIP:
                        yield _Change(start, end, name, gain)

    def _sounding_like(self, run: str, sounds: list[str], start: int) -> Iterator[tuple[str, float]]:
        """Other names that sound like the text from `start` on, each with the least gain that it must bring."""
        node = self._by_sound
        for place in range(start, min(start + LONGEST, len(run))):
            further = node.get(_likeness(sounds[place]))
            if further is None:
                return
            node = further
            for name, wanted in node.get("", ()):
                is_same_sound = wanted == sounds[start : place + 1]
                least = GAIN_SAME_SOUND if is_same_sound else GAIN_ALIKE
                if not run.startswith(name, start) and (is_same_sound or len(name) >= SHORTEST_ALIKE):
                    yield name, least

    def _may_be_wrong(self, run: str, words: list[tuple[int, int]], start: int, name: str) -> bool:
        """Whether the stretch is no word, no word crosses its ends, and each change is part of a word in `name`."""
        end = start + len(name)
        if self._is_word(run[start:end]) or not _is_whole(words, start, end):
            return False
        if all(last - first > 1 for first, last in words[start:end]):
            return False
        if len(name) == SHORTEST and not _STANDS_ALONE.isdisjoint(run[start:end]):
            return False
        changed = [place for place in range(len(name)) if name[place] != run[start + place]]
        if len(name) > SHORTEST and 2 * len(changed) > len(name) + 1:
            return False
        meant = self._word_at(name)
        return all(
            run[start + place] not in _STANDS_ALONE and meant[place][1] - meant[place][0] > 1 for place in changed
        )

    def _known_places(self, run: str) -> set[int]:
        """The places of all characters that belong to a known name."""
        places: set[int] = set()
        for start in range(len(run)):
            for end in range(min(start + self._longest_known, len(run)), start + 1, -1):
                if run[start:end] in self._known:
                    places.update(range(start, end))
                    break
        return places

    def _word_at(self, text: str) -> list[tuple[int, int]]:
        """For each character the start and the end of the word that it is in."""
        places: list[tuple[int, int]] = []
        for word in self._words.lcut(text, HMM=False):
            places += [(len(places), len(places) + len(word))] * len(word)
        return places

    def _is_word(self, text: str) -> bool:
        return bool(self._words.FREQ.get(text))

    def _gain(self, run: str, start: int, end: int, name: str) -> float:
        """By how much the words become likelier with `name` in place of the stretch."""
        before, after = run[max(0, start - CONTEXT) : start], run[end : end + CONTEXT]
        return self._likelihood(before + name + after) - self._likelihood(before + run[start:end] + after)

    def _likelihood(self, text: str) -> float:
        route: dict[int, tuple[float, int]] = {}
        self._words.calc(text, self._words.get_DAG(text), route)
        return route[0][0]

    def _learn_words(self, names: list[str]) -> None:
        """Makes words common that jieba knows little or not at all: pieces of names, and short names like 公租房."""
        pieces = {piece for name in names for piece in self._words.lcut(name, HMM=False)}
        for word in {*pieces, *(name for name in names if _STANDS_ALONE.isdisjoint(name))}:
            if SHORTEST <= len(word) <= SHORTEST_SLIP and (self._words.FREQ.get(word) or 0) < COMMON:
                self._words.add_word(word, COMMON)

    def _parts(self, name: str) -> Iterator[str]:
        """The words of a name, and runs of neighbouring words."""
        ends = [0, *(end for (_, end) in dict.fromkeys(self._word_at(name)))]
        for first, start in enumerate(ends):
            for end in ends[first + 1 :]:
                if SHORTEST <= end - start <= LONGEST and (end - start > SHORTEST or self._is_word(name[start:end])):
                    yield name[start:end]

    def _learn_sound(self, name: str) -> None:
        sounds = syllables(name)
        node = self._by_sound
        for sound in sounds:
            node = node.setdefault(_likeness(sound), {})
        node.setdefault("", []).append((name, sounds))

    def _slips(self, name: str) -> set[str]:
        """`name` with an inner character missing, with one doubled, or with two neighbours swapped.

        Left out where people may mean what they typed: “办许可” is no slip for 办学许可.
        """
        words = self._word_at(name)
        slips = {name[: at + 1] + name[at:] for at in range(1, len(name))}
        for at in range(1, len(name) - 1):
            first, last = words[at]
            rest = name[first:at] + name[at + 1 : last]
            is_right_too = not _STANDS_ALONE.isdisjoint(rest + name[at]) or (len(rest) > 1 and self._is_word(rest))
            if rest and not is_right_too:
                slips.add(name[:at] + name[at + 1 :])
        for at in range(len(name) - 1):
            pair = name[at + 1] + name[at]
            if not self._is_word(pair):
                slips.add(name[:at] + pair + name[at + 2 :])
        return {slip for slip in slips if slip != name and not all(b - a > 1 for a, b in self._word_at(slip))}


def _is_whole(words: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether no word crosses the ends of the stretch."""
    return words[start][0] == start and words[end - 1][1] == end


@lru_cache(maxsize=30_000)
def _sound(character: str) -> str:
    return syllables(character)[0]


@lru_cache(maxsize=1_000)
def _likeness(sound: str) -> str:
    """Makes sounds equal that many people do not tell apart."""
    for written, alike in _ALIKE_INITIALS:
        if sound.startswith(written):
            sound = alike + sound[len(written) :]
            break
    for written, alike in _ALIKE_ENDS:
        if sound.endswith(written):
            sound = sound[: -len(written)] + alike
            break
    return sound
