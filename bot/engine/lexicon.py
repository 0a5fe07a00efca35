"""The catalogue's names as the engine knows them, from the file that `bot/running/lexicon_file.py` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import jieba

from bot.language.districts import Districts
from bot.language.segmenter import new_segmenter
from bot.language.text import normalise
from bot.language.triggers import Route
from bot.settings import Settings

# Longer names are not made one word, since that would hide their parts from the classifier.
LONGEST_WORD = 6


class NoLexicon(RuntimeError):
    """The lexicon is not written yet: run `make setup`, which loads the catalogue and writes it."""


@dataclass(frozen=True)
class Entry:
    """An item, a joint service, or (`kind` “absent”) a matter that the catalogue is known not to hold.

    All is normalised except `title`, which is for display. `names`: what people call it; `words`: other words that
    belong to it.
    """

    code: str
    kind: str
    title: str
    names: list[str]
    words: list[str]


@dataclass(frozen=True)
class Lexicon:
    entries: list[Entry]
    departments: list[str]
    routes: list[Route] = field(default_factory=list)
    districts: Districts = field(default_factory=lambda: Districts(()))

    @classmethod
    def of_settings(cls) -> Lexicon:
        """Raises `NoLexicon`."""
        return cls.from_file(Settings.from_environment().lexicon_path)

    @classmethod
    def from_file(cls, path: Path) -> Lexicon:
        """Raises `NoLexicon`."""
        try:
            return _read(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            raise NoLexicon(NoLexicon.__doc__) from None

    @classmethod
    def from_content(cls, content: dict[str, Any]) -> Lexicon:
        """`content` as `bot.running.lexicon_file` writes it."""
        return cls(
            entries=[
                Entry(
                    code=entry["code"],
                    kind=entry["kind"],
                    title=entry["name"],
                    names=_unique([entry["name"], *entry["aliases"]]),
                    words=_unique(entry["words"]),
                )
                for entry in content["entries"]
            ],
            departments=_unique(
                [name for department in content["departments"] for name in (department["name"], *department["aliases"])]
            ),
            routes=[
                Route(
                    route["code"],
                    route["category"],
                    _phrases(route["triggers"]),
                    _phrases(route["exceptions"]),
                )
                for route in content.get("routes", [])
            ],
            districts=Districts.of_content(content.get("districts", [])),
        )

    def segmenter(self) -> jieba.Tokenizer:
        """A jieba tokenizer that knows names, aliases, materials and departments; the process-wide one is unchanged."""
        segmenter = new_segmenter()
        words = [word for entry in self.entries for word in (*entry.names, *entry.words)]
        for word in (*words, *self.departments):
            if len(word) <= LONGEST_WORD:
                segmenter.add_word(word)
        return segmenter


@lru_cache(maxsize=1)
def _read(path: Path, _written_at: int) -> Lexicon:
    """Kept, since several components read the same file."""
    return Lexicon.from_content(json.loads(path.read_text(encoding="utf-8")))


def _phrases(phrases: list[str]) -> tuple[str, ...]:
    """Normalises each phrase part by part, since normalising removes spaces between Chinese characters."""
    return tuple(dict.fromkeys(" ".join(normalise(part) for part in phrase.split()) for phrase in phrases))


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(normalise(name) for name in names if name))
