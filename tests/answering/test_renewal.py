"""Imports and the action server keep the indexes current; citizens are answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.answering import renewal
from bot.answering.service import answering
from bot.cli import cli
from bot.db import Database
from bot.documents import service as documents
from bot.documents.importer import import_documents
from bot.search import kept
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
    monkeypatch.setattr("bot.documents.service.analysed", None)
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
    watch.look()
    watch.look()
    assert builds == [1]
    with city.transaction() as session:
        assert answering(session).unit("doc:balloons.md#1") is not None


def test_whatever_goes_wrong_the_indexes_are_followed_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "LOOKS_EVERY_SECONDS", 0)
    monkeypatch.setattr(renewal, "TRIES_AGAIN_SECONDS", 0)
    is_over, looks = threading.Event(), []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            is_over.set()
        if len(looks) == 2:
            raise OSError

    renewal.follow(look, is_over)
    assert len(looks) == 3
