"""The locks of conversations in Redis, tested in the engine's own environment."""

from __future__ import annotations

import pytest

from tests.engine.test_launcher import in_engine

pytestmark = pytest.mark.slow

# A server that takes connections and says nothing.
LOCKS = """
import asyncio, json, socket
from bot.engine import lock_store
from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig

lock_store.ANSWERS_WITHIN_SECONDS = 0.05
silent = socket.create_server(("127.0.0.1", 0))
type_ = "bot.engine.lock_store.PatientLockStore"
port = silent.getsockname()[1]
store = LockStore.create(EndpointConfig("127.0.0.1", type=type_, port=port, db=0, use_ssl=False))
order = []

async def turn(name):
    async with store.lock("c", wait_time_in_seconds=0.01):
        order.append(name)
        await asyncio.sleep(0)
        order.append(name)

async def turns():
    await asyncio.gather(turn("a"), turn("b"))

asyncio.run(turns())
print(json.dumps(order))
"""


def test_while_redis_hangs_one_message_of_a_conversation_still_waits_for_the_other() -> None:
    assert in_engine(LOCKS) == ["a", "a", "b", "b"]
