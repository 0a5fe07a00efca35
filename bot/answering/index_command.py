"""`python -m bot build-index`: builds what questions are answered from; the import commands end with it."""

from __future__ import annotations

import click

from bot import migrations
from bot.answering.renewal import build_all
from bot.db import Database
from bot.settings import Settings


@click.command("build-index")
def build_index() -> None:
    """Build the indexes of what the city knows, if they are not whole; imports do so by themselves."""
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    build_all(database, settings, progress=_tell)
    click.echo("索引是最新的。")


def index_what_was_imported(settings: Settings) -> None:
    """Until this is done, citizens are answered from the index before; no question waits for it."""
    click.echo("正在建索引，建好以前按原来的内容回答 …")
    build_all(Database(settings.database_url), settings, progress=_tell)
    click.echo("索引建好了，几秒后按新的内容回答。")


def _tell(done: int, total: int) -> None:
    """Of a large import; a few documents are indexed at once."""
    if done < total:
        click.echo(f"  已索引 {done} / {total}")
