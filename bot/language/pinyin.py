"""The sounds of Chinese characters.

pypinyin's own list of phrases is not loaded, since it takes 50 MB in each process. Some characters have several sounds;
`polyphones.txt` lists the words in which such a character does not have its commonest one.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

os.environ["PYPINYIN_NO_PHRASES"] = "true"

from pypinyin import Style, lazy_pinyin, load_phrases_dict  # after the setting that it reads

_POLYPHONES = Path(__file__).with_name("polyphones.txt")


def syllables(text: str) -> list[str]:
    """A syllable without tone for each Chinese character: 银行 → `["yin", "hang"]`. What is not Chinese stays whole."""
    return [str(syllable) for syllable in lazy_pinyin(text)]


def first_letters(text: str) -> str:
    """The first letters of the syllables: 身份证 → `sfz`."""
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))


def _teach_polyphones() -> None:
    sound_in: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in _POLYPHONES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            character, sound, *words = line.split()
            for word in words:
                sound_in[word][character] = sound
    phrases = {
        word: [[special.get(character) or lazy_pinyin(character)[0]] for character in word]
        for word, special in sound_in.items()
    }
    load_phrases_dict(phrases)


_teach_polyphones()
