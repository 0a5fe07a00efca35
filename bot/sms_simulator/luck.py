"""What goes wrong on the way, drawn from a seed: nothing here waits or sends."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """Of one request. `ANSWER_LOST`: it did its work at the other end, and its sender does not hear of it."""

    ARRIVES = "arrives"
    LOST = "lost"
    ANSWER_LOST = "answer_lost"


@dataclass(frozen=True)
class Faults:
    """How many of a hundred requests are lost, come twice, overtake another."""

    lose: float = 0
    double: float = 0
    reorder: float = 0


class Luck:
    """Draws alike from the same seed as long as it is asked the same things in the same order."""

    def __init__(self, faults: Faults, seed: int | None = None) -> None:
        self._faults = faults
        self._random = random.Random(seed)  # noqa: S311 # nothing secret hangs on it

    def fate(self) -> Fate:
        if not self._happens(self._faults.lose):
            return Fate.ARRIVES
        return Fate.LOST if self._happens(50) else Fate.ANSWER_LOST

    def doubles(self) -> bool:
        return self._happens(self._faults.double)

    def overtakes(self) -> bool:
        return self._happens(self._faults.reorder)

    def names_by_key(self) -> bool:
        """A report may name a text by our key or by the carrier's own id."""
        return self._happens(50)

    def seconds(self, most: float) -> float:
        return self._random.uniform(0, most)

    def reference(self) -> int:
        return self._random.randrange(65_536)

    def _happens(self, percent: float) -> bool:
        return self._random.random() * 100 < percent
