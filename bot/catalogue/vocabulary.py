"""The words and codes of the national implementation list (政务服务事项实施清单), folded to ours: `vocabulary.csv`."""

from __future__ import annotations

import re
from pathlib import Path

from bot.tabular import Tables, folded
from bot.word_lists import fold_words

_WORDS = Path(__file__).with_suffix(".csv")
_SEVERAL = {"服务对象": ("/", ("自然人", "法人")), "办理形式": ("", ("线上", "线下"))}

# Codes: our short ones (GA-001), the basic code (基本编码) of the national list, and the codes of an implementing
# agency (实施编码, 31 characters) and of one business (业务办理项编码, 33), which begin with its credit code.
ITEM_CODE = r"[A-Z]{2,4}-\d{3,6}|\d{11,12}|[0-9A-Z]{31}|[0-9A-Z]{33}"
# Our short ones, or the credit code (统一社会信用代码) of the agency.
DEPARTMENT_CODE = r"[A-Z]{2,4}|[0-9A-Z]{18}"
_CODE_COLUMNS = ("事项编码", "编码", "部门编码", "地点编码")


def fold_vocabulary(tables: Tables) -> None:
    """Changes the cells of `tables` to our words and codes."""
    fold_words(tables, _WORDS, _SEVERAL)
    tables.fold(_CODE_COLUMNS, _code)
    tables.fold(["事项"], lambda cell: "\n".join(map(_code, re.split(r"[\n、,，;；]+", cell))))
    tables.fold(["关联"], lambda cell: _code(cell) if re.fullmatch(ITEM_CODE, _code(cell)) else cell)


def _code(cell: str) -> str:
    return folded(cell).upper()
