"""`python -m bot import-disclosures`: loads a register of disclosure requests."""

from __future__ import annotations

from pathlib import Path

import click

from bot.column_maps import ColumnMap, Sheet, map_in_use, proposal, remembered, write_map
from bot.db import utcnow
from bot.disclosures import long_register, register_list
from bot.disclosures.importer import ImportedRequests, import_requests
from bot.importing import errors_told, import_transaction, migrated_database
from bot.settings import Settings
from bot.staff import audit
from bot.staff.operator import operator
from bot.workdays import today_in_china

# How many rows are read or stored between two lines of progress.
_TOLD_EVERY = 20_000


@click.command("import-disclosures")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--map",
    "map_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="which column of a one-sheet register holds what; without it one is proposed, and remembered",
)
def import_disclosures_command(path: Path, map_path: Path | None) -> None:
    """Load disclosure requests and their events from a folder of CSV files, a workbook, or a register on one sheet."""
    settings = Settings.from_environment()
    if map_path or register_list.is_one_sheet(path):
        with errors_told():
            sheet = register_list.read_sheet(path)
        imported = _load_sheet(settings, path, sheet, _column_map(settings, path, sheet, map_path))
    else:
        imported = _load_tables(settings, path)
    click.echo(
        f"已导入 {imported.requests} 件信息公开申请：新的 {imported.new} 件，更新 {imported.changed} 件，"
        f"其余和原来一样。"
    )
    if imported.without_code:
        click.echo(f"其中 {imported.without_code} 件没有查询码；申请人来问时，用 disclosures new-code 给他一个。")


def _load_tables(settings: Settings, path: Path) -> ImportedRequests:
    with import_transaction(settings) as session:
        now = utcnow()
        imported = import_requests(session, path, today_in_china(now))
        why = f"{imported.requests} 件申请"
        audit.record(session, who=operator(), action="import_disclosures", subject=path.name, why=why, at=now)
    return imported


def _load_sheet(settings: Settings, path: Path, sheet: Sheet, used: ColumnMap) -> ImportedRequests:
    """Loads it batch by batch; stopped and run again, it goes on."""
    database, now = migrated_database(settings), utcnow()
    today = today_in_china(now)
    with errors_told():
        checked = long_register.check(database, sheet, used, today, progress=_Told("已检查"))
    write_map(used, remembered(settings.column_maps_path, "disclosures", sheet.headings))
    with database.transaction() as session:
        why = f"{checked.imported.requests} 件申请"
        audit.record(session, who=operator(), action="import_disclosures", subject=path.name, why=why, at=now)
    done, told = 0, _Told("已导入")
    try:
        with errors_told("这一批和后面的没有导入"):
            for done in long_register.load(database, sheet, used, today, checked):
                told(done)
    except (KeyboardInterrupt, click.ClickException):
        click.echo(f"停在半路：前 {done} 件已经在了。再运行一次同样的命令，就从没有的接着导入。", err=True)
        raise
    return checked.imported


class _Told:
    """Tells how far it is, from time to time."""

    def __init__(self, done: str) -> None:
        self._done = done
        self._next = _TOLD_EVERY

    def __call__(self, rows: int) -> None:
        if rows >= self._next:
            click.echo(f"{self._done} {rows} 行")
            self._next = rows + _TOLD_EVERY


def _column_map(settings: Settings, path: Path, sheet: Sheet, map_path: Path | None) -> ColumnMap:
    """The map that is given, or was used for such a file before; else proposes one and stops."""
    with errors_told():
        used = map_in_use(settings.column_maps_path, "disclosures", sheet, map_path)
    if used is not None:
        return used
    guessed = register_list.proposed(sheet)
    written = proposal(settings.column_maps_path, "disclosures", sheet.headings)
    write_map(guessed, written)
    click.echo(f"这是一张台账（{sheet.count()} 行）。按列名猜了哪一列是什么，写在：{written}")
    if missing := register_list.missing_in(guessed):
        click.echo(f"没有找到的：{'、'.join(missing)}。请在里面补上，每件都一样的写在“没有时写”里。")
    raise click.ClickException(f"什么都没有导入。请看过、改好，再运行：import-disclosures {path} --map {written}")
