"""What documents say of each other's force is shown to staff, and nothing is marked by itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.db import Database
from bot.documents.editing import mark_in_force, mark_repealed
from bot.documents.importer import import_documents
from bot.documents.models import Document
from bot.documents.naming import all_documents
from bot.laws.document_repeals import said_to_end

OLD = "---\ntitle: {title}\nnumber: {number}\npublished_on: 2010-01-01\n---\n第一条 甲。\n\n第二条 乙。\n"
NEW = (
    "---\ntitle: 云河市湿地保护办法\nnumber: 云府规〔2026〕3号\npublished_on: 2026-02-01\n---\n"
    "第一条 甲。\n\n第二条 本办法自2026年3月1日起施行。{clause}\n"
)


def said(database: Database, folder: Path, clause: str, **old: str) -> list[tuple[str, date | None]]:
    for name, text in {"new.md": NEW.format(clause=clause), **old}.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    with database.transaction() as session:
        import_documents(session, folder)
        assert all(document.in_force for document in all_documents(session))
        return [(one.document.key, one.on) for one in said_to_end(session)]


@pytest.mark.parametrize(
    "clause",
    [
        "《云河市湿地管理规定》同时废止。",
        "《云河市湿地管理规定》（云府发〔2010〕8号）同时废止。",
        "原云府发[2010] 8号文件同时废止。",
    ],
)
def test_a_document_that_ends_another_by_title_or_number_is_listed(
    database: Database, tmp_path: Path, clause: str
) -> None:
    old = OLD.format(title="云河市湿地管理规定", number="云府发〔2010〕8号")
    assert said(database, tmp_path, clause, old_md=old) == [("old.md", date(2026, 3, 1))]


def test_of_two_with_one_title_the_number_decides(database: Database, tmp_path: Path) -> None:
    files = {
        f"{name}_md": OLD.format(title="关于加强防火工作的通知", number=f"云府发〔2010〕{number}号")
        for name, number in (("a", 8), ("b", 9))
    }
    clause = "《关于加强防火工作的通知》（云府发〔2010〕9号）同时废止。"
    assert [key for key, _ in said(database, tmp_path, clause, **files)] == ["b.md"]


def test_the_earlier_document_of_its_own_title_is_listed_and_the_document_itself_is_not(
    database: Database, tmp_path: Path
) -> None:
    old = OLD.format(title="云河市湿地保护办法", number="云府发〔2010〕8号")
    clause = "2010年公布的《云河市湿地保护办法》同时废止。"
    assert [key for key, _ in said(database, tmp_path, clause, old_md=old)] == ["old.md"]


@pytest.mark.parametrize(
    "clause", ["《云河市湿地管理规定》第三条同时废止。", "《云河市湿地管理规定》另行废止程序。", ""]
)
def test_a_part_or_another_sense_ends_nothing(database: Database, tmp_path: Path, clause: str) -> None:
    old = OLD.format(title="云河市湿地管理规定", number="云府发〔2010〕8号")
    assert said(database, tmp_path, clause, old_md=old) == []


@pytest.mark.parametrize("is_repealed", [True, False])
def test_what_staff_decide_ends_the_question(database: Database, tmp_path: Path, is_repealed: bool) -> None:
    old = OLD.format(title="云河市湿地管理规定", number="云府发〔2010〕8号")
    said(database, tmp_path, "《云河市湿地管理规定》同时废止。", old_md=old)
    with database.transaction() as session:
        document = next(one.document for one in said_to_end(session))
        if is_repealed:
            mark_repealed(session, document, on=date(2026, 3, 1), by="《云河市湿地保护办法》")
        else:
            mark_in_force(session, document)
        assert said_to_end(session) == []
        assert session.get_one(Document, document.id).force is not is_repealed
