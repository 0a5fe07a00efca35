"""`python -m bot doctor`."""

from __future__ import annotations

import sys

import click

from bot.db import utcnow
from bot.doctor.checks import all_checks, findings
from bot.doctor.finding import Level
from bot.settings import Settings


@click.command()
@click.option("--offline", "is_offline", is_flag=True, help="Connect to nobody but the database.")
def doctor(is_offline: bool) -> None:
    """Check this installation: a line for each part, and what to do. Changes nothing.

    Exit status: 0 all right, 1 something is doubtful, 2 something is wrong.
    """
    count = dict.fromkeys(Level, 0)
    for found in findings(all_checks(Settings.from_environment(), utcnow(), is_offline=is_offline)):
        click.echo(found.line())
        count[found.level] += 1
    click.echo(f"正常 {count[Level.RIGHT]}，留意 {count[Level.DOUBTFUL]}，有错 {count[Level.WRONG]}。")
    sys.exit(max(level for level in Level if count[level]))
