"""A hundred people text at once over a bad carrier, the web process is killed: each is answered once, in order."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.running.ports import free_port
from bot.sms_simulator.carrier import Assistant, SimulatedCarrier
from bot.sms_simulator.luck import Luck
from bot.sms_simulator.server import TEXTS_PATH, make_server
from tests.patience import WITHIN_SECONDS
from tests.web_processes.texting import (
    FAULTS,
    PAUSES,
    SECRET,
    SEED,
    Crowd,
    Web,
    echoing_engine,
    make_database,
    people,
)

PEOPLE = 100
KILLED_AFTER = (0.3, 0.6)  # share of the texts that the telephones will show


async def kill_and_start_again(web: Web, crowd: Crowd) -> None:
    for share in KILLED_AFTER:
        await crowd.has_been_shown(share)
        await web.kill()
        await web.start()


async def test_each_text_is_answered_once_and_in_order_however_bad_the_carrier(tmp_path: Path) -> None:
    crowd = Crowd(people(PEOPLE))
    gateway_port = free_port()
    async with echoing_engine(tmp_path) as engine_port, aiohttp.ClientSession() as session:
        web = Web(tmp_path, engine_port, f"http://127.0.0.1:{gateway_port}{TEXTS_PATH}")
        database = make_database(web.settings)
        carrier = SimulatedCarrier(session, Assistant(web.url, SECRET), Luck(FAULTS, SEED), crowd.show, PAUSES)
        async with TestServer(make_server(carrier), host="127.0.0.1", port=gateway_port):
            await web.start()
            try:
                async with asyncio.timeout(3 * WITHIN_SECONDS):
                    await asyncio.gather(
                        kill_and_start_again(web, crowd), *(person.text_all(carrier) for person in crowd)
                    )
                    await carrier.settle()
            except TimeoutError:
                pytest.fail(f"{crowd.shown_count} of {crowd.expected} answers shown; refused: {carrier.refused[:5]}")
            finally:
                await web.stop()
                await carrier.stop()

    crowd.assert_answered_once_and_in_order(carrier)
    crowd.assert_database_agrees(database)
    database.close()
    crowd.assert_not_in(web.log)
