"""Terminal commands for synonyms."""

from __future__ import annotations

from pathlib import Path

import click

from bot.answering.index_command import index_what_was_imported
from bot.importing import import_transaction
from bot.settings import Settings
from bot.synonyms import service
from bot.synonyms.importer import import_synonyms

_AT_ONCE = "索引建好后就按新的说法查文件，不用重新启动。"


@click.command("import-synonyms")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_synonyms_command(path: Path) -> None:
    """Load different wordings of one thing from a CSV file, its folder or an Excel workbook."""
    settings = Settings.from_environment()
    with import_transaction(settings) as session:
        count = import_synonyms(session, path)
    click.echo(f"已导入 {count} 条同义说法。")
    index_what_was_imported(settings)


@click.group()
def synonyms() -> None:
    """Different wordings of one thing, for the search over documents."""


@synonyms.command()
@click.argument("written")
@click.argument("means")
def add(written: str, means: str) -> None:
    """Read WRITTEN as MEANS, in documents and questions."""
    try:
        with import_transaction(Settings.from_environment()) as session:
            service.add_synonym(session, written, means)
    except service.SynonymRefused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"“{written}”以后当作“{means}”。{_AT_ONCE}")


@synonyms.command()
@click.argument("written")
def remove(written: str) -> None:
    """Remove the synonym WRITTEN."""
    try:
        with import_transaction(Settings.from_environment()) as session:
            service.remove_synonym(session, written)
    except service.NoSuchSynonym:
        raise click.ClickException(f"没有“{written}”这条写法") from None
    click.echo(f"已删除“{written}”。{_AT_ONCE}")


@synonyms.command("list")
def list_command() -> None:
    """List all synonyms, ordered by wording."""
    with import_transaction(Settings.from_environment()) as session:
        pairs = service.synonyms(session)
    for written, means in pairs.items():
        click.echo(f"{written} → {means}")
    click.echo(f"共 {len(pairs)} 条。")
