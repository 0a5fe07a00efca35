"""Files that go with an answer: what is taken, how it is kept, who gets it."""

from __future__ import annotations

import io
import zipfile
from random import Random

import openpyxl
import pytest
from docx import Document
from sqlalchemy import select, text

from bot.db import Database
from bot.disclosures.models import Request
from bot.notices import answer_files
from bot.notices.answer_files import add_file, content_of, files_of
from bot.notices.details import Details
from bot.notices.file_formats import MOST_BYTES, FileRefused, Format, checked
from bot.notices.kinds import NoticeKind
from bot.notices.models import AnswerFile, AnswerFilePart
from tests.notices.requests import NOW, RECEIPT, add_request, sealer
from tests.notices.test_service import issue

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20 + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 20 + b"\xff\xd9"


def word() -> bytes:
    kept = io.BytesIO()
    Document().save(kept)
    return kept.getvalue()


def excel() -> bytes:
    kept = io.BytesIO()
    openpyxl.Workbook().save(kept)
    return kept.getvalue()


def with_part(office: bytes, name: str) -> bytes:
    kept = io.BytesIO(office)
    with zipfile.ZipFile(kept, "a") as packed:
        packed.writestr(name, b"x")
    return kept.getvalue()


def packed(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as into:
        for name, content in parts.items():
            into.writestr(name, content)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("批复.pdf", PDF, Format.PDF),
        ("批复.PDF", PDF, Format.PDF),
        ("图.png", PNG, Format.PNG),
        ("图.jpeg", JPEG, Format.JPEG),
        ("说明.docx", word(), Format.WORD),
        ("表.xlsx", excel(), Format.EXCEL),
    ],
)
def test_files_are_known_by_their_content(name: str, content: bytes, found: Format) -> None:
    assert checked(name, content) == (name, found)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.pdf", b"", "是空的"),
        ("大.pdf", PDF + b" " * MOST_BYTES, "太大"),
        ("包.zip", packed(a=b"x"), "不是可以收的类型"),
        ("程序.exe", b"MZ", "不是可以收的类型"),
        ("没有扩展名", PDF, "不是可以收的类型"),
        ("假.pdf", b"MZ" + PDF, "对不上"),
        ("假.docx", packed(a=b"x"), "对不上"),
        ("假.docx", excel(), "对不上"),
        ("假.png", JPEG, "对不上"),
        ("断.pdf", PDF[:20], "对不上"),
        ("网页.jpg", b"<html>", "对不上"),
        ("宏.docx", with_part(word(), "word/vbaProject.bin"), "有宏"),
        ("嵌.xlsx", with_part(excel(), "xl/embeddings/oleObject1.bin"), "有宏"),
        ("脚本.pdf", PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), "脚本"),
        ("脚本.pdf", PDF.replace(b"/Catalog", b"/Catalog /A << /S /Rendition /JS\n(app.alert) >>"), "脚本"),
        ("脚本.pdf", PDF.replace(b"/Catalog", b"/Catalog /A << /S /Rendition /JS 12 0 R >>"), "脚本"),
        ("夹带.pdf", PDF.replace(b"/Catalog", b"/Catalog /EmbeddedFile"), "夹带"),
    ],
)
def test_other_files_are_refused_with_a_reason(name: str, content: bytes, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        checked(name, content)


def test_three_letters_by_chance_in_a_scan_are_no_script() -> None:
    scanned = PDF + b"stream\n\x00/JS\xff\x12/JS 7\x01/JS)\nendstream\n%%EOF"
    assert checked("扫描件.pdf", scanned)[1] == Format.PDF


def test_a_name_has_no_folder_and_no_hidden_signs() -> None:
    assert checked("..\\..\\C:\\批复\u202e.pdf", PDF)[0] == "批复.pdf"
    assert checked("/etc/\n表.pdf", PDF)[0] == "表.pdf"
    assert checked("长" * 300 + ".pdf", PDF)[0] == "长" * 96 + ".pdf"


def add(database: Database, name: str = "批复.pdf", content: bytes = PDF) -> int:
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        return add_file(session, request, name, content, sealer(), clerk="clerk", now=NOW).id


def names_for_applicant(database: Database) -> list[str]:
    with database.transaction() as session:
        return [file.name for file in answer_files.answer_files(session, session.get_one(Request, RECEIPT))]


def test_a_file_is_kept_sealed_in_pieces_and_comes_back_whole(database: Database) -> None:
    add_request(database)
    content = PDF + Random(7).randbytes(200_000) + b"%%EOF"
    file_id = add(database, content=content)
    with database.transaction() as session:
        file = session.get_one(AnswerFile, file_id)
        assert content_of(session, file, sealer()) == content
        parts = session.scalars(select(AnswerFilePart.sealed)).all()
        assert len(parts) == 4
        assert all(part.startswith("gAAAA") for part in parts)
        assert "批复" not in session.execute(text("SELECT name FROM answer_files")).scalar_one()


def test_the_applicant_gets_a_file_once_the_answer_is_out_and_not_after_its_correction(database: Database) -> None:
    add_request(database)
    wrong, right = add(database, "错.pdf"), add(database, "对.pdf")
    assert names_for_applicant(database) == []
    old = issue(database, NoticeKind.GRANTED, Details(text="见附件。", file_ids=(wrong,)))
    assert old.letter.attachment_lines == ("附件：错.pdf",)
    assert names_for_applicant(database) == ["错.pdf"]
    issue(database, NoticeKind.GRANTED, Details(text="见附件。", file_ids=(right,)), corrects=old, why="附件发错")
    assert names_for_applicant(database) == ["对.pdf"]
    with database.transaction() as session, pytest.raises(FileRefused, match="已经随文书发出"):
        answer_files.remove_file(session, RECEIPT, wrong, clerk="clerk", now=NOW)


def test_a_file_of_another_request_never_goes_out(database: Database) -> None:
    add_request(database)
    other = add_request(database, receipt="XXGK-2026-000124")
    file_id = add(database)
    notice = issue(database, NoticeKind.GRANTED, Details(text="见附件。", file_ids=(file_id,)), receipt=other)
    assert notice.file_ids == ()
    assert notice.letter.attachments == ()


def test_a_file_that_has_not_gone_out_can_be_removed_with_its_content(database: Database) -> None:
    add_request(database)
    file_id = add(database)
    with pytest.raises(FileRefused, match="已经有一个"):
        add(database)
    with database.transaction() as session:
        assert answer_files.remove_file(session, RECEIPT, file_id, clerk="clerk", now=NOW) == "批复.pdf"
        assert list(files_of(session, RECEIPT)) == []
        assert session.scalars(select(AnswerFilePart)).all() == []
