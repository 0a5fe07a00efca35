"""Finds the route for a message that another office must answer, by the trigger phrases of the city's routes.

The phrases are fixed, not learnt, since a wrong guess at an emergency would be dangerous. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.language.first_characters import ByFirstCharacter

EMERGENCY = "紧急求助"
# How far the citizen's own matter is in a system that we cannot see. Its phrases say so, whatever item they name.
OWN_MATTER = "本人在外部系统的个案"
# The most characters between the parts of a trigger: “老公 打我” also finds “老公又喝醉了打我”.
WIDEST_GAP = 6
# Who calls for help writes little. A longer text with such a phrase is a letter: “一旦发生火灾，消防车进不来”.
LONGEST_CALL = 60


@dataclass(frozen=True)
class Route:
    """`triggers` and `exceptions` are normalised; a space in one stands for up to `WIDEST_GAP` characters."""

    code: str
    category: str
    triggers: tuple[str, ...]
    exceptions: tuple[str, ...] = ()


class Routes:
    """The routes, ready to be matched. All texts are normalised."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(route, [_Phrase(text) for text in route.exceptions]) for route in routes]
        self._own_matters = {route.code for route, _ in self._routes if route.category == OWN_MATTER}
        self._triggers = ByFirstCharacter(
            (trigger, (number, _Phrase(trigger)))
            for number, (route, _) in enumerate(self._routes)
            for trigger in route.triggers
        )

    def emergency_in(self, text: str) -> str | None:
        """The code of the emergency that `text` calls for help in. Checked before anything else."""
        return self._best(text, is_emergency=True) if len(text) <= LONGEST_CALL else None

    def danger_in(self, text: str) -> str | None:
        """The code of an emergency that a letter speaks of. The letter is answered as others are."""
        return self._best(text, is_emergency=True) if len(text) > LONGEST_CALL else None

    def other_in(self, text: str) -> str | None:
        """The code of any other route whose trigger `text` has."""
        return self._best(text, is_emergency=False)

    def is_own_matter(self, code: str) -> bool:
        return code in self._own_matters

    def _best(self, text: str, is_emergency: bool) -> str | None:
        """The route of the longest trigger in `text`, the first of several; not a route with an exception in `text`."""
        found = [
            (-trigger.size, number)
            for number, trigger in self._triggers.possible_in(text)
            if (self._routes[number][0].category == EMERGENCY) == is_emergency and trigger.is_in(text)
        ]
        for _, number in sorted(found):
            route, exceptions = self._routes[number]
            if not any(phrase.is_in(text) for phrase in exceptions):
                return route.code
        return None


class _Phrase:
    """Parts that must stand in this order. `size`: the number of their characters."""

    def __init__(self, written: str) -> None:
        parts = written.split()
        self._first, self._is_whole = parts[0], len(parts) == 1
        self._pattern = re.compile(rf".{{0,{WIDEST_GAP}}}?".join(map(re.escape, parts)))
        self.size = sum(map(len, parts))

    def is_in(self, text: str) -> bool:
        return self._first in text and (self._is_whole or self._pattern.search(text) is not None)
