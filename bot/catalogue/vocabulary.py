"""The words of the national implementation list (政务服务事项实施清单), folded to ours: `vocabulary.csv`.

A city extends or changes them by a table `vocabulary` in its own delivery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from pydantic import Field

from bot.tabular import Row, Tables, folded, read_tables

TABLE = "vocabulary"
# Columns that may name several at once, and the order in which the parts are written.
_SEVERAL = {"服务对象": ("/", ("自然人", "法人")), "办理形式": ("", ("线上", "线下"))}
_BETWEEN = re.compile(r"[、,;/|\s]+|以及|[和或及]")

# Codes: our short ones (GA-001), the basic code (基本编码) of the national list, and the codes of an implementing
# agency (实施编码, 31 characters) and of one business (业务办理项编码, 33), which begin with its credit code.
ITEM_CODE = r"[A-Z]{2,4}-\d{3,6}|\d{11,12}|[0-9A-Z]{31}|[0-9A-Z]{33}"
# Our short ones, or the credit code (统一社会信用代码) of the agency.
DEPARTMENT_CODE = r"[A-Z]{2,4}|[0-9A-Z]{18}"
_CODE_COLUMNS = ("事项编码", "编码", "部门编码", "地点编码")

Words = Mapping[tuple[str, str], str]


class WordRow(Row):
    column: str = Field(alias="列", min_length=1)
    written: str = Field(alias="写法", min_length=1)
    meant: str = Field(alias="统一写法", min_length=1)


def fold_vocabulary(tables: Tables) -> None:
    """Changes the cells of `tables` to our words and codes. Words that nobody listed stay, and are rejected later."""
    words = {**_own_words(), **_words_in(tables)}
    for column in {column for column, _ in words} | _SEVERAL.keys():
        tables.fold([column], partial(_meant, words, column))
    tables.fold(_CODE_COLUMNS, _code)
    tables.fold(["事项"], lambda cell: "\n".join(map(_code, re.split(r"[\n、,，;；]+", cell))))
    tables.fold(["关联"], lambda cell: _code(cell) if re.fullmatch(ITEM_CODE, _code(cell)) else cell)


@cache
def _own_words() -> Words:
    return _words_in(read_tables(Path(__file__).with_suffix(".csv")))


def _words_in(tables: Tables) -> Words:
    rows = tables.checked(TABLE, WordRow) if TABLE in tables.rows else []
    return {(row.column, folded(row.written)): row.meant for _, row in rows}


def _meant(words: Words, column: str, cell: str) -> str:
    whole = folded(cell)
    if not whole:
        return cell
    if (column, whole) in words:
        return words[column, whole]
    if column not in _SEVERAL:
        return cell
    between, order = _SEVERAL[column]
    parts = {words.get((column, part), part) for part in _BETWEEN.split(whole) if part}
    return between.join(part for part in order if part in parts) if parts <= set(order) else cell


def _code(cell: str) -> str:
    return folded(cell).upper()
