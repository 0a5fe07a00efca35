"""Files made to stop the program that opens them: each is refused with a sentence, and the others are loaded."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from sqlalchemy import select

from bot.bounded import BROKEN, TOO_DEEP, TOO_LARGE, TOO_LONG, Child, Limits, OutOfBounds
from bot.db import Database
from bot.documents.editing import DocumentRefused, read_upload
from bot.documents.importer import import_documents
from bot.documents.models import Document
from bot.sheets import MOST_COLUMNS
from bot.tabular import ImportRejected, read_tables

pytestmark = pytest.mark.slow

PAGE = "<html><body>{}<h1>某办法</h1><p>正文。</p>{}</body></html>"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
    "<sheetData>{}</sheetData></worksheet>"
)


def deep_page(depth: int) -> bytes:
    return PAGE.format("<div>" * depth, "</div>" * depth).encode()


def with_member(package: bytes, name: str, content: bytes) -> bytes:
    """The package with another content of one member."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, content if member.filename == name else old.read(member))
    return written.getvalue()


def word_bomb(megabytes: int) -> bytes:
    """A compressed file, a thousandth of its unpacked size."""
    written = BytesIO()
    document = docx.Document()
    document.add_paragraph("正文。")
    document.save(written)
    with zipfile.ZipFile(BytesIO(written.getvalue())) as package:
        body = package.read("word/document.xml")
    return with_member(written.getvalue(), "word/document.xml", body + b" " * (megabytes << 20))


def workbook(rows: str) -> bytes:
    written = BytesIO()
    openpyxl.Workbook().save(written)
    return with_member(written.getvalue(), "xl/worksheets/sheet1.xml", SHEET.format(rows).encode())


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_one_hostile_file_does_not_stop_the_others(database: Database, tmp_path: Path) -> None:
    hostile = {
        "深.html": deep_page(3000),
        "炸弹.docx": word_bomb(60),
        "头.md": ("---\n" + "a: " + "[" * 5000 + "\n---\n正文").encode(),
        "空.docx": b"PK",
    }
    for name, content in {**hostile, "好.md": "# 好\n第一条 甲。".encode(), "好.html": deep_page(30)}.items():
        (tmp_path / name).write_bytes(content)
    with database.transaction() as session:
        imported = import_documents(session, tmp_path)
        assert {path.name for path, _ in imported.failures} == set(hostile)
        assert session.scalars(select(Document.key).order_by(Document.key)).all() == ["好.html", "好.md"]
    reasons = {path.name: reason for path, reason in imported.failures}
    assert (reasons["深.html"], reasons["炸弹.docx"]) == (TOO_DEEP, TOO_LARGE)


@pytest.mark.parametrize("sign", ["[", "![", "<!--", "**", "`", "> ", "#", "|-", "[]("])
def test_markdown_of_nothing_but_signs_is_read_in_a_moment(sign: str) -> None:
    text = "# 某办法\n第一条 甲。\n" + sign * (60_000 // len(sign))
    assert read_upload("a.md", text.encode()).title == "某办法"


def test_a_clerk_who_uploads_a_bomb_reads_what_is_wrong() -> None:
    with pytest.raises(DocumentRefused, match=r"炸弹\.docx：展开以后太大"):
        read_upload("炸弹.docx", word_bomb(60))


def test_a_sheet_that_says_it_is_as_large_as_can_be_is_read_by_what_is_in_it(tmp_path: Path) -> None:
    rows = f'<row r="1">{cell("A1", "名称")}</row><row r="2">{cell("A2", "甲")}</row><row r="1048576"/>'
    (tmp_path / "a.xlsx").write_bytes(workbook(rows))
    assert read_tables(tmp_path / "a.xlsx").rows == {"Sheet": [(2, {"名称": "甲"})]}


def test_a_sheet_that_is_too_wide_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook(f'<row r="1">{cell("XFD1", "名称")}</row>'))
    with pytest.raises(ImportRejected, match=f"有 16384 列，最多 {MOST_COLUMNS} 列"):
        read_tables(tmp_path / "a.xlsx")


def spin() -> int:
    while True:
        pass


def fill() -> int:
    return len(bytearray(1 << 30))


def nest(depth: int) -> int:
    return nest(depth + 1)


def give_up() -> int:
    raise KeyError("nothing that anybody foresaw")


def die() -> int:
    import os

    os._exit(3)


def add(one: int, other: int) -> int:
    print("what a library prints is no answer")
    return one + other


def test_a_child_that_was_stopped_is_followed_by_one_that_works() -> None:
    with Child(Limits(cpu_seconds=1)) as child:
        for function, why in ((spin, TOO_LONG), (fill, TOO_LARGE), (give_up, BROKEN), (die, BROKEN)):
            with pytest.raises(OutOfBounds, match=why):
                child.call(function)
            assert child.call(add, 1, 2) == 3
        with pytest.raises(OutOfBounds, match=TOO_DEEP):
            child.call(nest, 0)


def test_a_child_that_hangs_is_stopped_by_the_clock() -> None:
    with Child(Limits(cpu_seconds=60, wall_seconds=1)) as child, pytest.raises(OutOfBounds, match=TOO_LONG):
        child.call(spin)
