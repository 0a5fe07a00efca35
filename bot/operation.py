"""Commands that set up and run the whole: `run`, `prepare`, `revise`."""

from __future__ import annotations

import asyncio

import click

from bot import migrations, preparation, supervisor
from bot.db import Database
from bot.settings import Settings
from bot.training.live import LiveModelBroken


@click.command()
def run() -> None:
    """Start engine, actions and web; stop all on Ctrl-C."""
    try:
        asyncio.run(supervisor.run(Settings.from_environment()))
    except (supervisor.PortBusy, supervisor.NeverReady, preparation.TrainingFailed, LiveModelBroken) as error:
        raise click.ClickException(str(error)) from None


@click.command()
def prepare() -> None:
    """Migrate, load the sample city into an empty database, train if anything changed."""
    try:
        model = preparation.prepare(Settings.from_environment())
    except (preparation.TrainingFailed, LiveModelBroken) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Ready; the model is {model}")


@click.command()
@click.argument("message")
def revise(message: str) -> None:
    """Write a migration from what the models have changed."""
    database = Database(Settings.from_environment().database_url)
    migrations.upgrade(database.engine)
    migrations.new_revision(database.engine, message)
