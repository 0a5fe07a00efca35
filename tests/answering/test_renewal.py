"""Imports and the action server keep the indexes current; citizens are answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.answering import renewal, service
from bot.answering.service import answering
from bot.answering.units import Unit
from bot.cli import cli
from bot.db import Database, utcnow
from bot.documents import service as documents
from bot.documents.changes import withdraw
from bot.documents.importer import import_documents
from bot.documents.models import Document
from bot.documents.words import TermReader
from bot.search import kept
from bot.search.segments import Group, Segment
from bot.settings import Settings
from tests.databases import set_up, with_sample_catalogue

RULE = "---\ntitle: 云河市热气球管理办法\nnumber: 云府规〔2026〕9号\n---\n\n第一条 热气球升空应当提前三日报备。\n"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("ENCODER", "off")
    database = Database(Settings.from_environment().database_url)
    set_up(database, with_sample_catalogue)
    yield database
    database.close()


def test_an_import_builds_the_index_before_anybody_asks(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "balloons.md").write_text(RULE)
    ran = CliRunner().invoke(cli, ["import-documents", str(folder)])
    assert ran.exit_code == 0, ran.output
    assert "索引建好了" in ran.output
    assert renewal.are_whole(city, Settings.from_environment())
    monkeypatch.setattr("bot.answering.service.analysed", None)
    monkeypatch.setattr("bot.documents.stored_index.analysed", None)
    with city.transaction() as session:
        assert answering(session).unit("doc:balloons.md#1") is not None
        assert documents.numbered(session, "云府规〔2026〕9号讲的什么")


def test_the_command_says_that_the_index_is_current(city: Database) -> None:
    ran = CliRunner().invoke(cli, ["build-index"])
    assert (ran.exit_code, ran.output) == (0, "索引是最新的。\n")
    assert renewal.are_whole(city, Settings.from_environment())


def test_who_follows_has_the_index_built_elsewhere_and_then_uses_it(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.from_environment()
    renewal.build_all(city, settings)
    monkeypatch.setattr(kept, "_others_build", True)
    builds: list[int] = []

    def build() -> None:
        builds.append(1)
        renewal.build_all(city, settings)

    watch = renewal.Renewal(city, settings, build)
    watch.look()
    watch.look()
    assert builds == []
    (tmp_path / "balloons.md").write_text(RULE)
    with city.transaction() as session:
        import_documents(session, tmp_path)
        assert answering(session).unit("doc:balloons.md#1") is None
    watch.look()
    # Perhaps an import is under way: only what stays the same is indexed.
    assert builds == []
    assert watch.look()
    assert not watch.look()
    assert builds == [1]
    with city.transaction() as session:
        assert answering(session).unit("doc:balloons.md#1") is not None
    # While nothing changes, a look costs one reading of the revisions and does not touch the disk.
    with monkeypatch.context() as without_disk:
        without_disk.setattr(renewal, "are_whole", None)
        watch.look()
    with city.transaction() as session:
        balloons = session.scalars(select(Document).where(Document.key == "balloons.md")).one()
        withdraw(session, balloons, who="刘敏", at=utcnow())
    watch.look()
    watch.look()
    assert builds == [1, 1]
    with city.transaction() as session:
        assert answering(session).unit("doc:balloons.md#1") is None


def test_a_citizen_who_asks_while_the_index_is_built_is_answered_from_the_one_before(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.from_environment()
    renewal.build_all(city, settings)
    monkeypatch.setattr(kept, "_others_build", True)
    with city.transaction() as session:
        assert answering(session).unit("doc:balloons.md#1") is None
    (tmp_path / "balloons.md").write_text(RULE)
    with city.transaction() as session:
        import_documents(session, tmp_path)
    is_building, may_go_on, analysed = threading.Event(), threading.Event(), service.analysed
    made: list[int] = []

    def slowly(groups: Sequence[Group[Unit]], naming: TermReader) -> Segment[Unit]:
        made.append(len(groups))
        is_building.set()
        assert may_go_on.wait(60)
        return analysed(groups, naming)

    monkeypatch.setattr(service, "analysed", slowly)
    builders = [threading.Thread(target=renewal.build_all, args=(city, settings)) for _ in range(2)]
    for builder in builders:
        builder.start()
    assert is_building.wait(60)
    with city.transaction() as session:
        assert answering(session).unit("doc:balloons.md#1") is None
        assert answering(session).decide("身份证丢了怎么补").units
    may_go_on.set()
    for builder in builders:
        builder.join()
    # Two that build at once do the work once.
    assert made == [1]
    with city.transaction() as session:
        service.INDEX.renewed(session)
        assert answering(session).unit("doc:balloons.md#1") is not None


def test_a_build_that_fails_leaves_the_index_before(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.from_environment()
    renewal.build_all(city, settings)
    (tmp_path / "balloons.md").write_text(RULE)
    with city.transaction() as session:
        import_documents(session, tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(service, "analysed", None)
        with pytest.raises(TypeError):
            renewal.build_all(city, settings)
    monkeypatch.setattr(kept, "_others_build", True)
    with city.transaction() as session:
        assert answering(session).decide("身份证丢了怎么补").units
        assert answering(session).unit("doc:balloons.md#1") is None
    renewal.build_all(city, settings)
    with city.transaction() as session:
        assert service.INDEX.renewed(session).unit("doc:balloons.md#1") is not None


def test_whatever_goes_wrong_the_indexes_are_followed_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "LOOKS_EVERY_SECONDS", 0)
    monkeypatch.setattr(renewal, "TRIES_AGAIN_SECONDS", 0)
    is_over, looks, kept_out = threading.Event(), [], []
    monkeypatch.setattr(renewal, "keep_out_of_collection", lambda: kept_out.append(len(looks)))

    def look() -> bool:
        looks.append(1)
        if len(looks) == 3:
            is_over.set()
        if len(looks) == 2:
            raise OSError
        return len(looks) == 1

    renewal.follow(look, is_over)
    assert len(looks) == 3
    # The collector is told of a new index alone.
    assert kept_out == [1]
