"""What operators do with routes from a terminal."""

from __future__ import annotations

from pathlib import Path

import click

from bot import migrations
from bot.catalogue import lexicon
from bot.db import Database
from bot.routes.importer import import_routes
from bot.settings import Settings
from bot.tabular import ImportRejected


@click.command("import-routes")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_routes_command(path: Path) -> None:
    """Load where other matters belong from a CSV file, its folder or an Excel workbook."""
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    try:
        with database.transaction() as session:
            count = import_routes(session, path)
            lexicon.write(session, settings.lexicon_path)
    except ImportRejected as rejected:
        for error in rejected.errors:
            click.echo(str(error), err=True)
        raise click.ClickException(f"共 {len(rejected.errors)} 处错误，什么都没有导入") from None
    click.echo(f"已导入 {count} 条去处。")
    click.echo("重新启动（make run）后，新的触发词就能被识别。")


commands = [import_routes_command]
