"""Terminal command that lists the open cases."""

from __future__ import annotations

import click

from bot.db import Database
from bot.reviews.reasons import REASON_TITLES
from bot.reviews.service import open_cases
from bot.settings import Settings
from bot.workdays import CHINA


@click.command()
def cases() -> None:
    """List the conversations that wait for a person, longest waiting first; personal data is masked."""
    database = Database(Settings.from_environment().database_url)
    with database.transaction() as session:
        waiting = open_cases(session)
        for case in waiting:
            since = case.waiting_since.astimezone(CHINA)
            reasons = "、".join(REASON_TITLES.get(reason, reason) for reason in case.reasons)
            click.echo(f"{case.number}  {since:%m-%d %H:%M}  {case.channel}  {reasons}  {case.question}")
        click.echo(f"共 {len(waiting)} 件待处理。")
