"""The waiting line: a few messages are answered at once, the others wait, up to a limit; clients take turns.

with line.place(client):
    async with line.turn(client):
        ...  # ask the engine
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

# The engine works on one message at a time; others meanwhile wait for the actions or for the database.
AT_ONCE = 4
MOST = 400
MOST_OF_CLIENT = 60
TOLD_EVERY_SECONDS = 1.0

Tell = Callable[[int], Awaitable[None]]
"""Is called with the place in the line, from 1, while a message waits."""


class LineFull(Exception):
    """Too many messages of all clients, or of this one, are under way; one more is not taken."""


class Line:
    """`most`: limit of messages that wait or are being answered, of all clients; `most_of_client`: of one client.

    One client's messages are answered in their order. Clients take turns, so that a client with one question does not
    wait for another client's second.
    """

    def __init__(self, at_once: int = AT_ONCE, most: int = MOST, most_of_client: int = MOST_OF_CLIENT) -> None:
        self._free = at_once
        self._most = most
        self._most_of_client = most_of_client
        self._in_house: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Raises LineFull."""
        self.enter(client)
        try:
            yield
        finally:
            self.leave(client)

    def enter(self, client: str) -> None:
        """Raises LineFull."""
        if self._in_house[client] >= self._most_of_client or self._in_house.total() >= self._most:
            raise LineFull
        self._in_house[client] += 1

    def leave(self, client: str) -> None:
        self._in_house[client] -= 1
        if not self._in_house[client]:
            del self._in_house[client]

    @asynccontextmanager
    async def turn(self, client: str, tell: Tell | None = None) -> AsyncIterator[None]:
        if self._free:
            self._free -= 1
        else:
            await self._wait(client, tell)
        try:
            yield
        finally:
            self._give_turn()

    async def _wait(self, client: str, tell: Tell | None) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(mine)
        told = 0
        try:
            while not mine.done():
                place = self._place_of(client, mine)
                if tell is not None and place != told:
                    await tell(place)
                    told = place
                await asyncio.wait([mine], timeout=TOLD_EVERY_SECONDS)
        except BaseException:
            self._give_up(client, mine)
            raise

    def _place_of(self, client: str, mine: asyncio.Future[None]) -> int:
        """How many turns until ours, ours included, if no other message comes."""
        if mine.done():
            return 1
        before = self._waiting[client].index(mine)
        return 1 + before + sum(min(len(of), before + 1) for other, of in self._waiting.items() if other != client)

    def _give_up(self, client: str, mine: asyncio.Future[None]) -> None:
        if mine.done():
            self._give_turn()
            return
        self._waiting[client].remove(mine)
        if not self._waiting[client]:
            del self._waiting[client]

    def _give_turn(self) -> None:
        """Gives the turn to the client whose last turn is longest ago; without one, frees it."""
        if not self._waiting:
            self._free += 1
            return
        client, waiting = self._waiting.popitem(last=False)
        waiting.popleft().set_result(None)
        if waiting:
            self._waiting[client] = waiting
