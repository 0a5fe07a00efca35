"""A carrier of SMS that the assistant reaches by a name, for trials in which names cannot be looked up."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from benchmarks.machines import certificate
from benchmarks.own_names import OwnNames
from bot.running.ports import free_port
from bot.sms_simulator.carrier import Assistant, Shown, SimulatedCarrier
from bot.sms_simulator.luck import Faults, Luck
from bot.sms_simulator.server import TEXTS_PATH, make_server

NAME = "carrier.trial"
_SECRET = "a-secret-for-a-trial"  # noqa: S105 # of a carrier that lives as long as the trial


@dataclass
class NamedCarrier:
    """`settings`: of the assistant, which is to listen at the port that they name. `shown`: what arrived."""

    carrier: SimulatedCarrier
    names: OwnNames
    settings: dict[str, str]
    shown: list[Shown] = field(default_factory=list)


@asynccontextmanager
async def named_carrier(folder: Path, names: OwnNames) -> AsyncIterator[NamedCarrier]:
    key, public = certificate(folder, NAME)
    assistant_port, port = free_port(), free_port()
    shown: list[Shown] = []
    settings = {
        "PORT": str(assistant_port),
        "SMS_GATEWAY_URL": f"https://{NAME}:{port}{TEXTS_PATH}",
        "SMS_SECRET": _SECRET,
        # Whom it trusts.
        "SSL_CERT_FILE": str(public),
    }
    secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secured.load_cert_chain(public, key)
    async with aiohttp.ClientSession() as session:
        assistant = Assistant(f"http://127.0.0.1:{assistant_port}", _SECRET)
        carrier = SimulatedCarrier(session, assistant, Luck(Faults()), shown.append)
        runner = web.AppRunner(make_server(carrier), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=secured).start()
        try:
            yield NamedCarrier(carrier, names, settings, shown)
        finally:
            await carrier.stop()
            await runner.cleanup()
