"""A simulated SMS carrier, as unreliable as the contract allows (`docs/sms-gateway.md`).

It sends each text to the assistant until the assistant confirms it, takes each of the assistant's texts once however
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
# More requests at once would only wait for each other at the assistant, until they time out.
REQUESTS_AT_ONCE = 32

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_WORTH_AGAIN = (408, 425, 429)
# A report that is unknown so often is let go: the assistant dropped the text, because its citizen unsubscribed, before
# the carrier's answer to it came.
MOST_TIMES_UNKNOWN = 30


@dataclass(frozen=True)
class Assistant:
    """The URL of the assistant, and the secret that signs requests in both directions.

    `other_urls`: URLs of its further processes. Requests go to each in turn, a repeated request to the next.
    """

    url: str
    secret: str
    other_urls: Sequence[str] = ()


@dataclass(frozen=True)
class Shown:
    """A text as a telephone shows it."""

    number: str
    key: str
    text: str


@dataclass(frozen=True)
class Pauses:
    """In seconds. `retry`: the pause before the first retry, twice as long each time, up to `longest_retry`.

    `delay`: the longest random delay that is added to each request and each delivery.
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


class SimulatedCarrier:
    """`show` is called with each text that a telephone shows.

    `acknowledged`: the ids of what the assistant confirmed, in that order; each text of a number is sent after the one
    before it is confirmed, unless it overtakes that one. `refused`: path and status of what the assistant will never
    take. `tell` is called with errors that are real and not simulated.

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
        """Sends a text from `number` to the assistant, by default cut as a telephone does. The ids of the parts."""
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
        """Takes a text to a citizen and returns the carrier's id; the same key again is not delivered again."""
        if key not in self._taken:
            self._taken[key] = self._new_name("out")
            if self.luck.names_by_key():
                self._named_by_key.add(key)
            self._deliveries[number].append((key, text))
            self._work("deliver", number, self._deliver_all)
        return self._taken[key]

    async def report_early(self, key: str) -> None:
        """Reports before the assistant knows that the text was taken, so it knows the text only by its own key."""
        if key in self._named_by_key:
            await self._post(_report(key), next(self._turn))

    async def settle(self) -> None:
        """Returns once everything is brought, delivered and reported."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Cancels what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _work(self, kind: str, number: str, work: Callable[[str], Any]) -> None:
        """One task at a time for each number, so that only `luck` changes the order."""
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
        """Sends a request until the assistant confirms or refuses it, and sometimes once more after a confirmation."""
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
            if status is not None and _is_early(request.path, status) and attempts >= MOST_TIMES_UNKNOWN:
                return
            await asyncio.sleep(self._pauses.before_attempt(attempts))
        if self.luck.doubles():
            await self._post(request, turn + attempts + 1)

    async def _post(self, request: _Request, turn: int) -> int | None:
        """The status; None if the carrier sees no answer."""
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
    """Whether a report was refused because the assistant may not know the carrier's id of the text yet."""
    return path == STATUS_PATH and status == 404
