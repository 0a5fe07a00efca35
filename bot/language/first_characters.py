"""Finds which of many phrases may stand in a text, without comparing the text with each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class ByFirstCharacter(Generic[T]):
    """Values by the first character of their phrase.

    index = ByFirstCharacter([("身份证", 1), ("护照", 2)])
    list(index.possible_in("护照多少钱"))  # [2]
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._values: dict[str, list[T]] = {}
        for phrase, value in phrases:
            self._values.setdefault(phrase.strip()[:1], []).append(value)

    def possible_in(self, text: str) -> Iterator[T]:
        """The values whose phrase begins with a character of `text`; the caller checks the rest of the phrase."""
        return (value for character in dict.fromkeys(text) for value in self._values.get(character, ()))
