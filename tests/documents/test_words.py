from __future__ import annotations

from pathlib import Path

import pytest

from bot.db import Database
from bot.documents import service
from bot.documents.importer import import_documents
from bot.documents.words import TermReader
from bot.synonyms.service import add_synonym, remove_synonym

WORDING = TermReader({"居民身份证": "身份证", "残疾证": "残疾人证", "一孩": "头胎", "证": "证件"})
RULES = "---\ntitle: 云河市餐饮店管理办法\nin_force: true\n---\n**第一条**　餐饮店应当每年体检一次。\n"


@pytest.mark.parametrize(
    ("text", "one_name"),
    [
        ("居民身份证", "身份证"),
        ("換領居民身份證", "换领身份证"),
        ("残疾证", "残疾人证"),
        ("一孩", "头胎"),
        ("第三十三条", "第33条"),
    ],
)
def test_each_thing_has_one_name_and_the_longer_wording_counts(text: str, one_name: str) -> None:
    assert WORDING.with_one_name(text) == one_name


def test_without_synonyms_a_text_keeps_its_names() -> None:
    assert TermReader({}).with_one_name("居民身份证") == "居民身份证"
    assert TermReader({}).question_terms("居民身份证怎么办").words


def best_score(database: Database, question: str) -> float:
    with database.transaction() as session:
        return max((found.score for found in service.search(session, question)), default=0.0)


def test_a_synonym_counts_from_the_next_question_on_until_it_is_removed(database: Database, tmp_path: Path) -> None:
    (tmp_path / "shops.md").write_text(RULES, encoding="utf-8")
    question = "馆子每年体检几次"
    with database.transaction() as session:
        import_documents(session, tmp_path)
    before = best_score(database, question)
    with database.transaction() as session:
        add_synonym(session, "馆子", "餐饮店")
    assert best_score(database, question) > before
    with database.transaction() as session:
        remove_synonym(session, "馆子")
    assert best_score(database, question) == before
