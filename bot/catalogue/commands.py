"""Terminal commands for the catalogue: importing it and editing aliases."""

from __future__ import annotations

from pathlib import Path

import click

from bot.catalogue import service
from bot.catalogue.importer import import_catalogue
from bot.db import utcnow
from bot.importing import import_transaction
from bot.laws.watch import refresh
from bot.running import lexicon_file as lexicon
from bot.settings import Settings


@click.command("import-catalogue")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_catalogue_command(path: Path) -> None:
    """Load a city's catalogue from a folder of CSV files or an Excel workbook."""
    settings = Settings.from_environment()
    with import_transaction(settings) as session:
        loaded = import_catalogue(session, path)
        refresh(session, utcnow())
        lexicon.write(session, settings.lexicon_path)
    click.echo(f"已导入 {loaded.items} 个事项、{loaded.joint_services} 个“一件事”，移除 {loaded.removed} 个。")
    for words in loaded.without:
        click.echo(words)
    click.echo("重新启动（make run）后，新的名称就能被识别。")


@click.group()
def aliases() -> None:
    """Other names of items and joint services, by which people ask for them."""


@aliases.command()
@click.argument("code")
@click.argument("name")
def add(code: str, name: str) -> None:
    """Let NAME mean the item or joint service CODE."""
    settings = Settings.from_environment()
    try:
        with import_transaction(settings) as session:
            service.add_alias(session, code, name)
            lexicon.write(session, settings.lexicon_path)
    except service.AliasRefused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"“{name}”以后就是 {code}。重新启动（make run）后就能被识别。")


@aliases.command()
@click.argument("code")
@click.argument("name")
def remove(code: str, name: str) -> None:
    """Let NAME no longer mean CODE."""
    settings = Settings.from_environment()
    try:
        with import_transaction(settings) as session:
            service.remove_alias(session, code, name)
            lexicon.write(session, settings.lexicon_path)
    except service.NoSuchAlias:
        raise click.ClickException(f"{code} 没有“{name}”这个别名") from None
    click.echo(f"{code} 不再叫“{name}”。重新启动（make run）后生效。")


@aliases.command("list")
@click.argument("code", required=False)
def list_command(code: str | None) -> None:
    """List the aliases of all items and joint services, or of CODE."""
    with import_transaction(Settings.from_environment()) as session:
        listed = service.aliases(session, code)
        names = service.names_of(session, list(dict.fromkeys(alias.code for alias in listed)))
    for alias in listed:
        click.echo(f"{alias.code}  {names.get(alias.code, '')}  {alias.text}")
    click.echo(f"共 {len(listed)} 个别名。")
