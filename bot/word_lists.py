"""Folds the words of other offices to ours: a table of column (列), word (写法) and our word (统一写法) for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from pydantic import Field

from bot.tabular import Row, Tables, folded, read_tables

# The table by which a delivery adds words of its own.
TABLE = "vocabulary"
_BETWEEN = re.compile(r"[、,;/|\s]+|以及|[和或及]")

Words = Mapping[tuple[str, str], str]
# Column → what stands between several values, and their order.
Several = Mapping[str, tuple[str, tuple[str, ...]]]


class WordRow(Row):
    column: str = Field(alias="列", min_length=1)
    written: str = Field(alias="写法", min_length=1)
    meant: str = Field(alias="统一写法", min_length=1)


def fold_words(tables: Tables, path: Path, several: Several | None = None) -> None:
    """Changes the cells of `tables` by the words of the CSV file at `path` and those that come with the tables.

    Words that nobody listed stay, and are rejected later. `several`: columns that may name several values at once.
    """
    words = {**_words_at(path), **_words_in(tables)}
    for column in {column for column, _ in words} | (several or {}).keys():
        tables.fold([column], partial(meant, words, several or {}, column))


@cache
def _words_at(path: Path) -> Words:
    return _words_in(read_tables(path))


def _words_in(tables: Tables) -> Words:
    rows = tables.checked(TABLE, WordRow) if TABLE in tables.rows else []
    return {(row.column, folded(row.written)): row.meant for _, row in rows}


def meant(words: Words, several: Several, column: str, cell: str) -> str:
    whole = folded(cell)
    if not whole:
        return cell
    if (column, whole) in words:
        return words[column, whole]
    if column not in several:
        return cell
    between, order = several[column]
    parts = {words.get((column, part), part) for part in _BETWEEN.split(whole) if part}
    return between.join(part for part in order if part in parts) if parts <= set(order) else cell
