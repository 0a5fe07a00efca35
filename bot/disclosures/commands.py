"""What operators do with disclosure requests from a terminal."""

from __future__ import annotations

from pathlib import Path

import click

from bot import migrations
from bot.db import Database
from bot.disclosures.importer import import_requests
from bot.settings import Settings
from bot.tabular import ImportRejected


@click.command("import-disclosures")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_disclosures_command(path: Path) -> None:
    """Load disclosure requests and their events from a folder of CSV files or an Excel workbook."""
    database = Database(Settings.from_environment().database_url)
    migrations.upgrade(database.engine)
    try:
        with database.transaction() as session:
            count = import_requests(session, path)
    except ImportRejected as rejected:
        for error in rejected.errors:
            click.echo(str(error), err=True)
        raise click.ClickException(f"共 {len(rejected.errors)} 处错误，什么都没有导入") from None
    click.echo(f"已导入 {count} 件信息公开申请。")


commands = [import_disclosures_command]
