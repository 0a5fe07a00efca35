"""`python -m bot sms-simulator`: a simulated carrier and telephone in a terminal, to try the SMS of the assistant."""

from __future__ import annotations

import asyncio
import sys
import threading

import aiohttp
import click
from aiohttp import web

from bot.sms_simulator.carrier import Assistant, Pauses, Shown, SimulatedCarrier
from bot.sms_simulator.luck import Faults, Luck
from bot.sms_simulator.parts import cut
from bot.sms_simulator.server import TEXTS_PATH, make_server

SECRET = "only-for-trying-it-out"  # noqa: S105 # public, for trials only
PROMPT = "> "

_PERCENT = click.FloatRange(0, 99)


@click.command()
@click.option("--from", "number", default="13800138000", show_default=True, help="The telephone's number.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the assistant is.")
@click.option("--listen", default="127.0.0.1:8090", show_default=True, help="Where the assistant sends its texts.")
@click.option("--secret", default=SECRET, show_default=True, help="The assistant's SMS_SECRET.")
@click.option("--lose", type=_PERCENT, default=0, help="Percent of requests, or their answers, that get lost.")
@click.option("--double", type=_PERCENT, default=0, help="Percent of what arrived that comes once more.")
@click.option("--reorder", type=_PERCENT, default=0, help="Percent of texts, parts and reports that overtake others.")
@click.option("--delay", type=click.FloatRange(0), default=0, help="The most seconds that each step takes longer.")
@click.option("--seed", type=int, help="Makes the same go wrong again.")
def sms_simulator(
    number: str,
    url: str,
    listen: str,
    secret: str,
    lose: float,
    double: float,
    reorder: float,
    delay: float,
    seed: int | None,
) -> None:
    """A carrier of SMS and a telephone: type a text, read what comes back. Ctrl-D ends it."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise click.BadParameter("must be like 127.0.0.1:8090", param_hint="--listen")
    click.echo("The assistant needs these settings:")
    click.echo(f"  SMS_GATEWAY_URL=http://{listen}{TEXTS_PATH}")
    click.echo(f"  SMS_SECRET={secret}")
    luck = Luck(Faults(lose, double, reorder), seed)
    try:
        asyncio.run(_talk(number, Assistant(url, secret), (host, int(port)), luck, Pauses(delay=delay)))
    except OSError as error:
        raise click.ClickException(f"cannot listen on {listen}: {error.strerror}") from None


async def _talk(number: str, assistant: Assistant, listen: tuple[str, int], luck: Luck, pauses: Pauses) -> None:
    async with aiohttp.ClientSession() as session:
        carrier = SimulatedCarrier(session, assistant, luck, _print, pauses, tell=_tell)
        runner = web.AppRunner(make_server(carrier), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, *listen).start()
            click.echo(f"This is the telephone {number}. Ctrl-D ends.")
            typed = _lines_typed()
            while (text := await typed.get()) is not None:
                if text:
                    carrier.text(number, text)
            click.echo()
        finally:
            await carrier.stop()
            await runner.cleanup()


def _lines_typed() -> asyncio.Queue[str | None]:
    """The typed lines, and None at their end. A daemon thread reads them, so that the program can end at once."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        sys.stdout.write(PROMPT)
        sys.stdout.flush()
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\r\n"))
            sys.stdout.write(PROMPT)
            sys.stdout.flush()
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _print(shown: Shown) -> None:
    count = len(cut(shown.text))
    lines = [f"┌ SMS to {shown.number}, {count} {'part' if count == 1 else 'parts'}", *shown.text.splitlines()]
    click.echo("\r" + "\n│ ".join(lines) + f"\n└\n{PROMPT}", nl=False)


def _tell(trouble: str) -> None:
    click.echo(f"\r! {trouble}\n{PROMPT}", nl=False)
