from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments, department_named, suggest_departments
from bot.catalogue.importer import import_catalogue
from bot.db import Database
from bot.places import SAMPLES


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        import_catalogue(opened, SAMPLES / "catalogue")
        yield opened


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("教育局2025年的招生方案", "教育局"),
        ("社保局的通知", "人力资源和社会保障局"),
        ("居住证签注期限的文件", "公安局"),
        ("2024年低保发放人数统计", "民政局"),
        ("物流园环境影响评价批复", "生态环境局"),
    ],
)
def test_the_department_is_suggested_that_the_words_point_to(session: Session, text: str, first: str) -> None:
    assert suggest_departments(session, text)[0].name == first


def test_the_department_of_an_item_that_was_meant_is_suggested(session: Session) -> None:
    assert suggest_departments(session, "那个证的文件", ["GA-006"])[0].name == "公安局"


def test_where_nothing_points_anywhere_nothing_is_suggested(session: Session) -> None:
    assert suggest_departments(session, "会议记录") == []


def test_of_two_departments_named_neither_is_chosen(session: Session) -> None:
    departments = all_departments(session)
    assert department_named(departments, "公安局和教育局") is None
    named = department_named(departments, "市公安局，不是教育局")
    assert named is not None
    assert named.name == "公安局"
