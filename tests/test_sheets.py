"""Table files as offices keep them: every usual encoding and format, and files made to stop the program."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from bot.sheets import NO_RESULT, Unreadable, read_sheets

TWO_ROWS = 'table:number-rows-spanned="2"'
CSV = "编码,名称\r\nGA-001,居民身份证\r\n"
ROWS = [(1, ["编码", "名称"]), (2, ["GA-001", "居民身份证"])]
ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
    '<office:spreadsheet><table:table table:name="items">{}</table:table></office:spreadsheet></office:body>'
    "</office:document-content>"
)
SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData>'
    b"</worksheet>"
)


def sheet(path: Path, fill: Callable[[Worksheet], None]) -> Path:
    workbook = openpyxl.Workbook()
    assert isinstance(workbook.active, Worksheet)
    fill(workbook.active)
    workbook.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    """An XLSX with another content of one part, or with one part more."""
    written = BytesIO()
    openpyxl.Workbook().save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return path


def ods(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", ODS.format(rows))
        package.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return path


def ods_cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_a_csv_is_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "items.csv").write_bytes(CSV.encode(encoding))
    assert read_sheets(tmp_path / "items.csv") == {"items": ROWS}


def test_text_between_tabs_that_is_called_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "导出.xls").write_bytes(CSV.replace(",", "\t").encode("gb18030"))
    assert read_sheets(tmp_path / "导出.xls") == {"导出": ROWS}


def test_a_merged_cell_is_filled_down_but_not_into_empty_rows(tmp_path: Path) -> None:
    def fill(active: Worksheet) -> None:
        for row in (["编码", "名称"], ["GA-001", "甲"], [None, "乙"], [None, None], [None, "丙"]):
            active.append(row)
        active.merge_cells("A2:A4")

    assert read_sheets(sheet(tmp_path / "a.xlsx", fill))["Sheet"][1:] == [
        (2, ["GA-001", "甲"]),
        (3, ["GA-001", "乙"]),
        (5, ["", "丙"]),
    ]


def test_a_long_number_does_not_pass_for_a_code(tmp_path: Path) -> None:
    """Its last digits were lost when the spreadsheet took it for a number."""

    def fill(active: Worksheet) -> None:
        active.append([11990000123456789, 709001000, "11990000123456789M"])

    assert read_sheets(sheet(tmp_path / "a.xlsx", fill)) == {
        "Sheet": [(1, ["1.19900E+16", "709001000", "11990000123456789M"])]
    }


def test_an_ods_is_read_with_its_merged_cells(tmp_path: Path) -> None:
    rows = (
        f"<table:table-row>{ods_cell('编码')}{ods_cell('名称')}</table:table-row>"
        f"<table:table-row>{ods_cell('GA-001', TWO_ROWS)}{ods_cell('甲')}</table:table-row>"
        f"<table:table-row><table:covered-table-cell/>{ods_cell('乙')}</table:table-row>"
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    )
    assert read_sheets(ods(tmp_path / "a.ods", rows)) == {
        "items": [(1, ["编码", "名称"]), (2, ["GA-001", "甲"]), (3, ["GA-001", "乙"])]
    }


def test_a_formula_without_a_stored_result_is_marked(tmp_path: Path) -> None:
    def fill(active: Worksheet) -> None:
        active.append(["甲", "=1+2"])
        active.append(["乙", 3.0])

    assert read_sheets(sheet(tmp_path / "a.xlsx", fill)) == {"Sheet": [(1, ["甲", NO_RESULT]), (2, ["乙", "3"])]}


def lone_cell(reference: str) -> bytes:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{reference}" t="inlineStr"><is><t>x</t></is></c></row>'.encode()


def many_rows(count: int) -> bytes:
    return b"".join(lone_cell(f"A{row}") for row in range(1, count + 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SHEET % (lone_cell("A1") + lone_cell("XFD1048576")), "展开以后太大"),
        (SHEET % (b" " * (300 << 20)), "展开以后太大"),
        (SHEET % many_rows(200_001), "超过 200000 行"),
        (
            b'<!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>' + SHEET % lone_cell("A1").replace(b"x", b"&b;"),
            "打不开",
        ),
    ],
    ids=["far cell", "zip bomb", "many rows", "entities"],
)
def test_a_hostile_sheet_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = with_part(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", content)
    with pytest.raises(Unreadable, match=reason):
        read_sheets(path)


def test_repeated_cells_of_an_ods_are_refused(tmp_path: Path) -> None:
    cell = ods_cell("x", 'table:number-columns-repeated="16384"')
    path = ods(tmp_path / "a.ods", f'<table:table-row table:number-rows-repeated="1048570">{cell}</table:table-row>')
    with pytest.raises(Unreadable):
        read_sheets(path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xls", b"<html><table></table></html>", "网页"),
        ("a.xlsx", b"PK\x03\x04 broken", "打不开"),
        ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600, "打不开"),
        ("a.csv", b"\x00\xff\x00\xd8\x00\x00", "编码"),
        ("a.xlsx", b"\xb0\xa1", "打不开"),
    ],
)
def test_what_is_no_table_is_refused_by_what_it_is(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        read_sheets(tmp_path / name)


def test_a_workbook_with_macros_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="带宏"):
        read_sheets(with_part(tmp_path / "a.xlsx", "xl/vbaProject.bin", b"x"))
