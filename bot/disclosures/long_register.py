"""Loads a register on one sheet, of any length: all of it is checked first, then it is stored a batch at a time.

```
checked = check(database, sheet, column_map, today)       # raises ImportRejected; nothing is stored
for done in load(database, sheet, column_map, today, checked):
    print(f"{done} of {checked.imported.requests}")
```

Each batch is a transaction of its own. A load that was stopped is begun again from the start: what is stored already is
found by its number, is the same, and is not written.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date

from bot.catalogue.models import Department
from bot.catalogue.service import department_codes_by_any_name
from bot.column_maps import ColumnMap, Sheet
from bot.db import Database
from bot.disclosures import numbering, register_list
from bot.disclosures.importer import (
    Delivery,
    ImportedRequests,
    batched,
    check_tables,
    import_tables,
    numbers_of,
    refuse_others,
    unchanged,
)
from bot.tabular import ImportRejected, RowError, Tables

ROWS_AT_ONCE = 1000
# With more errors the map is wrong rather than the rows, and the rest of the file is not read.
MOST_ERRORS = 10_000


@dataclass
class Checked:
    """What the sheet brings. `imported`: as it will be once it is loaded.

    `serials`: year → the serials of the new receipts that rows name themselves. `to_give`: year → how many requests
    are to get a receipt.
    """

    imported: ImportedRequests = field(default_factory=ImportedRequests)
    codes: int = 0
    # Of each batch: whether there is anything to be stored.
    to_store: list[bool] = field(default_factory=list)
    serials: dict[int, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("I")))
    to_give: Counter[int] = field(default_factory=Counter)

    def add(self, delivery: Delivery, same: Set[str], named: Set[str]) -> None:
        """`same`: the receipts whose requests are stored so already. `named`: those that stand in the sheet."""
        differing = len(delivery.requests) - len(same)
        self.to_store.append(differing > 0)
        self.imported = ImportedRequests(
            requests=self.imported.requests + len(delivery.requests),
            without_code=self.imported.without_code
            + sum(not (row.query_code or delivery.hashes.get(row.receipt)) for row in delivery.requests),
            new=self.imported.new + len(delivery.new),
            changed=self.imported.changed + differing - len(delivery.new),
        )
        self.codes += sum(bool(row.query_code) for row in delivery.requests)
        for receipt in delivery.new:
            number = numbering.Number.of(receipt)
            if receipt in named:
                self.serials[number.year].append(number.serial)
            else:
                self.to_give[number.year] += 1

    def receipts(self) -> Iterator[str]:
        """The new receipts that rows name themselves."""
        for year, serials in self.serials.items():
            yield from (str(numbering.Number(year, serial)) for serial in serials)


def check(
    database: Database,
    sheet: Sheet,
    column_map: ColumnMap,
    today: date,
    *,
    department: Department | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Checked:
    """Reads all rows and stores nothing.

    Args:
        department: the only one whose requests are allowed.
        progress: is told how many rows are read, after each batch.

    Raises:
        bot.tabular.ImportRejected: rows are wrong.
    """
    checked, errors, row_count = Checked(), list[RowError](), 0
    with closing(_Seen()) as seen:
        for some in batched(sheet.rows, ROWS_AT_ONCE):
            tables = register_list.as_tables(some, column_map)
            with database.transaction() as session:
                _refuse_repeated(tables, seen, department_codes_by_any_name(session))
                if department is not None:
                    refuse_others(session, tables, department)
                named = {numbers_of(cells)[0] for _, cells in tables.rows["requests"]}
                delivery = check_tables(session, tables, today, too_high={})
                checked.add(delivery, set() if errors or tables.errors else unchanged(session, delivery), named)
            errors += _as_in(sheet, column_map, tables)
            row_count += len(some)
            progress(row_count)
            if len(errors) > MOST_ERRORS:
                errors.append(RowError(sheet.name, some[-1][0], "—", "错误太多，后面的行还没有看"))
                break
        if not errors:
            errors = _numbers_refused(database, checked, seen, column_map.columns.get("回执号") or "回执号")
    if errors:
        raise ImportRejected([replace(error, table=sheet.name) for error in errors])
    return checked


def load(database: Database, sheet: Sheet, column_map: ColumnMap, today: date, checked: Checked) -> Iterator[int]:
    """Stores the requests; yields after each batch how many are stored now.

    Raises:
        bot.tabular.ImportRejected: a row is wrong by what has changed since `check`; earlier batches are stored.
    """
    with database.transaction() as session:
        # Before the first batch, so that no row without a receipt is given one that a later row names.
        numbering.note_taken(session, checked.receipts())
    done = 0
    for some, to_store in zip(batched(sheet.rows, ROWS_AT_ONCE), checked.to_store, strict=False):
        if to_store:
            tables = register_list.as_tables(some, column_map)
            try:
                with database.transaction() as session:
                    import_tables(session, tables, today, checked.codes)
            except ImportRejected:
                raise ImportRejected(_as_in(sheet, column_map, tables)) from None
        done += len(some)
        yield done


class _Seen:
    """In which row each number stands first. It is kept in a file without a name, since there may be millions."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        for once in ("PRAGMA journal_mode=OFF", "CREATE TABLE seen (number TEXT PRIMARY KEY, row INTEGER)", "BEGIN"):
            self._file.execute(once)

    def close(self) -> None:
        self._file.close()

    def add(self, number: str, row: int) -> bool:
        """False if it is there already."""
        return self._file.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (number, row)).rowcount == 1

    def row_of(self, number: str) -> int:
        (row,) = self._file.execute("SELECT row FROM seen WHERE number = ?", (number,)).fetchone()
        return int(row)


