"""Workbooks as other systems export them, for the tests of imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl


def one_sheet(path: Path, sheet: str, heading: str, *rows: dict[str, Any]) -> Path:
    """A workbook of one sheet: a line of heading, the columns of the first row, then the rows."""
    workbook = openpyxl.Workbook()
    made = workbook.active
    assert made is not None
    made.title = sheet
    made["A1"] = heading
    made.append(list(rows[0]))
    for row in rows:
        made.append(list(row.values()))
    workbook.save(path)
    return path
