"""Makes `names.json` from jieba's dictionary: `python -m bot.language.masking.learn_names`.

The weight of a character says how much it looks like part of a given name. It is the logarithm of how much more often
the character stands in three-character names of the dictionary (tag `nr`) than in other words. jieba's own tagger is
not used, since it needs 66 seconds for 2,000 rare characters.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import jieba

from bot.language.masking.surnames import COMPOUND, NO_NAMES, SINGLE

FILE = Path(__file__).with_name("names.json")
# Words that begin with a surname and have at least this count (of sixty million) speak against a name.
_LEAST_COUNT = 5


def learn() -> dict[str, object]:
    given: Counter[str] = Counter()
    other: Counter[str] = Counter()
    words = set(NO_NAMES)
    for line in jieba.get_dict_file():
        word, count, tag = line.decode().split()
        if tag.startswith("nr"):
            if len(word) == 3 and word[0] in SINGLE:
                given.update(word[1:])
        else:
            other.update(dict.fromkeys(word, int(count)))
            if word[0] in SINGLE and 2 <= len(word) <= 4 and int(count) >= _LEAST_COUNT and word[:2] not in COMPOUND:
                words.add(word)
    return {"given": _weights(given, other), "words": sorted(words)}


def _weights(given: Counter[str], other: Counter[str]) -> dict[str, float]:
    given_total, other_total = given.total() + 3000, other.total() + 300_000
    weights = {
        character: math.log((count + 0.5) / given_total) - math.log((other[character] + 50) / other_total)
        for character, count in given.items()
    }
    return {character: round(weight, 1) for character, weight in sorted(weights.items()) if weight > -3}


if __name__ == "__main__":
    FILE.write_text(json.dumps(learn(), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
