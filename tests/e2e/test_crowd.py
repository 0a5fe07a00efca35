"""One client asks 40 times a second, each time in a new conversation: everybody else is answered all the same."""

from __future__ import annotations

import asyncio

import aiohttp

from tests.e2e.conftest import City

SECONDS, CROWD_PER_SECOND, BYSTANDERS_PER_SECOND = 10, 40, 1


async def test_bystanders_are_answered_while_one_client_floods(city: City) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(client: str) -> int:
            async with session.post(
                f"{city.portal}/api/chat",
                json={"text": "办居住证要带什么"},
                headers={"X-Forwarded-For": client},  # as a proxy would set it, which says who asks
            ) as response:
                await response.read()
                return response.status

        async def ask_at_a_pace(per_second: int, client: str) -> list[int]:
            asking = []
            for number in range(SECONDS * per_second):
                asking.append(asyncio.create_task(ask(client.format(number=number))))
                await asyncio.sleep(1 / per_second)
            return list(await asyncio.gather(*asking))

        await ask("203.0.113.1")  # what is loaded with the first question
        crowd, bystanders = await asyncio.gather(
            ask_at_a_pace(CROWD_PER_SECOND, "198.51.100.7"),
            ask_at_a_pace(BYSTANDERS_PER_SECOND, "203.0.113.{number}"),
        )
    assert set(bystanders) == {200}
    assert set(crowd) == {200, 429}
