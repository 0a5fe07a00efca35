"""Commands that set up the whole: `prepare`, `revise`."""

from __future__ import annotations

import click

from bot import migrations
from bot.db import Database
from bot.running import preparation
from bot.running.live_model import LiveModelBroken
from bot.running.model_making import TrainingFailed
from bot.settings import Settings


@click.command()
def prepare() -> None:
    """Migrate, load the sample city into an empty database, train if anything changed."""
    try:
        model = preparation.prepare(Settings.from_environment())
    except (TrainingFailed, LiveModelBroken, migrations.UpgradeFailed) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Ready; the model is {model}")


@click.command()
@click.argument("message")
def revise(message: str) -> None:
    """Write a migration from what the models have changed."""
    database = Database(Settings.from_environment().database_url)
    migrations.upgrade(database.engine)
    migrations.new_revision(database.engine, message)
