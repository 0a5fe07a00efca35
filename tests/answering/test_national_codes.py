"""Items with codes of the national list are found and answered like those with short ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.answering.service import answering
from bot.catalogue.service import get_item
from bot.db import Database
from bot.running.sample_city import load_sample_city
from tests.databases import in_memory, set_up

CODE = "11990000MB28573901M000709002000"
PARTS = ("materials", "steps", "legal_bases", "situations", "related")


def load_with_a_national_code(database: Database) -> None:
    set_up(database, load_sample_city)
    with database.transaction() as session:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(text("UPDATE items SET code = :new WHERE code = 'GA-003'"), {"new": CODE})
        for table in PARTS:
            session.execute(
                text(f"UPDATE {table} SET item_code = :new WHERE item_code = 'GA-003'"),  # noqa: S608 # our own names
                {"new": CODE},
            )
        session.execute(text("UPDATE aliases SET code = :new WHERE code = 'GA-003'"), {"new": CODE})


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with in_memory(load_with_a_national_code) as database, database.transaction() as opened:
        yield opened


@pytest.mark.parametrize("question", ["居民身份证补领要什么材料", "身份证丢了补办要带什么"])
def test_an_item_with_a_national_code_is_found_by_its_name(session: Session, question: str) -> None:
    first = answering(session).decide(question).units[0]
    assert (first.owner, first.facet) == (f"item:{CODE}", "materials")
    item = get_item(session, CODE)
    assert item is not None
    assert item.materials
