"""Which column of another system's export holds which column of ours: a YAML file that a clerk can read and mend.

```
列:            # ours: theirs
  事项编码: 实施编码
  承诺时限(工作日): 承诺办结时限
没有时写:      # where they have no such column, or the cell is empty
  结果有效期: 目录没有写
保留:          # further columns of theirs that are kept as they are
- 行使层级
本市:          # facts of the city that no row says
  城市: 云河市
```
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.sheets import Line, Unreadable, is_workbook, read_sheets, text_lines
from bot.tabular import (
    MOST_TITLES,
    ImportRejected,
    RowError,
    Tables,
    heading,
    headings_in,
    rows_of,
    tables_of,
)
from bot.whole_files import write_whole

_HEAD = """# 左边是这里的栏目，右边是文件里的列名；猜错的改过来，文件里没有的留空。
# “没有时写”：文件里没有这一列，或者这一格空着时写的话。“保留”：原样留在记录里的列，不想公开的删掉。
"""
_EMPTY = "文件里什么都没有"


@dataclass(frozen=True)
class Sheet:
    """The sheet, its headings, and its rows with their numbers, which can be gone through again and again."""

    name: str
    headings: list[str]
    rows: Iterable[tuple[int, dict[str, str]]]

    def count(self) -> int:
        return sum(1 for _ in self.rows)


@dataclass(frozen=True)
class _RowsOfText:
    """The rows of a text file, read from it each time. `titles`: how many lines stand above the first."""

    path: Path
    headings: list[str]
    titles: int

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        with unreadable_told(self.path):
            yield from rows_of(islice(text_lines(self.path), self.titles, None), self.headings)


class ColumnMap(BaseModel):
    """`columns`: ours → theirs, empty where they have none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str | None] = Field(alias="列")
    instead: dict[str, str | int | None] = Field(default_factory=dict, alias="没有时写")
    kept: list[str] = Field(default_factory=list, alias="保留")
    city: dict[str, str | int | None] = Field(default_factory=dict, alias="本市")

    @classmethod
    def of(
        cls,
        columns: Mapping[str, str | None],
        instead: Mapping[str, str],
        kept: Sequence[str],
        city: Collection[str] = (),
    ) -> ColumnMap:
        return cls.model_validate({"列": columns, "没有时写": instead, "保留": kept, "本市": dict.fromkeys(city)})

    def cell(self, cells: Mapping[str, str], ours: str) -> str:
        """What a row of theirs has for our column, or what is to stand there instead."""
        return cells.get(heading(self.columns.get(ours) or ""), "") or str(self.instead.get(ours) or "")

    def without(self, needed: Sequence[str]) -> list[str]:
        """Those of our columns for which the map has nothing."""
        return [ours for ours in needed if not self.columns.get(ours) and not self.instead.get(ours)]

    def kept_of(self, cells: Mapping[str, str]) -> dict[str, str]:
        return {title: cells[heading(title)] for title in self.kept if cells.get(heading(title))}


def the_sheet(path: Path, headings: Collection[str]) -> tuple[str, Tables]:
    """The sheet of the file that has most of these headings, and the tables of the file.

    Raises:
        ImportRejected: the file cannot be read or is empty.
    """
    with unreadable_told(path):
        sheets: dict[str, list[Line]] = read_sheets(path)
    tables = tables_of(sheets, headings)
    if not tables.rows:
        raise ImportRejected([RowError(path.name, 1, "—", _EMPTY)])
    return max(tables.rows, key=lambda name: len(set(tables.headings[name][1]) & set(headings))), tables


def read_sheet(path: Path, names: Mapping[str, Sequence[str]]) -> Sheet:
    """The sheet of the file that has most of these columns. `names`: our column → what exports call it.

    Raises:
        ImportRejected: the file cannot be read or is empty.
    """
    name, tables = the_sheet(path, _known(names))
    return Sheet(name, tables.headings[name][1], tables.rows[name])


def open_sheet(path: Path, names: Mapping[str, Sequence[str]]) -> Sheet:
    """As `read_sheet`, but of a text file of any size, whose rows are read one by one when they are needed.

    Raises:
        ImportRejected: the file cannot be read or is empty; the rows raise it too.
    """
    with unreadable_told(path):
        if is_workbook(path):
            return read_sheet(path, names)
        start = list(islice(text_lines(path), MOST_TITLES))
    if not start:
        raise ImportRejected([RowError(path.name, 1, "—", _EMPTY)])
    position, headings = headings_in(start, _known(names))
    return Sheet(path.stem, headings, _RowsOfText(path, headings, position + 1))


@contextmanager
def unreadable_told(path: Path) -> Iterator[None]:
    """Turns `Unreadable` into `ImportRejected` with the name of the file."""
    try:
        yield
    except Unreadable as error:
        raise ImportRejected([RowError(path.name, 1, "—", str(error))]) from None


def _known(names: Mapping[str, Sequence[str]]) -> set[str]:
    return {heading(name) for ours, others in names.items() for name in (ours, *others)}


def guess(
    present: Sequence[str], names: Mapping[str, Sequence[str]], instead: Mapping[str, str], keep_rest: bool
) -> ColumnMap:
    """A map by the names of columns. `names`: our column → what exports call it, best first."""
    columns: dict[str, str | None] = {
        ours: next((theirs for theirs in (ours, *others) if heading(theirs) in present), None)
        for ours, others in names.items()
    }
    used = {heading(theirs) for theirs in columns.values() if theirs}
    rest = [theirs for theirs in present if theirs and theirs not in used] if keep_rest else []
    return ColumnMap.of(columns, instead, rest)


def read_map(path: Path) -> ColumnMap:
    """Raises `ImportRejected` if the file is not such a map."""
    try:
        return ColumnMap.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError):
        raise ImportRejected([RowError(path.name, 1, "—", "不是对应表：要有“列”，每行写“栏目: 列名”")]) from None


def map_in_use(folder: Path, kind: str, sheet: Sheet, given: Path | None) -> ColumnMap | None:
    """The map that is given, or was used for such a file before; None if there is neither.

    Raises:
        ImportRejected: the file is no map.
    """
    before = remembered(folder, kind, sheet.headings)
    return read_map(given or before) if given is not None or before.exists() else None


def write_map(column_map: ColumnMap, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = yaml.safe_dump(column_map.model_dump(by_alias=True), allow_unicode=True, sort_keys=False, width=1000)
    write_whole(path, _HEAD + content.replace(": null\n", ":\n"))


def remembered(folder: Path, kind: str, present: Sequence[str]) -> Path:
    """Where the map for exports with these headings is kept once it was used."""
    digest = hashlib.sha256("\n".join(present).encode()).hexdigest()[:12]
    return folder / f"{kind}-{digest}.yml"


def proposal(folder: Path, kind: str, present: Sequence[str]) -> Path:
    """Where a guessed map is written for somebody to look at."""
    return remembered(folder, f"{kind}-proposed", present)
