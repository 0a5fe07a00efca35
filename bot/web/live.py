"""Tells listeners that a topic changed; they read from the database what changed.

Within one process it needs nothing else; between several web processes it uses Redis, if that is set up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis.asyncio
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswer

from bot.web.redis_client import redis_at

logger = logging.getLogger(__name__)

_CHANNEL = "assistant:changes"
_EVERYTHING = "*"
# While Redis is away, changes to more topics than this are told as one: everything.
_MOST_UNTOLD = 1000
_PAUSE_SECONDS = 2
# After so long without a word Redis is asked whether it is still there, since a lost line says nothing for ever.
_ASKED_AFTER_SECONDS = 10
_STOPS_WITHIN_SECONDS = 2
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
        self._redis = redis_at(redis_url) if redis_url else None
        self._hearing: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        # Topics of which other processes are still to be told, oldest first.
        self._untold: dict[str, None] = {}

    async def start(self) -> None:
        if self._redis:
            self._hearing = asyncio.create_task(self._hear(self._redis))

    async def stop(self) -> None:
        if self._telling:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._telling, _STOPS_WITHIN_SECONDS)
        if self._hearing:
            self._hearing.cancel()
        if self._redis:
            await self._redis.aclose()

    async def changed(self, *topics: str) -> None:
        """Wakes the listeners to these topics, in this process at once, in others soon over Redis."""
        for topic in topics:
            self._wake(topic)
        if self._redis:
            self._untold |= dict.fromkeys(topics)
            if self._telling is None or self._telling.done():
                self._telling = asyncio.create_task(self._tell(self._redis))

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

    async def _tell(self, server: redis.asyncio.Redis) -> None:
        """Until other processes are told of every change, however long Redis is away."""
        while self._untold:
            if len(self._untold) > _MOST_UNTOLD:
                self._untold = {_EVERYTHING: None}
            topic = next(iter(self._untold))
            try:
                await server.publish(_CHANNEL, topic)
            except RedisError as error:
                logger.warning("other processes are not told yet: %s", error)
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                self._untold.pop(topic, None)

    async def _hear(self, server: redis.asyncio.Redis) -> None:
        """Wakes all listeners after each connect, since changes were missed while Redis was away."""
        while True:
            try:
                async with server.pubsub() as subscription:
                    await subscription.subscribe(_CHANNEL)
                    self._wake_all()
                    await self._take(subscription)
            except RedisError as error:
                logger.warning("changes of other processes are not heard: %s", error)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _take(self, subscription: redis.asyncio.client.PubSub) -> None:
        """Runs until Redis is away. Raises RedisError."""
        is_asked = False
        while True:
            message = await subscription.get_message(timeout=_ASKED_AFTER_SECONDS)
            if message is None:
                if is_asked:
                    raise NoAnswer("it says nothing any more")
                await subscription.ping()
            elif message["type"] == "message":
                topic = message["data"].decode()
                self._wake_all() if topic == _EVERYTHING else self._wake(topic)
            is_asked = message is None
