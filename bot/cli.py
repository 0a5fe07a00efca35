"""`python -m bot …`: what operators do from a terminal."""

from __future__ import annotations

import asyncio
import sys

import click

from bot import migrations, preparation, supervisor
from bot.catalogue.commands import commands as catalogue_commands
from bot.db import Database
from bot.disclosures.commands import commands as disclosure_commands
from bot.documents.commands import commands as document_commands
from bot.reviews import service as reviews
from bot.reviews.reasons import REASON_TITLES
from bot.routes.commands import commands as route_commands
from bot.search.commands import commands as search_commands
from bot.settings import Settings, SettingsError
from bot.staff.commands import commands as staff_commands
from bot.switches.commands import commands as switch_commands
from bot.synonyms.commands import commands as synonym_commands
from bot.training.commands import commands as training_commands
from bot.training.live import LiveModelBroken
from bot.workdays import CHINA


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The city's assistant."""


@cli.command()
def run() -> None:
    """Start engine, actions and web; stop all on Ctrl-C."""
    try:
        asyncio.run(supervisor.run(Settings.from_environment()))
    except (supervisor.PortBusy, supervisor.NeverReady, preparation.TrainingFailed, LiveModelBroken) as error:
        raise click.ClickException(str(error)) from None


@cli.command()
def prepare() -> None:
    """Migrate, load the sample city into an empty database, train if anything changed."""
    try:
        model = preparation.prepare(Settings.from_environment())
    except (preparation.TrainingFailed, LiveModelBroken) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Ready; the model is {model}")


@cli.command()
@click.argument("message")
def revise(message: str) -> None:
    """Write a migration from what the models have changed."""
    database = Database(Settings.from_environment().database_url)
    migrations.upgrade(database.engine)
    migrations.new_revision(database.engine, message)


@cli.command()
def cases() -> None:
    """List the conversations that wait for a person, longest waiting first; personal data is masked."""
    database = Database(Settings.from_environment().database_url)
    with database.transaction() as session:
        waiting = reviews.open_cases(session)
        for case in waiting:
            since = case.waiting_since.astimezone(CHINA)
            reasons = "、".join(REASON_TITLES.get(reason, reason) for reason in case.reasons)
            click.echo(f"{case.number}  {since:%m-%d %H:%M}  {case.channel}  {reasons}  {case.question}")
        click.echo(f"共 {len(waiting)} 件待处理。")


for command in (
    *catalogue_commands,
    *document_commands,
    *synonym_commands,
    *disclosure_commands,
    *search_commands,
    *route_commands,
    *staff_commands,
    *training_commands,
    *switch_commands,
):
    cli.add_command(command)


def main() -> None:
    try:
        cli(prog_name="python -m bot")
    except SettingsError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
