"""What a change would change, in words; and the refusal of one that is not allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# The new values, as JSON, in the form of the kind's own module.
Wanted = dict[str, Any]


class ChangeRefused(ValueError):
    """The change is not allowed, or not now; the message, in Chinese, says why."""


@dataclass(frozen=True)
class Difference:
    """One field: `old` or `new` is empty if there was or will be nothing."""

    title: str
    old: str
    new: str

    @property
    def words(self) -> str:
        return f"{self.title}：{_short(self.old)} → {_short(self.new)}"


def between(old: Mapping[str, str], new: Mapping[str, str]) -> list[Difference]:
    """The fields (title → text) that differ, in the order of `old`, then those that only `new` has."""
    titles: Iterable[str] = dict.fromkeys([*old, *new])
    return [
        Difference(title, old.get(title, ""), new.get(title, ""))
        for title in titles
        if old.get(title, "") != new.get(title, "")
    ]


_LONGEST_IN_A_LINE = 60


def _short(text: str) -> str:
    line = " ".join(text.split()) or "（空）"
    return line if len(line) <= _LONGEST_IN_A_LINE else f"{line[:_LONGEST_IN_A_LINE]}…"
