"""`python -m bot run`."""

from __future__ import annotations

import asyncio

import click

from bot.running import supervisor
from bot.running.live_model import LiveModelBroken
from bot.running.one_assistant import AlreadyRunning
from bot.running.services import NeverReady
from bot.settings import Settings
from bot.training.swaps import SwapsOfTrainings


@click.command()
def run() -> None:
    """Start engine, actions and web; stop all on Ctrl-C."""
    try:
        settings = Settings.from_environment()
        asyncio.run(supervisor.run(settings, SwapsOfTrainings(settings)))
    except (AlreadyRunning, supervisor.PortBusy, supervisor.NotPrepared, NeverReady, LiveModelBroken) as error:
        raise click.ClickException(str(error)) from None
