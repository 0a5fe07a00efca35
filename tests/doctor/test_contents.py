"""What the doctor says of the data, on a folder that lacks one thing after another."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import text

from bot import migrations, workdays
from bot.cli import cli
from bot.conversations import service as conversations
from bot.db import Database
from bot.doctor import contents
from bot.doctor.finding import Level
from bot.running.live_model import model_path, set_live_model
from bot.running.model_making import fingerprint
from bot.sealing import Sealer
from bot.settings import Settings
from bot.staff.roles import Role
from tests.databases import set_up
from tests.web.console import add_people

NOW = datetime(2026, 11, 29, 4, tzinfo=UTC)
TODAY = date(2026, 11, 29)


@pytest.fixture
def city(tmp_path: Path) -> Settings:
    return Settings.from_environment({"VAR_DIR": str(tmp_path / "var")})


def levels(settings: Settings) -> dict[str, Level]:
    return {found.part: found.level for found in contents.database(settings, TODAY)}


def test_the_next_years_holidays_are_missed_from_november_on() -> None:
    year = 2026
    while workdays.is_in_package(year + 1):
        year += 1
    assert [found.level for found in contents.holidays(date(year, 3, 1))] == [Level.RIGHT, Level.RIGHT]
    assert [found.level for found in contents.holidays(date(year, 11, 1))] == [Level.RIGHT, Level.DOUBTFUL]
    assert next(contents.holidays(date(year + 1, 1, 1))).level is Level.WRONG


def test_a_key_that_others_may_read_or_that_is_none_is_wrong(city: Settings) -> None:
    assert [found.level for found in contents.keys(city)] == [Level.DOUBTFUL]
    assert not city.identity_key_path.exists()
    Sealer.of(city)
    assert [found.level for found in contents.keys(city)] == [Level.RIGHT]
    city.identity_key_path.chmod(0o644)
    assert "chmod 600" in next(contents.keys(city)).to_do
    city.identity_key_path.write_text("not a key")
    city.identity_key_path.chmod(0o600)
    assert [found.level for found in contents.keys(city)] == [Level.WRONG]


def test_no_database_is_doubtful_and_one_that_cannot_be_read_is_wrong(city: Settings) -> None:
    assert levels(city) == {"数据库": Level.DOUBTFUL}
    Path(city.var_dir).mkdir()
    (city.var_dir / "assistant.db").write_bytes(b"this is no database, whatever its name says" * 100)
    assert levels(city) == {"数据库": Level.WRONG}


def test_a_schema_is_compared_with_the_program(city: Settings) -> None:
    opened = Database(city.database_url)
    with opened.engine.begin() as connection:
        command.upgrade(migrations._config(connection), "0020")
    assert levels(city)["数据表"] is Level.DOUBTFUL
    with opened.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert levels(city)["数据表"] is Level.WRONG
    opened.close()


def test_sealed_texts_without_their_key_are_wrong(city: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Database(city.database_url)
    set_up(opened)
    with opened.transaction() as session:
        conversation = conversations.open_conversation(session, "c1", "portal", NOW)
        conversations.store_message(session, conversation, "你好", NOW)
    opened.close()
    assert levels(city)["密封的内容"] is Level.WRONG
    assert not city.identity_key_path.exists()
    Sealer.of(city)
    assert levels(city)["密封的内容"] is Level.WRONG


def test_laws_that_nobody_renewed_for_half_a_year_are_doubtful() -> None:
    assert contents.laws(None, TODAY).level is Level.DOUBTFUL
    assert contents.laws(datetime(2026, 10, 1, tzinfo=UTC), TODAY).level is Level.RIGHT
    assert contents.laws(datetime(2026, 1, 1, tzinfo=UTC), TODAY).level is Level.DOUBTFUL


def test_one_person_alone_cannot_have_changes_approved(city: Settings, tmp_path: Path) -> None:
    opened = Database(city.database_url)
    set_up(opened)
    excused = Settings.from_environment({"VAR_DIR": str(tmp_path), "SECOND_PAIR_EXCUSED_ROLES": "reviewer"})
    with opened.transaction() as session:
        add_people(session, [Role.REVIEWER, Role.CLERK], department="")
        alone = [contents.second_pair(session, settings).level for settings in (city, excused)]
        add_people(session, [Role.SUPERVISOR], department="")
        assert [*alone, contents.second_pair(session, city).level] == [Level.DOUBTFUL, Level.RIGHT, Level.RIGHT]
    opened.close()


def test_a_model_is_right_while_its_file_is_whole_and_nothing_has_changed(city: Settings) -> None:
    city.models_dir.mkdir(parents=True)
    city.lexicon_path.write_text("{}")
    assert contents.model(city).level is Level.DOUBTFUL
    set_live_model(city, "m1", None, fingerprint(city), "test", NOW)
    assert contents.model(city).level is Level.DOUBTFUL
    path = model_path(city, "m1")
    with tarfile.open(path, "w:gz") as archive:
        about = tarfile.TarInfo("metadata.json")
        about.size = 2000
        archive.addfile(about, io.BytesIO(bytes(range(200)) * 10))
    assert contents.model(city).level is Level.RIGHT
    city.lexicon_path.write_text('{"more": []}')
    assert contents.model(city).level is Level.DOUBTFUL
    path.write_bytes(path.read_bytes()[:-100])
    assert contents.model(city).level is Level.WRONG


def test_the_command_ends_as_its_worst_finding_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    said = CliRunner().invoke(cli, ["doctor", "--offline"])
    assert said.exit_code == max((1 if "留意" in said.output else 0), 2 if "\n有错" in said.output else 0)
    assert "数据库" in said.output
    assert list(tmp_path.iterdir()) == []
