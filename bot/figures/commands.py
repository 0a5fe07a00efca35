"""`python -m bot figures` and `python -m bot bulletin`; `docs/figures.md` says what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from bot.catalogue.service import NoCity, get_city
from bot.db import utcnow
from bot.figures.bulletin import bulletin
from bot.figures.export import all_as_csv, as_text
from bot.figures.period import Period, PeriodRefused
from bot.figures.service import figures
from bot.figures.tables import tables
from bot.figures.word import as_word
from bot.importing import import_transaction
from bot.settings import Settings
from bot.staff import audit
from bot.staff.operator import operator


@click.command("figures")
@click.option("--from", "first", required=True, metavar="2026-11-01", help="The first day.")
@click.option("--to", "last", required=True, metavar="2026-11-30", help="The last day, which is counted too.")
@click.option("--format", "shape", type=click.Choice(["text", "csv"]), default="text", show_default=True)
def figures_command(first: str, last: str, shape: str) -> None:
    """Print what happened between two days, by China's calendar; personal data is masked."""
    with _transaction() as session:
        found = tables(figures(session, Period.between(first, last), utcnow()))
    if shape == "csv":
        click.echo(all_as_csv(found).encode(), nl=False)
    else:
        click.echo("\n\n".join(as_text(table) for table in found))


@click.command("bulletin")
@click.option("--month", required=True, metavar="2026-11")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A DOCX file.")
def bulletin_command(month: str, out: Path) -> None:
    """Write the bulletin of a month."""
    with _transaction() as session:
        counted = figures(session, Period.of_month(month), utcnow())
        written = bulletin(counted, get_city(session).name)
    try:
        out.write_bytes(as_word(written, counted))
    except OSError as error:
        raise click.ClickException(f"写不了 {out}：{error.strerror}") from None
    with _transaction() as session:
        audit.record(session, who=operator(), action="export", subject=f"{written.title}.docx", why="", at=utcnow())
    click.echo(f"已写入 {out}。")


@contextmanager
def _transaction() -> Iterator[Session]:
    try:
        with import_transaction(Settings.from_environment()) as session:
            yield session
    except PeriodRefused as refused:
        raise click.ClickException(str(refused)) from None
    except NoCity:
        raise click.ClickException("还没有载入城市的事项目录") from None
