"""Terminal commands of the law watch: importing laws, comparing what our records cite, listing the tasks."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from bot.db import utcnow
from bot.documents.importer import document_files
from bot.importing import import_transaction
from bot.laws.excerpt import COLUMNS, excerpt
from bot.laws.importer import import_laws
from bot.laws.models import LawCitation
from bot.laws.watch import refresh, tasks
from bot.laws.words import said_of
from bot.settings import Settings
from bot.workdays import today_in_china


@click.command("import-laws")
@click.argument("listed", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def import_laws_command(listed: Path, folder: Path | None) -> None:
    """Load the list of laws (CSV) and their texts from FOLDER, then compare what our records cite."""
    with (
        import_transaction(Settings.from_environment()) as session,
        click.progressbar(length=len(document_files(folder)) if folder else 0, label="读取文件") as bar,
    ):
        loaded = import_laws(session, listed, folder, utcnow(), progress=bar.update)
        found = refresh(session, utcnow())
    for path, reason in loaded.failures:
        click.echo(f"{path.name}：{reason}", err=True)
    click.echo(f"清单 {loaded.laws} 条，新增或改动 {loaded.changed} 条，移除 {loaded.removed} 条。")
    click.echo(
        f"新载入正文 {loaded.texts} 份，{loaded.unchanged} 份没有变化，{loaded.unlisted} 份不在清单里，"
        f"{len(loaded.failures)} 份读不了。"
    )
    click.echo(
        f"核对了 {found.citations} 处引用，新提出 {found.raised} 件，共 {found.open} 件要办（工作台“法律依据”）。"
    )


@click.group()
def laws() -> None:
    """What our records cite of laws, and what has changed in it."""


@laws.command()
def check() -> None:
    """Compare what our records cite with the laws as they stand today, and list the open tasks."""
    with import_transaction(Settings.from_environment()) as session:
        found = refresh(session, utcnow())
        lines = [_line(task) for task in tasks(session)]
    for line in lines:
        click.echo(line)
    click.echo(f"核对了 {found.citations} 处引用，新提出 {found.raised} 件，共 {found.open} 件要办。")


@laws.command("excerpt")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def excerpt_command(path: Path) -> None:
    """Write to PATH the list's rows of the laws that our records cite, with their status as of today.

    Rows of PATH that the list does not have, as of ministries' rules, are kept while they are cited.
    """
    kept = list(csv.DictReader(path.open(encoding="utf-8-sig", newline=""))) if path.exists() else []
    with import_transaction(Settings.from_environment()) as session:
        refresh(session, utcnow())
        found = excerpt(session, today_in_china(utcnow()), kept)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found.rows)
    for name in found.unlisted:
        click.echo(f"清单里没有：《{name}》", err=True)
    click.echo(f"写了 {len(found.rows)} 条，{len(found.unlisted)} 部不在清单里。")


def _line(task: LawCitation) -> str:
    return f"{task.owner}  {task.title}（{task.code}）  《{task.law}》{task.articles}  {said_of(task)}"
