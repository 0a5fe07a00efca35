"""Decides from a seed what goes wrong on the way; it does not wait or send anything itself."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What happens to a request. `ANSWER_LOST`: it took effect, but its sender gets no answer."""

    ARRIVES = "arrives"
    LOST = "lost"
    ANSWER_LOST = "answer_lost"


@dataclass(frozen=True)
class Faults:
    """Percent of requests that are lost, that come twice, and that overtake another."""

    lose: float = 0
    double: float = 0
    reorder: float = 0


class Luck:
    """Decides the same from the same seed if it is asked the same things in the same order."""

    def __init__(self, faults: Faults, seed: int | None = None) -> None:
        self._faults = faults
        self._random = random.Random(seed)  # noqa: S311 # no secret depends on it

    def fate(self) -> Fate:
        if not self._happens(self._faults.lose):
            return Fate.ARRIVES
        return Fate.LOST if self._happens(50) else Fate.ANSWER_LOST

    def doubles(self) -> bool:
        return self._happens(self._faults.double)

    def overtakes(self) -> bool:
        return self._happens(self._faults.reorder)

    def names_by_key(self) -> bool:
        """Whether reports name a text by the assistant's key and not by the carrier's own id."""
        return self._happens(50)

    def seconds(self, most: float) -> float:
        return self._random.uniform(0, most)

    def reference(self) -> int:
        return self._random.randrange(65_536)

    def _happens(self, percent: float) -> bool:
        return self._random.random() * 100 < percent
