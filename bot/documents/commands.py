"""What operators do with documents from a terminal."""

from __future__ import annotations

from pathlib import Path

import click

from bot import migrations
from bot.db import Database
from bot.documents.importer import document_files, import_documents
from bot.settings import Settings


@click.command("import-documents")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def import_documents_command(folder: Path) -> None:
    """Load published documents (.md, .html, .docx) from a folder; what has not changed is left alone."""
    database = Database(Settings.from_environment().database_url)
    migrations.upgrade(database.engine)
    with (
        database.transaction() as session,
        click.progressbar(length=len(document_files(folder)), label="读取文件") as bar,
    ):
        imported = import_documents(session, folder, progress=bar.update)
    for path, reason in imported.failures:
        click.echo(f"{path.relative_to(folder)}：{reason}", err=True)
    click.echo(
        f"新载入 {imported.loaded} 份文件（{imported.passages} 段），{imported.unchanged} 份没有变化，"
        f"{len(imported.failures)} 份读不了。"
    )
    if not imported.loaded and not imported.unchanged:
        raise click.ClickException("什么都没有导入。文件夹里要有 .md、.html 或 .docx 文件")


commands = [import_documents_command]
