"""`python -m bot documents watch FOLDER`: keeps the documents as a folder has them."""

from __future__ import annotations

import time
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from bot import migrations
from bot.answering.index_command import index_what_was_imported
from bot.db import Database, utcnow
from bot.documents.accounts import FileOutcome, summary
from bot.documents.watching import Look, look, signature
from bot.laws.watch import refresh
from bot.settings import Settings
from bot.staff.operator import operator

_pause = time.sleep


@click.group()
def documents() -> None:
    """Published documents that come from a folder."""


@documents.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--once", is_flag=True, help="Look once and end; for a timer of the system.")
@click.option("--every", type=click.IntRange(1), default=60, show_default=True, help="Seconds between two looks.")
@click.option("--withdraw-many", is_flag=True, help="Withdraw also if many files are gone at once.")
def watch(folder: Path, once: bool, every: int, withdraw_many: bool) -> None:
    """Load what is new or changed in FOLDER, withdraw what is gone, until Ctrl-C."""
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    if once:
        _look(settings, database, folder, withdraw_many)
        return
    seen = None
    try:
        while True:
            try:
                now = signature(folder)
                if now != seen:
                    _look(settings, database, folder, withdraw_many)
                    seen = now
            except (OSError, SQLAlchemyError) as error:
                # A share that is away or a database that is busy; the next look may succeed.
                click.echo(f"这次没有看成（{type(error).__name__}），{every} 秒后再看。", err=True)
            _pause(every)
    except KeyboardInterrupt:
        click.echo("不再看了。")


def _look(settings: Settings, database: Database, folder: Path, withdraw_many: bool) -> None:
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    found = look(database, folder, who=operator(), now=utcnow(), may_withdraw_many=withdraw_many)
    _tell(found)
    if found.has_changed:
        with database.transaction() as session:
            refresh(session, utcnow())
        index_what_was_imported(settings)


def _tell(found: Look) -> None:
    for account in found.imported.accounts:
        if account.outcome is FileOutcome.LOADED and account.found:
            click.echo(f"载入 {account.name}：《{account.found.title}》{account.reason and f'，{account.reason}'}")
        elif account.outcome is FileOutcome.FAILED:
            click.echo(f"读不了 {account.name}：{account.reason}", err=True)
    for title in found.withdrawn:
        click.echo(f"撤下 《{title}》：文件夹里没有了")
    if found.held_back:
        click.echo(
            f"文件夹里一下子少了 {found.held_back} 份文件，像是没有连上，一份也没有撤下。"
            "确实都要撤下，请加 --withdraw-many 再运行。",
            err=True,
        )
    click.echo(f"{summary(found.imported.accounts)}撤下 {len(found.withdrawn)} 份。")
