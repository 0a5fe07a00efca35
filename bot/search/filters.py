"""Filters of a list: which entries fit, and how many would be left for each further choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

# Filter → the values of one entry. An entry may have several: an item for 自然人 and 法人.
Values = Mapping[str, Collection[str]]
# Filter → the value asked for; an empty value filters nothing.
Wanted = Mapping[str, str]


class Filtered(Protocol):
    @property
    def values(self) -> Values: ...


Entry = TypeVar("Entry", bound=Filtered)


@dataclass(frozen=True)
class Choice:
    """A value that a list can be filtered by. `count`: how many entries would be left."""

    value: str
    title: str
    count: int


class Listing(Generic[Entry]):
    """The entries of a list, with a row of marks for each value of each filter: which of the entries have the value.

    Making it goes through all entries. Filtering and counting afterwards only compare rows of marks, which takes hardly
    longer for a long list, so a long list is best made once and kept.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self._having: dict[str, dict[str, NDArray[np.bool_]]] = {}
        for name, places in _places(entries).items():
            self._having[name] = {value: self._marked(some) for value, some in places.items()}

    def fitting(self, wanted: Wanted) -> list[Entry]:
        """The entries that fit all filters, in the order of the list."""
        return list(compress(self.entries, self._fit(wanted).tolist()))

    def counts(self, wanted: Wanted, name: str) -> dict[str, int]:
        """Value of the filter `name` → how many entries have it and fit all other filters, where there are any."""
        fit = self._fit({other: value for other, value in wanted.items() if other != name})
        counted = {value: int(np.count_nonzero(fit & marks)) for value, marks in self._having.get(name, {}).items()}
        return {value: count for value, count in counted.items() if count}

    def choices(self, wanted: Wanted, name: str, titles: Mapping[str, str] | None = None) -> list[Choice]:
        """The values of the filter `name`, each with the number of entries that fit it and all other filters.

        In the order of `titles`, which names values for people; without it, the most frequent first. A value that is
        chosen is kept even if nothing fits.
        """
        counted = self.counts(wanted, name)
        chosen = wanted.get(name, "")
        if titles is None:
            values = sorted(counted, key=lambda value: (-counted[value], value))
            values += [chosen] if chosen and chosen not in counted else []
            titles = {value: value for value in values}
        return [
            Choice(value, title, counted.get(value, 0))
            for value, title in titles.items()
            if value in counted or value == chosen
        ]

    def useful_choices(self, wanted: Wanted, titles: Mapping[str, Mapping[str, str] | None]) -> dict[str, list[Choice]]:
        """Filter → its choices, for the filters in `wanted` that leave one a choice or are chosen; the newest year
        first.

        `titles`: the titles of the values of a filter, for filters that have them.
        """
        found = {name: self.choices(wanted, name, titles.get(name)) for name in wanted}
        if "year" in found:
            found["year"].sort(key=lambda choice: choice.value, reverse=True)
        return {name: some for name, some in found.items() if len(some) > 1 or wanted[name]}

    def _fit(self, wanted: Wanted) -> NDArray[np.bool_]:
        fit = np.ones(len(self.entries), dtype=bool)
        for name, value in wanted.items():
            if value:
                fit &= self._having.get(name, {}).get(value, False)
        return fit

    def _marked(self, places: Sequence[int]) -> NDArray[np.bool_]:
        marks = np.zeros(len(self.entries), dtype=bool)
        marks[places] = True
        return marks


def _places(entries: Sequence[Filtered]) -> dict[str, dict[str, list[int]]]:
    """Filter → value → where in the list the entries are that have it."""
    places: dict[str, dict[str, list[int]]] = {}
    for place, one in enumerate(entries):
        for name, values in one.values.items():
            for value in values:
                places.setdefault(name, {}).setdefault(value, []).append(place)
    return places
