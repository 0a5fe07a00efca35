from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.catalogue import service
from bot.catalogue.importer import import_catalogue
from bot.cli import cli
from bot.db import Database
from bot.places import SAMPLES


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a database with the sample's catalogue."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert command("import-catalogue", str(SAMPLES / "catalogue")).exit_code == 0
    return tmp_path


def test_a_new_alias_goes_to_the_engine(city: Path) -> None:
    result = command("aliases", "add", "GA-003", "身份卡没了")
    assert result.exit_code == 0, result.output
    assert "重新启动（make run）后就能被识别" in result.output
    entries = json.loads((city / "lexicon.json").read_text(encoding="utf-8"))["entries"]
    assert "身份卡没了" in next(entry["aliases"] for entry in entries if entry["code"] == "GA-003")
    assert "GA-003  居民身份证补领  身份卡没了" in command("aliases", "list", "GA-003").output


def test_a_removed_alias_is_gone(city: Path) -> None:
    assert command("aliases", "remove", "GA-003", "身份證丢了").exit_code == 0
    assert "身份证丢了" not in command("aliases", "list").output
    assert "身份证丢了" not in (city / "lexicon.json").read_text(encoding="utf-8")
    again = command("aliases", "remove", "GA-003", "身份证丢了")
    assert (again.exit_code, "没有“身份证丢了”这个别名" in again.output) == (1, True)


def test_an_alias_that_means_something_already_is_refused_by_name(database: Database) -> None:
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        absent = service.absent_matter(session, next(iter(_absent_names(session))))
        assert absent is not None
        for code, name, reason in [
            ("GA-001", "身份證丢了", "GA-003 居民身份证补领的别名"),
            ("GA-003", "身份证丢了", "GA-003 居民身份证补领的别名"),
            ("GA-001", "居民身份证补领", "GA-003 的名称"),
            ("GA-001", absent.name, f"目录以外的“{absent.name}”"),
            ("GA-001", "证", "太短"),
            ("XX-001", "什么证", "没有编码是“XX-001”"),
        ]:
            with pytest.raises(service.AliasRefused, match=reason):
                service.add_alias(session, code, name)


def _absent_names(session: object) -> list[str]:
    return [entry["name"] for entry in service.lexicon(session)["entries"] if entry["kind"] == "absent"]  # type: ignore[arg-type,misc]
