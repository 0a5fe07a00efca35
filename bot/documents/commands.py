"""Terminal commands for documents: importing them and training their search."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from bot import migrations
from bot.answering.index_command import index_what_was_imported
from bot.db import Database, utcnow
from bot.documents.accounts import FileAccount, FileOutcome, summary, write_report
from bot.documents.importer import Imported, all_files, import_documents, import_in_parts
from bot.documents.kinds import SUFFIXES
from bot.documents.training import train_ranker
from bot.laws.watch import refresh
from bot.search.files import FileRejected
from bot.search.ranker import TooFewQuestions
from bot.settings import Settings
from bot.staff.operator import operator


@click.command("import-documents")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and show everything, store nothing.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the list of all files (CSV); without it VAR_DIR/documents-report.csv.",
)
def import_documents_command(folder: Path, dry_run: bool, report: Path | None) -> None:
    """Load published documents from a folder; unchanged files are skipped, and every file is accounted for."""
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    with click.progressbar(length=len(all_files(folder)), label="读取文件") as bar:
        imported = _rehearsed(database, folder, bar.update) if dry_run else _loaded(database, folder, bar.update)
    for account in imported.accounts:
        _tell(account, is_shown=dry_run)
    listed = report or settings.var_dir / "documents-report.csv"
    write_report(listed, imported.accounts)
    click.echo(f"{'试读，什么都没有存：' if dry_run else ''}{summary(imported.accounts)}每份文件见 {listed}")
    if not dry_run and imported.loaded:
        index_what_was_imported(settings)
    if not imported.loaded and not imported.unchanged:
        raise click.ClickException(f"什么都没有导入。文件夹里要有 {'、'.join(sorted(SUFFIXES))} 文件")


def _rehearsed(database: Database, folder: Path, progress: Callable[[int], object]) -> Imported:
    with database.transaction() as session:
        return import_documents(session, folder, progress, is_rehearsal=True)


def _loaded(database: Database, folder: Path, progress: Callable[[int], object]) -> Imported:
    imported = Imported()
    try:
        import_in_parts(database, folder, progress, who=operator(), imported=imported)
    except KeyboardInterrupt:
        raise click.ClickException("停下了。已经存的都在，再运行一次同样的命令，从没有存的接着来。") from None
    with database.transaction() as session:
        refresh(session, utcnow())
    return imported


def _tell(account: FileAccount, *, is_shown: bool) -> None:
    if account.outcome is FileOutcome.FAILED or (is_shown and account.outcome is FileOutcome.LEFT_OUT):
        click.echo(f"{account.name}：{account.reason}", err=account.outcome is FileOutcome.FAILED)
    elif is_shown and account.found:
        found = account.found
        effective = f"{found.effective_on} 起施行" if found.effective_on else ""
        known = [found.number, found.issuer, found.published_on, effective, found.force or "没有写明是否有效"]
        known += [f"{found.passages} 段", account.reason]
        click.echo(f"{account.name}：《{found.title}》，{'，'.join(filter(None, known))}")
    elif account.found and account.reason:
        click.echo(f"{account.name}：{account.reason}")


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
