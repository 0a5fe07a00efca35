"""Filters of a list: which entries fit, and how many would be left for each further choice. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

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


def fitting(entries: Iterable[Entry], wanted: Wanted, besides: str = "") -> list[Entry]:
    """The entries that fit all filters; `besides`: a filter that does not count."""
    asked = {name: value for name, value in wanted.items() if value and name != besides}
    return [one for one in entries if all(value in one.values.get(name, ()) for name, value in asked.items())]


def choices(
    entries: Sequence[Entry], wanted: Wanted, name: str, titles: Mapping[str, str] | None = None
) -> list[Choice]:
    """The values of the filter `name`, each with the number of entries that fit it and all other filters.

    In the order of `titles`, which names values for people; without it, the most frequent first. A value that is
    chosen is kept even if nothing fits.
    """
    counted = Counter(value for one in fitting(entries, wanted, name) for value in one.values.get(name, ()))
    chosen = wanted.get(name, "")
    if titles is None:
        values = sorted(counted, key=lambda value: (-counted[value], value))
        values += [chosen] if chosen and chosen not in counted else []
        return [Choice(value, value, counted[value]) for value in values]
    return [
        Choice(value, title, counted[value]) for value, title in titles.items() if counted[value] or value == chosen
    ]


def useful_choices(
    entries: Sequence[Entry], wanted: Wanted, titles: Mapping[str, Mapping[str, str] | None]
) -> dict[str, list[Choice]]:
    """Filter → its choices, for the filters in `wanted` that leave one a choice or are chosen; the newest year first.

    `titles`: the titles of the values of a filter, for filters that have them.
    """
    found = {name: choices(entries, wanted, name, titles.get(name)) for name in wanted}
    if "year" in found:
        found["year"].sort(key=lambda choice: choice.value, reverse=True)
    return {name: some for name, some in found.items() if len(some) > 1 or wanted[name]}
