"""Rasa's ticket locks in Redis, which keep two engines from working on one conversation at a time.

While Redis is away, the locks are kept in this process: an answer is worth more than the lock. The web process asks for
one message of a conversation after another anyway.
"""

import logging
import time
from typing import Any, Callable, Optional, Text, TypeVar

from rasa.core.lock import TicketLock
from rasa.core.lock_store import InMemoryLockStore, LockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# The engine does nothing else while it waits for Redis.
ANSWERS_WITHIN_SECONDS = 1.0
LEFT_ALONE_SECONDS = 5.0

T = TypeVar("T")


class PatientLockStore(LockStore):
    """`endpoint_config`: as of Rasa's own Redis lock store."""

    def __init__(self, endpoint_config: EndpointConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self._shared = RedisLockStore(
            host=endpoint_config.url, socket_timeout=ANSWERS_WITHIN_SECONDS, **endpoint_config.kwargs
        )
        self._here = InMemoryLockStore()
        self._clock = clock
        self._shared_again_at = clock()
        super().__init__()

    def get_lock(self, conversation_id: Text) -> Optional[TicketLock]:
        return self._kept(lambda store: store.get_lock(conversation_id))

    def save_lock(self, lock: TicketLock) -> None:
        self._kept(lambda store: store.save_lock(lock))

    def delete_lock(self, conversation_id: Text) -> None:
        self._kept(lambda store: store.delete_lock(conversation_id))

    def _kept(self, act: Callable[[Any], T]) -> T:
        """A turn that begins with one store and ends with the other leaves a lock behind, which runs out by itself."""
        if self._clock() >= self._shared_again_at:
            try:
                return act(self._shared)
            except RedisError as error:
                logger.warning("locks are kept in this process: %s", type(error).__name__)
                self._shared_again_at = self._clock() + LEFT_ALONE_SECONDS
        return act(self._here)
