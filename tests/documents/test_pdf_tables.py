"""Tables of a PDF: each row is a sentence with the headings of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from fpdf import FPDF

from bot.documents.pdf import read_pdf
from bot.documents.ruled_tables import Character, TableRule, rule_between, tables_in
from tests.documents.office_files import chinese_font

Cell = str | tuple[str, int]
NOTICE = ("云河市发展和改革委员会关于调整水价的通知", "云发改〔2026〕5号", "现将水价公布如下：")
PRICES: list[list[Cell]] = [["项目", "单位", "价格"], ["居民用水", "元", "2"], ["非居民用水", "元", "4"]]


def read(rows: Sequence[Sequence[Cell]], before: Sequence[str] = (), after: Sequence[str] = ()) -> list[str]:
    font = chinese_font()
    if font is None:
        pytest.skip("no Chinese font on this machine")
    made = FPDF()
    made.add_page()
    made.add_font("han", fname=str(font))
    made.set_font("han", size=12)
    for line in before:
        made.multi_cell(0, 8, f"　　{line}", align="L", new_x="LMARGIN", new_y="NEXT")
    with made.table(first_row_as_headings=False) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(
                    *([cell] if isinstance(cell, str) else [cell[0]]), colspan=1 if isinstance(cell, str) else cell[1]
                )
    for line in after:
        made.multi_cell(0, 8, f"　　{line}", align="L", new_x="LMARGIN", new_y="NEXT")
    content = read_pdf(Path("a.pdf"), bytes(made.output()))
    return [content.particulars.title or "", content.particulars.number or "", *(one.text for one in content.blocks)]


def test_each_row_is_a_sentence_between_the_paragraphs_around_the_table() -> None:
    long = "居民用水第一阶梯，每户每年用水量二百二十立方米以下的部分，按照这个价格执行"
    rows = [PRICES[0], [long, "元", "2"], PRICES[2]]
    assert read(rows, NOTICE, ["本通知自2026年4月1日起施行。"]) == [
        *NOTICE,
        f"项目：{long}；单位：元；价格：2。",
        "项目：非居民用水；单位：元；价格：4。",
        "本通知自2026年4月1日起施行。",
    ]


def test_a_cell_over_all_columns_is_the_name_of_the_table_and_no_heading() -> None:
    assert read([[("水价表", 3)], *PRICES], NOTICE)[3:] == [
        "水价表",
        "项目：居民用水；单位：元；价格：2。",
        "项目：非居民用水；单位：元；价格：4。",
    ]


def test_a_table_that_goes_on_over_pages_keeps_its_headings() -> None:
    rows: list[list[Cell]] = [["编号", "名称"], *([str(number), f"事项{number}"] for number in range(1, 80))]
    assert read(rows, NOTICE)[3:] == [f"编号：{number}；名称：事项{number}。" for number in range(1, 80)]


def grid(columns: Sequence[float], lines: Sequence[float]) -> list[TableRule]:
    flat = [TableRule(True, y, columns[0], columns[-1]) for y in lines]
    return [*flat, *(TableRule(False, x, lines[0], lines[-1]) for x in columns)]


def test_a_cell_merged_downwards_stands_in_each_of_its_rows() -> None:
    rules = [rule for rule in grid((0, 50, 100), (0, 20, 40)) if rule != TableRule(True, 20, 0, 100)]
    (table,) = tables_in([*rules, TableRule(True, 20, 50, 100)])
    texts = [("甲", 25, 20), ("乙", 75, 30), ("丙", 75, 10)]
    assert table.rows(Character(text, x, y, False) for text, x, y in texts) == [["甲", "乙"], ["甲", "丙"]]


def test_frames_underlines_and_drawings_are_no_tables() -> None:
    frame = grid((0, 100), (0, 100))
    underlines = [TableRule(True, y, 0, 100) for y in range(0, 100, 20)]
    drawing = [TableRule(place % 2 == 0, place, 0, 5000) for place in range(2000)]
    assert tables_in(frame) == tables_in(underlines) == tables_in(drawing) == []
    assert (rule_between(0, 0, 3, 0), rule_between(0, 0, 40, 30)) == (None, None)


def test_two_tables_of_a_page_stand_from_the_top() -> None:
    low, high = grid((0, 50, 100), (0, 20, 40)), grid((0, 50, 100), (100, 120, 140))
    assert [table.lines[-1] for table in tables_in([*low, *high])] == [140, 40]
