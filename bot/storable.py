"""Texts and numbers from outside, as the database takes them.

PostgreSQL stores no NUL. No UTF-8 holds half of a surrogate pair, which JSON (`\\ud800`) and some charsets of forms
bring. A number of more digits than an id has overflows its column.
"""

from __future__ import annotations

import re

# PostgreSQL's `integer`; SQLite's is longer.
_LARGEST_ID = 2**31 - 1
_HALVES = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Without NUL, and with U+FFFD in place of half a pair."""
    return _HALVES.sub("\ufffd", text.replace("\0", ""))


def row_id(number: object) -> int:
    """A number that may be the id of a row. Raises ValueError; also for True, which Python counts as 1."""
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= _LARGEST_ID:
        raise ValueError("no id of a row")
    return number
