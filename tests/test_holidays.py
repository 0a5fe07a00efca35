"""Importing the holidays of a year that the calendar package does not know."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import workdays
from bot.cli import cli
from bot.disclosures.clock import assess

YEAR = 2100
NEW_YEAR = date(YEAR, 1, 1)
FREE = [NEW_YEAR + timedelta(days=number) for number in range(13)]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))


def load(tmp_path: Path, *rows: str, free: list[date] = FREE) -> Result:
    path = tmp_path / "holidays.csv"
    path.write_text("\n".join(["日期,安排", *(f"{day},放假" for day in free), *rows]), encoding="utf-8")
    return CliRunner().invoke(cli, ["import-holidays", str(path)])


def test_an_imported_year_counts_at_once_and_is_no_longer_provisional(tmp_path: Path) -> None:
    eve = date(YEAR - 1, 12, 31)
    workdays.follow(tmp_path / "var" / "holidays.json")
    before = assess(eve, [], eve)
    # Saturday, 16 January 2100, is worked for the holidays.
    result = load(tmp_path, f"{YEAR}-01-16,上班")
    assert (result.exit_code, "放假 13 天，调休上班 1 天" in result.output) == (0, True)
    after = assess(eve, [], eve)
    assert (before.provisional, after.provisional) == (True, False)
    assert not workdays.is_working_day(NEW_YEAR)
    assert workdays.is_working_day(date(YEAR, 1, 16))
    assert before.due_on is not None
    assert after.due_on == workdays.add_working_days(before.due_on, 9 - 1)  # nine free weekdays, one worked Saturday


def test_another_year_is_added_and_the_same_year_replaced(tmp_path: Path) -> None:
    assert load(tmp_path).exit_code == 0
    assert load(tmp_path, free=[day.replace(year=YEAR + 1) for day in FREE]).exit_code == 0
    assert load(tmp_path, free=[day + timedelta(days=1) for day in FREE]).exit_code == 0
    assert not workdays.is_working_day(date(YEAR + 1, 1, 3))
    assert workdays.is_working_day(NEW_YEAR)
    assert not workdays.is_working_day(date(YEAR, 1, 14))


@pytest.mark.parametrize(
    ("rows", "free", "message"),
    [
        (["2100-01-04,放假"], FREE, "与第5行重复"),
        (["2100-01-18,上班"], FREE, "本来就要上班"),
        (["2100-13-01,放假"], FREE, "日期要写成"),
        (["2100-01-20,休息"], FREE, "只能填：放假、上班"),
        ([], FREE[:12], "只有 12 天放假"),
        ([], [day.replace(year=2026) for day in FREE], "2026 年的放假安排已经内置"),
        ([], [], "没有一行放假安排"),
    ],
)
def test_a_wrong_file_is_refused_whole(tmp_path: Path, rows: list[str], free: list[date], message: str) -> None:
    result = load(tmp_path, *rows, free=free)
    assert result.exit_code == 1
    assert message in result.output
    assert not (tmp_path / "var" / "holidays.json").exists()
