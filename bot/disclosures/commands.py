"""`python -m bot import-disclosures`: loads a register of disclosure requests."""

from __future__ import annotations

from pathlib import Path

import click

from bot.column_maps import ColumnMap, map_in_use, proposal, remembered, write_map
from bot.db import utcnow
from bot.disclosures import register_list
from bot.disclosures.importer import import_list, import_requests
from bot.importing import errors_told, import_transaction
from bot.settings import Settings
from bot.staff import audit
from bot.staff.operator import operator
from bot.workdays import today_in_china


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
    used = _column_map(settings, path, map_path) if map_path or register_list.is_one_sheet(path) else None
    with import_transaction(settings) as session:
        now = utcnow()
        today = today_in_china(now)
        imported = import_list(session, path, used, today) if used else import_requests(session, path, today)
        why = f"{imported.requests} 件申请"
        audit.record(session, who=operator(), action="import_disclosures", subject=path.name, why=why, at=now)
    click.echo(f"已导入 {imported.requests} 件信息公开申请。")
    if imported.without_code:
        click.echo(f"其中 {imported.without_code} 件没有查询码；申请人来问时，用 disclosures new-code 给他一个。")
    if used is not None:
        write_map(used, remembered(settings.column_maps_path, "disclosures", register_list.read_sheet(path).headings))


def _column_map(settings: Settings, path: Path, map_path: Path | None) -> ColumnMap:
    """The map that is given, or was used for such a file before; else proposes one and stops."""
    with errors_told():
        sheet = register_list.read_sheet(path)
        used = map_in_use(settings.column_maps_path, "disclosures", sheet, map_path)
    if used is not None:
        return used
    guessed = register_list.proposed(sheet)
    written = proposal(settings.column_maps_path, "disclosures", sheet.headings)
    write_map(guessed, written)
    click.echo(f"这是一张台账（{len(sheet.rows)} 行）。按列名猜了哪一列是什么，写在：{written}")
    if missing := register_list.missing_in(guessed):
        click.echo(f"没有找到的：{'、'.join(missing)}。请在里面补上，每件都一样的写在“没有时写”里。")
    raise click.ClickException(f"什么都没有导入。请看过、改好，再运行：import-disclosures {path} --map {written}")
