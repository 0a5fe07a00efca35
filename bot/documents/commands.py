"""Terminal commands for documents: importing them and training their search."""

from __future__ import annotations

from pathlib import Path

import click

from bot import migrations
from bot.db import Database, utcnow
from bot.documents.importer import document_files, import_documents
from bot.documents.training import train_ranker
from bot.laws.watch import refresh
from bot.search.files import FileRejected
from bot.search.ranker import TooFewQuestions
from bot.settings import Settings


@click.command("import-documents")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def import_documents_command(folder: Path) -> None:
    """Load published documents (.md, .html, .docx) from a folder; unchanged files are skipped."""
    database = Database(Settings.from_environment().database_url)
    migrations.upgrade(database.engine)
    with (
        database.transaction() as session,
        click.progressbar(length=len(document_files(folder)), label="读取文件") as bar,
    ):
        imported = import_documents(session, folder, progress=bar.update)
        refresh(session, utcnow())
    for path, reason in imported.failures:
        click.echo(f"{path.relative_to(folder)}：{reason}", err=True)
    click.echo(
        f"新载入 {imported.loaded} 份文件（{imported.passages} 段），{imported.unchanged} 份没有变化，"
        f"{len(imported.failures)} 份读不了。"
    )
    if not imported.loaded and not imported.unchanged:
        raise click.ClickException("什么都没有导入。文件夹里要有 .md、.html 或 .docx 文件")


@click.command("train-documents-search")
@click.option(
    "--questions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help='Lines of {"id","text","relevant":["<document key>#<position>"]}, several questions a passage.',
)
def train_documents_search_command(questions: Path) -> None:
    """Train the search over documents on questions with known answers; no restart is needed."""
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    try:
        with database.transaction() as session:
            count = train_ranker(session, questions, settings.documents_ranker_path)
    except (FileRejected, TooFewQuestions) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"学习了 {count} 个问题，写入 {settings.documents_ranker_path}")