def _refuse_repeated(tables: Tables, seen: _Seen, departments: Mapping[str, str]) -> None:
    """Rejects rows whose number stands in a row before, and takes them out of the tables."""
    repeated: set[int] = set()
    for row, cells in tables.rows["requests"]:
        receipt, own = numbers_of(cells)
        department = cells["受理机关"]
        of_agency = f"{departments.get(department, department)} {own}"
        number = receipt or of_agency
        if not (receipt or own):
            continue
        if not seen.add(number, row):
            tables.reject("requests", row, "回执号" if receipt else "机关编号", f"与第{seen.row_of(number)}行重复")
            repeated.add(row)
        elif receipt and own:
            seen.add(of_agency, row)
    for rows in tables.rows.values() if repeated else ():
        rows[:] = [(row, cells) for row, cells in rows if row not in repeated]


def _numbers_refused(database: Database, checked: Checked, seen: _Seen, column: str) -> list[RowError]:
    """What is wrong with the receipts of the sheet as a whole. `column`: where it has them."""
    with database.transaction() as session:
        too_high = numbering.too_high(session, checked.receipts())
        errors = [RowError("requests", seen.row_of(receipt), column, why) for receipt, why in too_high.items()]
        for year, count in checked.to_give.items():
            last = max([numbering.next_serial(session, year) - 1, *checked.serials.get(year, ())])
            if last + count > numbering.LAST_SERIAL:
                errors.append(RowError("requests", 1, column, f"{year} 年的回执号不够 {count} 个了"))
    return errors


def _as_in(sheet: Sheet, column_map: ColumnMap, tables: Tables) -> list[RowError]:
    """The errors with the names of the sheet and of its columns, each once: a day stands in both tables."""
    steps = (
        {(row, cells["日期"]): cells["环节"] for row, cells in tables.rows["request_events"]} if tables.errors else {}
    )
    named: dict[str, RowError] = {}
    for error in tables.ranked_errors():
        ours = error.column
        if (error.table, ours) == ("request_events", "日期"):
            ours = register_list.column_of_step(steps.get((error.row, error.found), ours))
        told = replace(error, table=sheet.name, column=column_map.columns.get(ours) or ours)
        named.setdefault(str(told), told)
    return list(named.values())
