"""Numbers of cases as citizens write them. Standard library only: the engine's environment reads it too."""

from __future__ import annotations

import re

# At most nine digits, since more would not fit the column of ids.
_NUMBER = re.compile(r"(?<![A-Za-z0-9])[Aa][Jj]\s*[-‐‑‒–—―−_]?\s*(\d{1,9})(?!\d)")


def case_number(case_id: int) -> str:
    """`12` → `AJ-000012`."""
    return f"AJ-{case_id:06d}"


def find_case_number(text: str) -> str | None:
    """The first number of a case in `text`, as it is printed: “aj 12” → `AJ-000012`."""
    found = _NUMBER.search(text)
    return case_number(int(found[1])) if found else None
