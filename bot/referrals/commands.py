"""Terminal command that imports the routes."""

from __future__ import annotations

from pathlib import Path

import click

from bot.answering.index_command import index_what_was_imported
from bot.db import utcnow
from bot.importing import import_transaction
from bot.laws.watch import refresh
from bot.referrals.importer import import_routes
from bot.running import lexicon_file as lexicon
from bot.settings import Settings


@click.command("import-routes")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_routes_command(path: Path) -> None:
    """Load the routes for matters that belong elsewhere from a CSV file, its folder or an Excel workbook."""
    settings = Settings.from_environment()
    with import_transaction(settings) as session:
        count = import_routes(session, path)
        refresh(session, utcnow())
        lexicon.write(session, settings.lexicon_path)
    click.echo(f"已导入 {count} 条去处。")
    index_what_was_imported(settings)
    click.echo("重新启动（make run）后，新的触发词就能被识别。")
