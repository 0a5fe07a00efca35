"""Tells listeners that a topic changed; they read from the database what changed.

Within one process it needs nothing else; between several web processes it uses Redis, if that is set up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import redis.asyncio
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_CHANNEL = "assistant:changes"
_PAUSE_SECONDS = 2
QUEUE = "queue"
"""The topic of the review queue. Others are ids of conversations and answers to texts (`carriers.helpline`)."""


def citizen_writes(conversation_id: str) -> str:
    """The topic that wakes the clerk's page while the citizen types. What is typed goes nowhere and is not stored."""
    return f"citizen writes {conversation_id}"


def clerk_writes(conversation_id: str) -> str:
    """The topic that wakes the citizen's page while the clerk types."""
    return f"clerk writes {conversation_id}"


def interview_changed(interview_id: int) -> str:
    """The topic that wakes the pages of those who follow a talk."""
    return f"interview {interview_id}"


def question_asked(interview_id: int) -> str:
    """The topic that wakes the page of those who hold a talk."""
    return f"question to interview {interview_id}"


class Live:
    """A listener is woken once for any number of changes since it last looked.

    with live.listening(conversation_id) as changed:
        await changed.wait()
    """

    def __init__(self, redis_url: str | None = None) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._redis = redis.asyncio.from_url(redis_url) if redis_url else None
        self._relay: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._redis:
            self._relay = asyncio.create_task(self._relay_changes(self._redis))

    async def stop(self) -> None:
        if self._relay:
            self._relay.cancel()
        if self._redis:
            await self._redis.aclose()

    async def changed(self, *topics: str) -> None:
        """Wakes the listeners to these topics, in this process at once, in others over Redis."""
        for topic in topics:
            self._wake(topic)
            if self._redis:
                try:
                    await self._redis.publish(_CHANNEL, topic)
                except RedisError as error:
                    logger.warning("other processes were not told: %s", error)

    @contextmanager
    def listening(self, *topics: str) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        for topic in topics:
            self._listeners[topic].add(event)
        try:
            yield event
        finally:
            for topic in topics:
                self._listeners[topic].discard(event)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    def _wake(self, topic: str) -> None:
        for event in self._listeners.get(topic, ()):
            event.set()

    def _wake_all(self) -> None:
        for topic in list(self._listeners):
            self._wake(topic)

    async def _relay_changes(self, server: redis.asyncio.Redis) -> None:
        """Wakes all listeners after each connect, since changes were missed while Redis was away."""
        while True:
            try:
                async with server.pubsub() as subscription:
                    await subscription.subscribe(_CHANNEL)
                    self._wake_all()
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._wake(message["data"].decode())
            except RedisError as error:
                logger.warning("changes of other processes are not heard: %s", error)
                await asyncio.sleep(_PAUSE_SECONDS)
