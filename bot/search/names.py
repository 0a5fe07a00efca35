"""Names of things, found by a part of the name: however it is written, spaced and punctuated."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Generic, TypeVar

from bot.language.text import bare

Key = TypeVar("Key")


class Names(Generic[Key]):
    """Made of names, each with the key of the thing it names; a thing may have several. What is found keeps their
    order, each thing once.
    """

    def __init__(self, named: Iterable[tuple[str, Key]]) -> None:
        self._named = [(_bare_name(name), key) for name, key in named]

    def exactly(self, text: str) -> list[Key]:
        """The things of which a name is `text`."""
        wanted = bare(text)
        return list(dict.fromkeys(key for name, key in self._named if name == wanted)) if wanted else []

    def containing(self, text: str) -> list[Key]:
        """The things of which a name contains `text`."""
        wanted = bare(text)
        return list(dict.fromkeys(key for name, key in self._named if wanted in name)) if wanted else []


@lru_cache(maxsize=50_000)
def _bare_name(name: str) -> str:
    """Kept for when the list is made again: most of its names are then the same, and each costs some microseconds."""
    return bare(name)
