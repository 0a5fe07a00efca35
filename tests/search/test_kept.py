"""Where another process builds indexes, a question takes the whole one that there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db import Database
from bot.search import kept
from bot.search.index_folder import Whole
from bot.search.kept import Content, KeptIndex, Source
from bot.settings import Settings
from bot.synonyms.models import Synonym
from tests.databases import set_up


class Town:
    """An index of the synonyms that counts how often it is built."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.built = database, 0
        self._folder = folder

    def process(self) -> KeptIndex[str]:
        """What a process of its own holds."""
        return KeptIndex(Source(self._revision, self._content, lambda index, _: str(index.about), self._lies_in))

    def changes(self, name: str) -> None:
        with self.database.transaction() as session:
            session.add(Synonym(written=name, means="身份证"))

    def asks(self, index: KeptIndex[str]) -> str:
        with self.database.transaction() as session:
            return index.serving(session)

    def renews(self, index: KeptIndex[str]) -> None:
        with self.database.transaction() as session:
            index.renewed(session)

    def builds(self) -> None:
        with self.database.transaction() as session:
            self.process().build(session, Settings.from_environment())

    def _lies_in(self, _: Settings) -> Path:
        return self._folder

    def _revision(self, session: Session) -> object:
        return session.scalar(select(func.count()).select_from(Synonym))

    def _content(self, session: Session) -> Content:
        text = " ".join(sorted(session.scalars(select(Synonym.written))))
        return Content(str(len(text)), lambda *_: Whole({}, self._made(text)))

    def _made(self, text: str) -> str:
        self.built += 1
        return text


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    database = Database(f"sqlite:///{tmp_path / 'town.db'}")
    set_up(database)
    made = Town(database, tmp_path / "index")
    made.changes("甲证")
    yield made
    database.close()


@pytest.fixture
def others_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_others_build", True)


@pytest.mark.usefixtures("others_build")
def test_no_question_builds_while_there_is_a_whole_index_of_before(town: Town) -> None:
    town.builds()
    index = town.process()
    assert town.asks(index) == "甲证"
    town.changes("乙证件")
    town.renews(index)
    assert [town.asks(index), town.asks(town.process())] == ["甲证", "甲证"]
    assert town.built == 1
    town.builds()
    town.renews(index)
    assert town.asks(index) == "乙证件 甲证"
    assert town.built == 2


@pytest.mark.usefixtures("others_build")
def test_the_first_question_builds_if_there_is_no_index_at_all(town: Town) -> None:
    assert town.asks(town.process()) == "甲证"
    assert town.built == 1


@pytest.mark.usefixtures("others_build")
def test_an_index_taken_from_the_disk_although_older_is_renewed_when_the_new_one_is_whole(town: Town) -> None:
    town.builds()
    town.changes("乙证件")
    index = town.process()
    assert town.asks(index) == "甲证"
    town.builds()
    town.renews(index)
    assert town.asks(index) == "乙证件 甲证"


def test_elsewhere_the_next_question_builds(town: Town) -> None:
    index = town.process()
    assert town.asks(index) == "甲证"
    town.changes("乙证件")
    assert town.asks(index) == "乙证件 甲证"


def test_what_lies_on_disk_is_not_built_again(town: Town) -> None:
    town.builds()
    town.builds()
    assert town.asks(town.process()) == "甲证"
    assert town.built == 1


def test_another_database_of_the_same_content_keeps_the_index_when_this_one_changes(town: Town, tmp_path: Path) -> None:
    town.builds()
    same = Town(Database(f"sqlite:///{tmp_path / 'same.db'}"), tmp_path / "index")
    set_up(same.database)
    same.changes("甲证")
    same.builds()
    town.changes("乙证件")
    town.builds()
    assert same.asks(same.process()) == "甲证"
    assert same.built == 0
    same.database.close()
