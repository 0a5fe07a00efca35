from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bot.cli import cli
from bot.db import Database
from bot.referrals import service
from bot.referrals.importer import import_routes
from bot.referrals.models import Route
from bot.running import lexicon_file as lexicon
from bot.tabular import ImportRejected

FIRE = {
    "编码": "LX-001",
    "名称": "火警",
    "类别": "紧急求助",
    "触发词": "着火了\n厨房 着火",
    "排除词": "打不着火",
    "回答": "请马上打 119。",
    "归口": "消防救援",
    "电话": "119",
    "依据": "《消防法》第四十四条",
    "网址": "",
}
COURT = {**FIRE, "编码": "LX-070", "名称": "立案", "类别": "法院和复议", "触发词": "去法院告", "回答": "请打 12368。"}


def write(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "routes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIRE.keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def load(database: Database, path: Path) -> int:
    with database.transaction() as session:
        return import_routes(session, path)


def test_a_route_is_stored_as_the_file_says(database: Database, tmp_path: Path) -> None:
    assert load(database, write(tmp_path, FIRE, COURT)) == 2
    with database.transaction() as session:
        route = service.get_route(session, "LX-001")
        assert route is not None
        assert (route.triggers, route.exceptions) == (["着火了", "厨房 着火"], ["打不着火"])
        assert (route.answer, route.in_charge, route.phone) == ("请马上打 119。", "消防救援", "119")
        assert service.get_route(session, "LX-999") is None


def test_loading_again_leaves_only_what_the_file_names(database: Database, tmp_path: Path) -> None:
    load(database, write(tmp_path, FIRE, COURT))
    load(database, write(tmp_path, COURT))
    with database.transaction() as session:
        assert session.scalars(select(Route.code)).all() == ["LX-070"]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"编码": "X1"}, "编码"),
        ({"类别": "别的"}, "类别"),
        ({"触发词": ""}, "触发词"),
        ({"触发词": "火"}, "触发词"),
        ({"触发词": "去法院告"}, "触发词"),
        ({"名称": "立案"}, "名称"),
        ({"回答": ""}, "回答"),
        ({"回答": "请您先不要着急，到安全的地方，再拨打 119。"}, "回答"),
        ({"电话": ""}, "回答"),
        ({"归口": ""}, "归口"),
        ({"网址": "yunhe.example"}, "网址"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_loaded(
    database: Database, tmp_path: Path, changes: dict[str, str], column: str
) -> None:
    with pytest.raises(ImportRejected) as rejected:
        load(database, write(tmp_path, COURT, {**FIRE, **changes}))
    assert [error.column for error in rejected.value.errors] == [column]
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Route)) == 0


def test_the_engine_learns_the_triggers_from_the_lexicon(database: Database, tmp_path: Path) -> None:
    load(database, write(tmp_path, FIRE))
    with database.transaction() as session:
        lexicon.write(session, tmp_path / "lexicon.json")
    assert json.loads((tmp_path / "lexicon.json").read_text(encoding="utf-8"))["routes"] == [
        {
            "code": "LX-001",
            "name": "火警",
            "category": "紧急求助",
            "triggers": ["着火了", "厨房 着火"],
            "exceptions": ["打不着火"],
        }
    ]


def test_the_command_loads_and_writes_the_lexicon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = CliRunner().invoke(cli, ["import-routes", str(write(tmp_path, FIRE))])
    assert result.exit_code == 0, result.output
    assert "已导入 1 条去处" in result.output
    assert "厨房 着火" in (tmp_path / "lexicon.json").read_text(encoding="utf-8")


def test_the_command_lists_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = CliRunner().invoke(cli, ["import-routes", str(write(tmp_path, {**FIRE, "电话": ""}))])
    assert result.exit_code == 1
    assert "紧急求助要在前 12 个字里说出电话" in result.output
