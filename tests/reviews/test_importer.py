from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.catalogue.importer import import_catalogue
from bot.db import Database
from bot.places import SAMPLES
from bot.reviews import service
from bot.reviews.importer import import_canned_replies
from bot.tabular import ImportRejected
from tests.reviews.town import add_department


def write(folder: Path, *rows: tuple[str, str, str]) -> Path:
    path = folder / "canned_replies.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("标题", "内容", "部门编码"), *rows])
    return path


def test_a_clerk_is_offered_what_is_for_all_and_for_their_department(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        add_department(session)
        rows = [("问候", "您好", ""), ("户籍", "带户口簿", "GA")]
        assert import_canned_replies(session, write(tmp_path, *rows)) == 2
        assert [reply.title for reply in service.canned_replies(session, "GA")] == ["户籍", "问候"]
        assert [reply.title for reply in service.canned_replies(session, None)] == ["问候"]
        assert import_canned_replies(session, write(tmp_path, ("再见", "再见", ""))) == 1
        assert [reply.title for reply in service.canned_replies(session, "GA")] == ["再见"]


def test_every_fault_of_a_file_is_told_with_its_row(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, ("问候", "", ""), ("户籍", "带户口簿", "XX"), ("户籍", "又一条", ""))
    with pytest.raises(ImportRejected) as rejected, database.transaction() as session:
        import_canned_replies(session, path)
    assert [(error.row, error.column) for error in rejected.value.errors] == [(2, "内容"), (3, "部门编码"), (4, "标题")]


def test_the_sample_citys_replies_are_sound(database: Database) -> None:
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        assert import_canned_replies(session, SAMPLES / "reviews") == 10
