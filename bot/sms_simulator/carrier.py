"""A stand-in for a carrier of SMS, as bad as the contract allows it to be (`docs/sms-gateway.md`).

It brings each text to the assistant until it hears that it is there, takes each of the assistant's texts once however
often it is sent, and reports what became of it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from yarl import URL

from bot.db import utcnow
from bot.sms_simulator.luck import Fate, Luck
from bot.sms_simulator.parts import cut
from bot.web.carriers.signing import signed_headers, target_of

INBOUND_PATH = "/helpline/sms/inbound"
STATUS_PATH = "/helpline/sms/status"
OWN_NUMBER = "12345"
# More at once only wait for each other at the other end, and their time runs out there.
REQUESTS_AT_ONCE = 32

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_WORTH_AGAIN = (408, 425, 429)


@dataclass(frozen=True)
class Assistant:
    """Where the assistant is, and the key that signs both ways.

    `other_urls`: of further processes of it; the requests go to each in turn, and one made again to the next.
    """

    url: str
    secret: str
    other_urls: Sequence[str] = ()


@dataclass(frozen=True)
class Shown:
    """A text as it came up on a telephone."""

    number: str
    key: str
    text: str


@dataclass(frozen=True)
class Pauses:
    """`retry`: the first pause before a request is made again, twice as long each time, up to `longest_retry`.

    `delay`: the most that each request and each delivery takes longer than it must.
    """

    retry: float = 1.0
    longest_retry: float = 60.0
    delay: float = 0.0

    def before_attempt(self, attempts: int) -> float:
        return float(min(self.retry * 2 ** min(attempts - 1, 20), self.longest_retry))


@dataclass(frozen=True)
class _Request:
    path: str
    body: dict[str, Any]


class Carrier:
    """`show` is called with each text as its telephone shows it.

    `acknowledged`: the ids of what the assistant has, in that order; each text of a number is brought once the one
    before it is there, unless it overtakes it. `refused`: what the assistant will not take, by path and status. `tell`
    is called with what goes wrong that was not drawn.

    carrier = Carrier(session, Assistant(url, secret), Luck(Faults(lose=10)), print)
    carrier.text("13800138000", "身份证丢了怎么补")
    await carrier.settle()
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        assistant: Assistant,
        luck: Luck,
        show: Callable[[Shown], None],
        pauses: Pauses = Pauses(),
        now: Callable[[], datetime] = utcnow,
        tell: Callable[[str], None] = lambda trouble: None,
    ) -> None:
        self.secret = assistant.secret
        self.luck = luck
        self.acknowledged: list[str] = []
        self.refused: list[tuple[str, int]] = []
        self._session = session
        self._urls = [url.rstrip("/") for url in (assistant.url, *assistant.other_urls)]
        self._turn = itertools.count()
        self._show = show
        self._pauses = pauses
        self._now = now
        self._tell = tell
        self._last_at = now()
        self._run = uuid.uuid4().hex[:8]
        self._count = 0
        self._at_once = asyncio.Semaphore(REQUESTS_AT_ONCE)
        self._lines: dict[str, deque[_Request]] = defaultdict(deque)
        self._deliveries: dict[str, deque[tuple[str, str]]] = defaultdict(deque)
        self._taken: dict[str, str] = {}
        self._named_by_key: set[str] = set()
        self._working_on: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def text(self, number: str, text: str, pieces: Sequence[str] | None = None) -> list[str]:
        """Somebody texts the assistant, in as many parts as their telephone makes of it. The ids of the parts."""
        pieces = pieces or cut(text)
        reference, ids = self.luck.reference(), []
        for position, piece in enumerate(pieces, 1):
            body: dict[str, Any] = {
                "id": self._new_name("in"),
                "from": number,
                "to": OWN_NUMBER,
                "text": piece,
                "received_at": self._next_instant().isoformat(),
            }
            if len(pieces) > 1:
                body["part"] = {"reference": reference, "total": len(pieces), "number": position}
            self._lines[number].append(_Request(INBOUND_PATH, body))
            ids.append(str(body["id"]))
        self._work("bring", number, self._bring_all)
        return ids

    def take(self, key: str, number: str, text: str) -> str:
        """The carrier's id of a text to a citizen; the same key again is the same text, and not delivered again."""
        if key not in self._taken:
            self._taken[key] = self._new_name("out")
            if self.luck.names_by_key():
                self._named_by_key.add(key)
            self._deliveries[number].append((key, text))
            self._work("deliver", number, self._deliver_all)
        return self._taken[key]

    async def report_early(self, key: str) -> None:
        """Before the assistant has even heard that the text was taken; its own key is all that it can know it by."""
        if key in self._named_by_key:
            await self._post(_report(key), next(self._turn))

    async def settle(self) -> None:
        """Returns once everything is brought, delivered and reported."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Leaves what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _work(self, kind: str, number: str, work: Callable[[str], Any]) -> None:
        """One at a time for each number, so that what need not be out of order is not."""
        if (kind, number) not in self._working_on:
            self._working_on.add((kind, number))
            task = self._start(work(number))
            task.add_done_callback(lambda _: self._working_on.discard((kind, number)))

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _bring_all(self, number: str) -> None:
        line = self._lines[number]
        while line:
            overtakes = len(line) > 1 and self.luck.overtakes()
            request = line[1 if overtakes else 0]
            line.remove(request)
            await self._bring(request)

    async def _deliver_all(self, number: str) -> None:
        line = self._deliveries[number]
        while line:
            await asyncio.sleep(self.luck.seconds(self._pauses.delay))
            key, text = line.popleft()
            self._show(Shown(number, key, text))
            self._start(self._bring(_report(key if key in self._named_by_key else self._taken[key])))

    async def _bring(self, request: _Request) -> None:
        """Again and again until the assistant has it, and sometimes once more."""
        turn, attempts = next(self._turn), 0
        while True:
            status = await self._post(request, turn + attempts)
            if status is not None and 200 <= status < 300:
                self.acknowledged.append(request.body["id"])
                break
            if status is not None and _is_final(request.path, status):
                self.refused.append((request.path, status))
                return
            attempts += 1
            await asyncio.sleep(self._pauses.before_attempt(attempts))
        if self.luck.doubles():
            await self._post(request, turn + attempts + 1)

    async def _post(self, request: _Request, turn: int) -> int | None:
        """The status; None if as far as the carrier can tell nobody answered."""
        await asyncio.sleep(self.luck.seconds(self._pauses.delay))
        fate = self.luck.fate()
        if fate == Fate.LOST:
            return None
        body = json.dumps(request.body, ensure_ascii=False).encode()
        async with self._at_once:
            url = self._urls[turn % len(self._urls)] + request.path
            target = target_of("POST", URL(url))
            headers = {"Content-Type": "application/json", **signed_headers(self.secret, target, body, self._now())}
            try:
                async with self._session.post(url, data=body, headers=headers, timeout=_TIMEOUT) as response:
                    answer = await response.text(errors="replace")
            except (aiohttp.ClientError, TimeoutError) as error:
                self._tell(f"The assistant does not answer ({type(error).__name__}); tried again.")
                return None
        if response.status >= 400 and not _is_early(request.path, response.status):
            self._tell(f"The assistant answers {response.status}: {answer}")
        return None if fate == Fate.ANSWER_LOST else response.status

    def _new_name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._run}-{self._count}"

    def _next_instant(self) -> datetime:
        """The carrier's clock; no two texts come at the same instant."""
        self._last_at = max(self._now(), self._last_at + timedelta(milliseconds=1))
        return self._last_at


def _report(name: str) -> _Request:
    return _Request(STATUS_PATH, {"id": name, "status": "delivered", "at": utcnow().isoformat()})


def _is_final(path: str, status: int) -> bool:
    return 400 <= status < 500 and status not in _WORTH_AGAIN and not _is_early(path, status)


def _is_early(path: str, status: int) -> bool:
    """A report whose text the assistant may not have heard the carrier's name of."""
    return path == STATUS_PATH and status == 404
