"""Headings below titles, dates and digits as offices write them, and errors that tell causes before consequences."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import Field

from bot.sheets import NO_RESULT
from bot.tabular import MOST_SHOWN, Day, ImportRejected, Number, Row, RowError, Tables, read_tables, tables_of, told


class Thing(Row):
    code: str = Field(alias="编码", pattern=r"^[A-Z]+$")
    days: Number = Field(0, alias="时限(工作日)")
    day: Day = Field(date(2026, 1, 1), alias="日期")


HEADINGS = ("编码", "时限(工作日)", "日期")


@pytest.mark.parametrize(
    "written", ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "20260301", "2026-3-1", "２０２６年３月１日"]
)
def test_a_date_is_read_as_offices_write_it(written: str) -> None:
    assert Thing.model_validate({"编码": "A", "日期": written}).day == date(2026, 3, 1)


@pytest.mark.parametrize("written", ["45000", "2026年3月", "2026-02-30", "昨天"])
def test_what_is_no_date_is_rejected(written: str) -> None:
    tables = tables_of({"things": [(1, ["编码", "日期"]), (2, ["A", written])]})
    assert tables.checked("things", Thing) == []
    assert str(tables.errors[0]) == f"things 第2行 「日期」：日期要写成 2026-03-01 的样子（现在是“{written}”）"


def test_titles_above_the_headings_and_wide_brackets_do_not_matter() -> None:
    lines = [
        (1, ["某市事项表（2026年版）"]),
        (2, ["填报单位：某局", "", "编码"]),
        (4, ["*编码", "时限（工作日）\n", "日 期"]),
        (5, ["A", "５", "2026.1.5"]),
    ]
    tables = tables_of({"事项 ": lines}, HEADINGS, {"事项": "things"})
    assert [(number, row.days) for number, row in tables.checked("things", Thing)] == [(5, 5)]


def test_a_missing_column_is_told_at_the_row_of_the_headings() -> None:
    tables = tables_of({"things": [(1, ["标题"]), (3, ["日期", "时限(工作日)"]), (4, ["2026-1-1", "1"])]}, HEADINGS)
    tables.checked("things", Thing)
    assert str(tables.errors[0]) == "things 第3行 「编码」：缺少这一列"


def test_a_formula_without_a_result_is_named() -> None:
    tables = tables_of({"things": [(1, ["编码", "日期"]), (2, [NO_RESULT, "2026-1-1"])]})
    tables.checked("things", Thing)
    assert str(tables.errors[0]).startswith("things 第2行 「编码」：这一格是公式，文件里没有它的结果；")


def test_rows_that_name_a_rejected_row_are_counted_there() -> None:
    tables = tables_of({"things": [(1, ["编码"]), (2, ["a-1"]), (3, ["B"])]})
    known = {row.code for _, row in tables.checked("things", Thing)}
    uses = [("parts", row, "编码", name) for row, name in enumerate(["a-1", "a-1", "B", "C", "C"], start=2)]
    tables.require_known(uses, known, {"things": "编码"})
    with pytest.raises(ImportRejected) as rejected:
        tables.raise_errors()
    assert [str(error) for error in rejected.value.errors] == [
        "things 第2行 「编码」：格式不对（现在是“a-1”）（因为这一处，另有 2 行也不对）",
        "parts 第5行 「编码」：没有“C”（因为这一处，另有 1 行也不对）",
    ]


def test_rows_that_name_a_missing_table_are_counted_there() -> None:
    tables = Tables({})
    tables.checked("things", Thing)
    tables.require_known([("parts", row, "编码", "A") for row in range(2, 5)], set(), {"things": "编码"})
    assert [str(error) for error in tables.errors] == ["things 第1行 「—」：缺少这张表（因为这一处，另有 3 行也不对）"]


def test_a_clerk_is_shown_the_same_mistake_once_and_fifty_lines_at_most() -> None:
    alike = [RowError("a", row, "类型", "只能填：甲", "乙", follows=1) for row in range(2, 12)]
    assert told(alike) == [
        "a 第2行 「类型」：只能填：甲（现在是“乙”）（因为这一处，另有 10 行也不对）（同样的还有 9 行）"
    ]
    others = [RowError("a", row, "名称", "不能为空") for row in range(2, 102)]
    lines = told(others)
    assert (len(lines), lines[-1]) == (MOST_SHOWN + 1, "还有 50 处")


def test_each_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"\x00\xff\x00\xd8\x00\x00")
    with pytest.raises(ImportRejected) as rejected:
        read_tables(tmp_path)
    assert [error.table for error in rejected.value.errors] == ["a.csv", "b.csv"]


def test_totals_and_repeated_headings_are_no_rows() -> None:
    lines = [
        (1, ["2026年台账"]),
        (2, ["名称", "数量", "备注"]),
        (3, ["名称", "数量", "", "单位"]),
        (4, ["甲", "1"]),
        (5, ["名 称", "数量", "备注"]),
        (6, ["乙", "合计"]),
        (7, ["合 计：", "2"]),
        (8, ["", "总计", "2"]),
    ]
    rows = tables_of({"台账": lines}, {"名称", "数量"}).rows["台账"]
    assert [(number, cells["名称"]) for number, cells in rows] == [(4, "甲"), (6, "乙")]


class _Coded(Row):
    code: str = Field(alias="编码")


@pytest.mark.parametrize("written", ["1.14E+30", "1.19900E+30", "2e+20"])
def test_a_code_that_a_spreadsheet_took_for_a_number_is_told_so(written: str) -> None:
    tables = Tables({"items": [(2, {"编码": written})]})
    assert tables.checked("items", _Coded) == []
    assert "后面的位数已经丢了" in str(tables.errors[0])
