"""`python -m bot city-orders-simulator`: a simulated work-order system, to try the way to the city's own."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp
import click
from aiohttp import web

from bot.city_orders_simulator.server import make_server
from bot.city_orders_simulator.system import Manner, SimulatedSystem
from bot.sms_simulator.luck import Faults, Luck

SECRET = "only-for-trying-it-out"  # noqa: S105 # public, for trials only
KEY = "front-desk"

_PERCENT = click.FloatRange(0, 99)


@click.command()
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the assistant is.")
@click.option("--listen", default="127.0.0.1:8091", show_default=True, help="Where the assistant sends its orders.")
@click.option("--key", default=KEY, show_default=True, help="The assistant's CITY_ORDERS_KEY.")
@click.option("--secret", default=SECRET, show_default=True, help="The assistant's CITY_ORDERS_SECRET.")
@click.option("--step", type=click.FloatRange(0), default=5, show_default=True, help="Seconds between two states.")
@click.option("--delay", type=click.FloatRange(0), default=0, help="Seconds that each answer takes.")
@click.option("--fail", type=_PERCENT, default=0, help="Percent of requests answered with 500, done or not.")
@click.option("--double", type=_PERCENT, default=0, help="Percent of states that are told twice.")
@click.option("--reorder", type=_PERCENT, default=0, help="Percent of states that are told after the next one.")
@click.option("--returns", is_flag=True, help="Return every order, as not in charge.")
@click.option("--silent", "is_silent", is_flag=True, help="Tell nothing; wait to be asked.")
@click.option("--seed", type=int, help="Makes the same go wrong again.")
def city_orders_simulator(
    url: str,
    listen: str,
    key: str,
    secret: str,
    step: float,
    delay: float,
    fail: float,
    double: float,
    reorder: float,
    returns: bool,
    is_silent: bool,
    seed: int | None,
) -> None:
    """A work-order system to try the way to the city's own with. Ctrl-C ends it."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise click.BadParameter("a host and a port, like 127.0.0.1:8091", param_hint="--listen")
    luck = Luck(Faults(fail, double, reorder), seed)
    manner = Manner(step, delay, returns, is_silent)
    click.echo(f"The assistant needs CITY_ORDERS_URL=http://{listen} CITY_ORDERS_KEY={key} CITY_ORDERS_SECRET={secret}")
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(url, secret, key, luck, manner, (host, int(port))))


async def _run(url: str, secret: str, key: str, luck: Luck, manner: Manner, listen: tuple[str, int]) -> None:
    async with aiohttp.ClientSession() as session:
        system = SimulatedSystem(session, url, secret, luck, manner, click.echo)
        runner = web.AppRunner(make_server(system, key), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, *listen).start()
            await asyncio.Event().wait()
        finally:
            await system.stop()
            await runner.cleanup()
