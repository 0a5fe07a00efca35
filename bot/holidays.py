"""`python -m bot import-holidays`: the State Council's arrangement for a year that the calendar package lacks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Literal

import click
from pydantic import Field

from bot.importing import errors_told
from bot.settings import Settings
from bot.tabular import Row, Tables, read_tables
from bot.whole_files import write_whole
from bot.workdays import Holidays, is_in_package

# A year has 13 statutory holidays (全国年节及纪念日放假办法, 2024); fewer free days are not the whole arrangement.
FEWEST_FREE_DAYS = 13


class HolidayRow(Row):
    day: date = Field(alias="日期")
    kind: Literal["放假", "上班"] = Field(alias="安排")


def read_holidays(path: Path) -> Holidays:
    """The holidays in a CSV file, or in the first sheet of a workbook: a row for each free day and each worked weekend.

    Raises:
        ImportRejected: a row is wrong, or a year is in the package already or not whole.
    """
    tables = read_tables(path)
    name = next(iter(tables.rows), path.stem)
    rows = tables.checked(name, HolidayRow)
    tables.require_unique(name, [(number, row.day) for number, row in rows], "日期")
    for number, row in rows:
        if row.kind == "上班" and row.day.weekday() < 5:
            tables.reject(name, number, "安排", f"{row.day} 本来就要上班，调休上班的只能是周六、周日")
    _require_whole_years(tables, name, rows)
    tables.raise_errors()
    free, worked = (frozenset(row.day for _, row in rows if row.kind == kind) for kind in ("放假", "上班"))
    return Holidays(free, worked)


def _require_whole_years(tables: Tables, name: str, rows: list[tuple[int, HolidayRow]]) -> None:
    for year in sorted({row.day.year for _, row in rows}):
        first = next(number for number, row in rows if row.day.year == year)
        free_days = sum(row.day.year == year and row.kind == "放假" for _, row in rows)
        if is_in_package(year):
            tables.reject(name, first, "日期", f"{year} 年的放假安排已经内置，不用导入")
        elif free_days < FEWEST_FREE_DAYS:
            tables.reject(
                name, first, "日期", f"{year} 年只有 {free_days} 天放假，不到 {FEWEST_FREE_DAYS} 天，请导入全年的"
            )
    if not rows and not tables.errors:
        tables.reject(name, 1, "—", "没有一行放假安排")


@click.command("import-holidays")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_holidays(path: Path) -> None:
    """Load the holidays of a year from a CSV file or an Excel workbook; they count at once.

    Columns: 日期 and 安排 (放假, or 上班 for a weekend that is worked). Other imported years stay.
    """
    settings = Settings.from_environment()
    with errors_told():
        new = read_holidays(path)
    put_in_force(settings.holidays_path, new.years, new)
    years = "、".join(f"{year} 年" for year in sorted(new.years))
    click.echo(
        f"已导入 {years}的放假安排：放假 {len(new.free)} 天，调休上班 {len(new.worked)} 天。马上生效，不用重新启动。"
    )


def imported(path: Path) -> Holidays:
    """What the file holds; nothing if it is not there."""
    return Holidays.from_json(path.read_text(encoding="utf-8")) if path.exists() else Holidays()


def put_in_force(path: Path, years: Collection[int], new: Holidays) -> None:
    """Replaces those years in the file by what `new` has of them, which may be nothing."""
    before = imported(path)

    def kept(days: frozenset[date]) -> frozenset[date]:
        return frozenset(day for day in days if day.year not in years)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, Holidays(kept(before.free) | new.free, kept(before.worked) | new.worked).to_json())
