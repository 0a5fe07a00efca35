"""Terminal commands for the catalogue: importing it and editing aliases."""

from __future__ import annotations

from pathlib import Path

import click

from bot.answering.index_command import index_what_was_imported
from bot.catalogue import service
from bot.catalogue.implementation_list import is_implementation_list, missing_in, proposed, read_sheet
from bot.catalogue.importer import import_catalogue, import_list
from bot.column_maps import ColumnMap, map_in_use, proposal, remembered, write_map
from bot.db import utcnow
from bot.importing import errors_told, import_transaction
from bot.laws.watch import refresh
from bot.running import lexicon_file as lexicon
from bot.settings import Settings
from bot.workdays import today_in_china


@click.command("import-catalogue")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--map",
    "map_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="which column of a one-sheet implementation list holds what; without it one is proposed, and remembered",
)
def import_catalogue_command(path: Path, map_path: Path | None) -> None:
    """Load a city's catalogue from a folder of CSV files or a workbook, or an implementation list of one sheet."""
    settings = Settings.from_environment()
    is_list = map_path is not None or (path.is_file() and is_implementation_list(path))
    used = _column_map(settings, path, map_path) if is_list else None
    with import_transaction(settings) as session:
        if used is None:
            loaded = import_catalogue(session, path)
        else:
            loaded = import_list(session, path, used, today_in_china(utcnow()))
        refresh(session, utcnow())
        lexicon.write(session, settings.lexicon_path)
    click.echo(f"已导入 {loaded.items} 个事项、{loaded.joint_services} 个“一件事”，移除 {loaded.removed} 个。")
    for words in loaded.without:
        click.echo(words)
    index_what_was_imported(settings)
    click.echo("重新启动（make run）后，新的名称就能被识别。")
    if used is not None:
        with errors_told():
            headings = read_sheet(path).headings
        write_map(used, remembered(settings.column_maps_path, "catalogue", headings))


def _column_map(settings: Settings, path: Path, map_path: Path | None) -> ColumnMap:
    """The map that is given, or was used for such a file before; else proposes one and stops."""
    with errors_told():
        sheet = read_sheet(path)
        used = map_in_use(settings.column_maps_path, "catalogue", sheet, map_path)
    if used is not None:
        return used
    guessed = proposed(sheet)
    written = proposal(settings.column_maps_path, "catalogue", sheet.headings)
    write_map(guessed, written)
    click.echo(f"这是一张实施清单（{sheet.count()} 行）。按列名猜了哪一列是什么，写在：{written}")
    if missing := missing_in(guessed):
        click.echo(f"没有找到的：{'、'.join(missing)}。请在里面补上。")
    raise click.ClickException(f"什么都没有导入。请看过、改好，再运行：import-catalogue {path} --map {written}")


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
