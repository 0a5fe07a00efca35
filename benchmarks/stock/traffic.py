"""Sends messages to an assistant and keeps how long each took: one after another, some at once, or at a steady rate.

At a steady rate (an open loop) a message is sent when its turn comes, whether earlier ones were answered or not, and
its time counts from then on; so a line that grows is seen (Gil Tene's "coordinated omission").
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import aiohttp

# Longer than any answer should take; what takes longer counts as failed.
ANSWER_WITHIN_SECONDS = 60


# Sends the text of a conversation and measures from the given instant of `time.perf_counter`.
Measure = Callable[[str, str, float], Awaitable[None]]


@dataclass(frozen=True)
class Timing:
    """Of `sent` messages, `failed` got no answer. `seconds`: from the turn of each answered message to its answer."""

    sent: int
    failed: int
    seconds: tuple[float, ...]
    whole_seconds: float

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.whole_seconds

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return 1000 * (quantiles(self.seconds, n=100)[percent - 1] if len(self.seconds) > 1 else self.seconds[0])


@dataclass(frozen=True)
class Door:
    """Where messages are sent. `is_portal`: our `/api/chat`; otherwise Rasa's REST channel."""

    url: str
    is_portal: bool

    async def send(self, session: aiohttp.ClientSession, conversation: str, text: str) -> list[dict[str, Any]]:
        """The messages of the answer. Raises `aiohttp.ClientError` or `TimeoutError`."""
        if self.is_portal:
            # Each conversation comes from another address, as the citizens of a city do.
            headers = {"X-Forwarded-For": _address_of(conversation)}
            body = {"conversation": conversation, "text": text}
            async with session.post(f"{self.url}/api/chat", json=body, headers=headers) as response:
                answer = (await _answer(response))["messages"]
        else:
            body = {"sender": conversation, "message": text, "metadata": {"client": conversation}}
            async with session.post(f"{self.url}/webhooks/rest/webhook", json=body) as response:
                answer = await _answer(response)
        if not answer:
            raise aiohttp.ClientPayloadError("an empty answer")
        return list(answer)


async def _answer(response: aiohttp.ClientResponse) -> Any:
    response.raise_for_status()
    return await response.json()


def _address_of(conversation: str) -> str:
    """An address of a private network, as a proxy of the city's would report it."""
    number = uuid.UUID(conversation).int
    return f"10.{number & 255}.{number >> 8 & 255}.{number >> 16 & 255}"


def conversations(turns: Sequence[str], count: int) -> list[tuple[str, str]]:
    """`count` pairs of a new conversation and one message. No two messages are alike until all wordings are used."""
    opening = ("", "您好，", "请问", "你好 ", "麻烦问下，", "咨询一下，", "想问问，")
    closing = ("", "？", "，谢谢", "呢", "啊", "，急", "。谢谢您")
    worded = itertools.chain.from_iterable(
        (f"{begin}{text}{end}" for text in turns) for begin in opening for end in closing
    )
    return [(str(uuid.uuid4()), text) for text in itertools.islice(itertools.cycle(worded), count)]


async def at_once(door: Door, messages: Iterable[tuple[str, str]], how_many: int) -> Timing:
    """Keeps `how_many` messages under way."""
    waiting = iter(messages)

    async def work(measure: Measure) -> None:
        for conversation, text in waiting:
            await measure(conversation, text, time.perf_counter())

    return await _timed(door, lambda measure: [work(measure) for _ in range(how_many)])


async def at_rate(door: Door, messages: Sequence[tuple[str, str]], per_second: float) -> Timing:
    """Sends `per_second` messages each second."""
    begins = time.perf_counter()

    async def when_due(measure: Measure, place: int, conversation: str, text: str) -> None:
        due = begins + place / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await measure(conversation, text, due)

    return await _timed(
        door, lambda measure: [when_due(measure, place, *message) for place, message in enumerate(messages)]
    )


async def _timed(door: Door, work: Callable[[Measure], Iterable[Awaitable[None]]]) -> Timing:
    seconds: list[float] = []
    failed = 0
    limit = aiohttp.ClientTimeout(total=ANSWER_WITHIN_SECONDS)
    async with aiohttp.ClientSession(timeout=limit, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def measure(conversation: str, text: str, since: float) -> None:
            nonlocal failed
            try:
                await door.send(session, conversation, text)
            except (aiohttp.ClientError, TimeoutError):
                failed += 1
            else:
                seconds.append(time.perf_counter() - since)

        begun = time.perf_counter()
        await asyncio.gather(*work(measure))
        whole = time.perf_counter() - begun
    return Timing(len(seconds) + failed, failed, tuple(seconds), whole)
