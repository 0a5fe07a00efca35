"""Commands that set up and run the whole: `run`, `prepare`, `revise`."""

from __future__ import annotations

import asyncio

import click

from bot import migrations
from bot.db import Database
from bot.running import preparation, supervisor
from bot.running.live_model import LiveModelBroken
from bot.running.one_assistant import AlreadyRunning
from bot.running.services import NeverReady
from bot.settings import Settings
from bot.training.swaps import SwapsOfTrainings

_NOT_PREPARED = (preparation.TrainingFailed, LiveModelBroken, migrations.UpgradeFailed)


@click.command()
def run() -> None:
    """Start engine, actions and web; stop all on Ctrl-C."""
    try:
        settings = Settings.from_environment()
        asyncio.run(supervisor.run(settings, SwapsOfTrainings(settings)))
    except (AlreadyRunning, supervisor.PortBusy, NeverReady, *_NOT_PREPARED) as error:
        raise click.ClickException(str(error)) from None


@click.command()
def prepare() -> None:
    """Migrate, load the sample city into an empty database, train if anything changed."""
    try:
        model = preparation.prepare(Settings.from_environment())
    except _NOT_PREPARED as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Ready; the model is {model}")


@click.command()
@click.argument("message")
def revise(message: str) -> None:
    """Write a migration from what the models have changed."""
    database = Database(Settings.from_environment().database_url)
    migrations.upgrade(database.engine)
    migrations.new_revision(database.engine, message)
