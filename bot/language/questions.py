"""Finds the clause of a short message that asks. Standard library only."""

from __future__ import annotations

import re

_CLAUSES = re.compile(r"[,。!;\n]|(?<=[?])")
_ASKS = re.compile(
    "[?]|[吗呢]$|怎么|如何|怎样|咋|什么|啥|哪|多少|多久|几[天年月个]|能不能|可不可以|要不要|是不是|有没有"
)
# A shorter clause, like “怎么办”, names nothing by itself.
_SHORTEST = 5


def asking_clause(text: str) -> str | None:
    """The only clause of a normalised text that asks; None if others ask too, or if it is short, or the whole text."""
    clauses = [clause for clause in _CLAUSES.split(text) if clause]
    asking = [clause for clause in clauses if _ASKS.search(clause)]
    return asking[0] if len(clauses) > 1 and len(asking) == 1 and len(asking[0]) >= _SHORTEST else None
