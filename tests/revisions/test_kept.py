"""What is kept is read once, until anybody changes its subject in whatever way."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from bot.catalogue.models import City, Item, Material, Step
from bot.catalogue.service import get_city, get_item
from bot.db import Database
from bot.revisions.service import Subject, answer_from_kept, kept
from tests.databases import set_up, with_sample_catalogue

_VERSIONS = "bot.migrations.versions"
_WATCHED: dict[str, tuple[str, ...]] = {
    **importlib.import_module(f"{_VERSIONS}.0055_revisions")._TABLES,
    "documents": importlib.import_module(f"{_VERSIONS}.0056_revision_of_documents")._TABLES,
}


@pytest.fixture
def city(database: Database) -> Database:
    set_up(database, with_sample_catalogue)
    return database


def read_again(city: Database, change: Callable[[Session], object] | None = None) -> int:
    """How often the name of the city is read for two messages, with `change` between them."""
    reads = []

    @kept(Subject.CATALOGUE)
    def name(session: Session) -> str:
        reads.append(1)
        return get_city(session).name

    for what in (None, change):
        if what:
            city.run(what)
        with city.transaction() as session:
            answer_from_kept(session)
            name(session)
            name(session)
    return len(reads)


def test_what_did_not_change_is_read_once(city: Database) -> None:
    assert read_again(city) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda session: setattr(session.get_one(Item, "GA-003"), "fee", "5元"),
        lambda session: session.execute(update(Item).where(Item.code == "GA-003").values(fee="6元")),
        lambda session: session.execute(text("UPDATE items SET fee = '7元' WHERE code = 'GA-003'")),
        lambda session: session.execute(delete(Material).where(Material.item_code == "GA-003")),
        lambda session: session.add(Step(item_code="GA-003", position=99, name="领证", detail="", time="")),
    ],
)
def test_whoever_changes_it_it_is_read_again(city: Database, change: Callable[[Session], object]) -> None:
    assert read_again(city, change) == 2


def test_an_answer_has_the_record_of_its_own_moment(city: Database) -> None:
    def fee() -> str:
        with city.transaction() as session:
            answer_from_kept(session)
            item = get_item(session, "GA-003")
        # Kept rows belong to no session, and are whole.
        assert item is not None
        assert item.materials
        assert item.office.name
        return item.fee

    before = fee()
    with city.transaction() as session:
        session.get_one(Item, "GA-003").fee = "5元"
        session.flush()
        session.rollback()
    assert fee() == before
    city.run(lambda session: setattr(session.get_one(Item, "GA-003"), "fee", "5元"))
    assert fee() == "5元"


def test_a_session_that_did_not_ask_reads_its_own_rows(city: Database) -> None:
    with city.transaction() as session:
        answer_from_kept(session)
        get_city(session)
    with city.transaction() as session:
        get_city(session).hotline = "12346"
    with city.transaction() as session:
        assert get_city(session) in session
        assert session.scalars(select(City.hotline)).one() == get_city(session).hotline == "12346"


def test_every_table_of_a_subject_gives_it_another_number(database: Database) -> None:
    """A migration that copies a table on SQLite drops its triggers: then they are to be made again."""
    with database.transaction() as session:
        if database.engine.dialect.name == "postgresql":
            made = "SELECT trigger_name || '_' || lower(event_manipulation) FROM information_schema.triggers"
        else:
            made = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        triggers = set(session.scalars(text(made)))
    for subject, tables in _WATCHED.items():
        for table in tables:
            for event in ("insert", "update", "delete"):
                assert f"revise_{subject}_of_{table}_{event}" in triggers
