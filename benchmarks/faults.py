"""What citizens notice while parts of the assistant die, hang or cannot write: `python -m benchmarks.faults [FAULT …]`.

Starts an assistant. Citizens ask over the socket of the chat page, at a steady pace, and come back as the page does.
One fault after another is caused; a table says how long citizens waited to be told that their question is looked up,
to be told how it stands (the answer, that it takes longer, or whom to call instead), and for the answer; and how long
after the fault's end a new question was answered again. At the end the database tells whether every question is stored
and answered once.

The seconds depend on the machine; the sentences below the table do not.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

from bot.conversations.models import Message
from bot.db import Database
from bot.evaluation.running import RunningAssistant, running_assistant
from bot.places import ROOT
from bot.settings import Settings

CITIZENS, PER_SECOND = 6, 0.5
BEFORE_SECONDS, LOCKED_SECONDS, FULL_SECONDS = 4.0, 3.0, 5.0
QUESTIONS = ("办居住证要带什么", "护照多少钱", "补办身份证去哪办", "政府信息公开申请多久答复", "失业金能领多久")
HELD = "这会儿答得慢"
# As in `bot/web/static/connection.js`: the pause before the page connects again, and how long it waits to be greeted,
# each doubled each time; and after how long without a line it names the telephone.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
GREETED_WITHIN, LONGEST_GREETING, LONG_AFTER = 5.0, 20.0, 8.0
# As in `questions.js`: how long a question may be sent, and looked up, before something must be wrong.
SENT_WITHIN, SLOW_AFTER = 4.0, 18.0
BACK_WITHIN_SECONDS = 300


@dataclass
class Asked:
    """A question, with the instants at which its citizen learnt something; `answers`: what was shown, by content."""

    text: str
    at: float
    told_at: float | None = None
    held_at: float | None = None
    answered_at: float | None = None
    state: str = ""
    refusals: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def settled_at(self) -> float | None:
        return min((at for at in (self.held_at, self.answered_at) if at is not None), default=None)


class Citizen:
    """A chat page: asks over one socket, connects again when it is lost, and sends again what has no answer."""

    def __init__(
        self, portal: str, address: str, open_session: Callable[[], aiohttp.ClientSession] = aiohttp.ClientSession
    ) -> None:
        """`address`: which it has in the eyes of a proxy before the assistant. `open_session`: its browser."""
        self._url, self._from, self._open_session = f"{portal}/ws", {"X-Forwarded-For": address}, open_session
        self.conversation: str | None = None
        self.asked: dict[str, Asked] = {}
        self.lines: list[str] = []
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._longer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Future[bool] | None = None
        self.heard = asyncio.Event()

    async def ask(self, text: str) -> Asked:
        number = str(uuid.uuid4())
        asked = self.asked[number] = Asked(text, time.monotonic())
        await self._send(number)
        return asked

    async def _send(self, number: str) -> None:
        if self._socket is None or self._socket.closed:
            self._tell_of_lost_line()
            return
        socket, asked = self._socket, self.asked[number]
        with suppress(ConnectionError):
            await socket.send_json({"type": "say", "id": number, "text": asked.text})
        asked.state = "sent"
        self._look_later(SENT_WITHIN, asked, socket)

    def _look_later(self, seconds: float, asked: Asked, socket: aiohttp.ClientWebSocketResponse) -> None:
        """If the question stands then as it stands now, the page says so and asks for another line at once."""
        before = asked.state

        def look() -> None:
            if asked.state != before or socket is not self._socket:
                return
            now = time.monotonic()
            asked.told_at = asked.told_at or now
            if before == "asking":
                asked.held_at = asked.held_at or now
            self._leave()
            # Held, since the loop forgets a task that nobody holds.
            self._closing = asyncio.ensure_future(socket.close())

        asyncio.get_running_loop().call_later(seconds, look)

    async def live(self) -> None:
        """Runs until cancelled."""
        pause, patience = FIRST_PAUSE, GREETED_WITHIN
        closing = aiohttp.ClientWSTimeout(ws_close=0.1)
        async with self._open_session() as session:
            while True:
                with suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                    async with (
                        asyncio.timeout(patience) as greeting,
                        session.ws_connect(self._url, timeout=closing, headers=self._from) as socket,
                    ):
                        await socket.send_json({"type": "hello", "conversation": self.conversation})
                        async for frame in socket:
                            if frame.type is not aiohttp.WSMsgType.TEXT:
                                break  # closed
                            greeting.reschedule(None)
                            pause, patience = FIRST_PAUSE, GREETED_WITHIN
                            self._be_greeted()
                            await self._take(json.loads(frame.data), socket)
                if greeting.when() is None and self._socket is None:
                    continue  # left by ourselves
                patience = min(2 * patience, LONGEST_GREETING) if greeting.expired() else patience
                self._leave()
                self._tell_of_lost_line()
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _leave(self) -> None:
        self._socket = None
        self._longer = self._longer or asyncio.get_running_loop().call_later(LONG_AFTER, self._tell_of_lost_line)

    def _be_greeted(self) -> None:
        if self._longer:
            self._longer.cancel()
        self._longer = None

    def _tell_of_lost_line(self) -> None:
        """The page itself says that the line is lost and that it comes back; after some seconds, whom to call."""
        is_long = self._longer is not None and self._longer.when() <= asyncio.get_running_loop().time()
        now = time.monotonic()
        for each in self.asked.values():
            each.told_at = each.told_at or now
            if is_long and each.settled_at is None:
                each.held_at = now

    async def _take(self, frame: dict[str, Any], socket: aiohttp.ClientWebSocketResponse) -> None:
        now = time.monotonic()
        asked = self.asked.get(str(frame.get("id")))
        match frame["type"]:
            case "hello":
                self.conversation, self._socket = frame["conversation"], socket
                for entry in frame["history"]:
                    self._answer(entry)
                for number, each in self.asked.items():
                    if each.answered_at is None:
                        await self._send(number)
            case "typing" | "waiting" if asked:
                asked.told_at, asked.state = asked.told_at or now, "asking"
                self._look_later(SLOW_AFTER, asked, socket)
            case "answer":
                self._answer(frame)
            case "staff":
                self.lines += [line["text"] for line in frame["lines"]]
                is_held = any(HELD in line["text"] for line in frame["lines"])
                for each in self.asked.values() if is_held else ():
                    if each.answered_at is None and each.held_at is None:
                        each.held_at = now
            case "error" if asked:
                asked.refusals += 1
                asked.held_at = asked.held_at or now
                asyncio.get_running_loop().call_later(2, lambda: asyncio.ensure_future(self._send(str(frame["id"]))))
        self.heard.set()

    def _answer(self, frame: dict[str, Any]) -> None:
        asked = self.asked.get(str(frame.get("id")))
        if asked is None or not frame.get("messages"):
            return
        asked.answered_at, asked.state = asked.answered_at or time.monotonic(), "answered"
        asked.answers["\n".join(message["text"] for message in frame["messages"])] += 1


@dataclass
class City:
    """A running assistant with its citizens."""

    assistant: RunningAssistant
    citizens: list[Citizen]

    @property
    def asked(self) -> list[Asked]:
        return [each for citizen in self.citizens for each in citizen.asked.values()]

    def processes(self, name: str) -> list[int]:
        """The process of that name and all that it started."""
        (found,) = [pid for pid in children(self.assistant.process.pid) if name in command_of(pid)]
        return [found, *descendants(found)]

    async def answers_again(self) -> None:
        """Until a new question of each citizen is answered."""
        new = [await citizen.ask(QUESTIONS[0]) for citizen in self.citizens]
        while any(each.answered_at is None for each in new):
            await asyncio.sleep(0.05)

    async def all_answered(self) -> None:
        while any(each.answered_at is None for each in self.asked):
            await asyncio.sleep(0.05)


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    return []


def descendants(pid: int) -> list[int]:
    return [one for child in children(pid) for one in (child, *descendants(child))]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()


Fault = Callable[[City], Awaitable[None]]


def killed(pattern: str) -> Fault:
    async def cause(city: City) -> None:
        os.kill(city.processes(pattern)[0], signal.SIGKILL)

    return cause


def hanging(pattern: str) -> Fault:
    """Stopped, and never continued: the supervisor has to end it. The fault ends when that is done."""

    async def cause(city: City) -> None:
        stopped = city.processes(pattern)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        while any(Path(f"/proc/{pid}").exists() for pid in stopped):
            await asyncio.sleep(0.1)

    return cause


async def locked_database(city: City) -> None:
    with closing(sqlite3.connect(city.assistant.var_dir / "assistant.db", isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")
        await asyncio.sleep(LOCKED_SECONDS)
        held.execute("ROLLBACK")


async def full_disk(city: City) -> None:
    """No process can make a file longer (RLIMIT_FSIZE), which in Python is an error, as of a full disk."""
    every = descendants(city.assistant.process.pid)
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in every}
    for pid, (_, most) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, most))
    await asyncio.sleep(FULL_SECONDS)
    for pid, limits in before.items():
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


async def second_supervisor(city: City) -> None:
    """It has to end by itself, and the first one goes on."""
    environment = {**os.environ, "VAR_DIR": str(city.assistant.var_dir), "PORT": "1", "ENGINE_PORT": "2"}
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=environment, stderr=subprocess.PIPE
    )
    _, said = await second.communicate()
    assert second.returncode == 1, said  # noqa: S101
    assert b"already" in said, said  # noqa: S101


FAULTS: dict[str, Fault] = {
    "engine killed": killed("bot.engine.launcher"),
    "actions killed": killed("rasa_sdk_server"),
    "web killed": killed("bot.web"),
    "encoder killed": killed("bot.answering.encoder"),
    "actions hang": hanging("rasa_sdk_server"),
    "engine hangs": hanging("bot.engine.launcher"),
    "web hangs": hanging("bot.web"),
    "database locked": locked_database,
    "disk full": full_disk,
    "second supervisor": second_supervisor,
}


@dataclass(frozen=True)
class Measured:
    """Longest times in seconds, of the questions that were under way or asked while the fault lasted.

    `lasted`: the fault itself. `back`: from its end until each citizen had a new question answered.
    """

    questions: int
    refused: int
    lasted: float
    told: float
    settled: float
    answered: float
    back: float


async def measure(city: City, cause: Fault) -> Measured:
    asking = asyncio.create_task(ask_at_a_pace(city))
    try:
        await asyncio.sleep(BEFORE_SECONDS)
        began = time.monotonic()
        await cause(city)
        ended = time.monotonic()
        async with asyncio.timeout(BACK_WITHIN_SECONDS):
            await city.answers_again()
        back = time.monotonic() - ended
    finally:
        asking.cancel()
    async with asyncio.timeout(BACK_WITHIN_SECONDS):
        await city.all_answered()
    met = [each for each in city.asked if each.answered_at and each.answered_at > began]
    return Measured(
        questions=len(met),
        refused=sum(each.refusals > 0 for each in met),
        lasted=ended - began,
        told=_longest((each.at, each.told_at) for each in met),
        settled=_longest((each.at, each.settled_at) for each in met),
        answered=_longest((each.at, each.answered_at) for each in met),
        back=back,
    )


def _longest(spans: Iterable[tuple[float, float | None]]) -> float:
    return max((until - since for since, until in spans if until is not None), default=0.0)


async def ask_at_a_pace(city: City) -> None:
    number = 0
    while True:
        await city.citizens[number % len(city.citizens)].ask(QUESTIONS[number % len(QUESTIONS)])
        number += 1
        await asyncio.sleep(1 / PER_SECOND)


def faults_of_storage(city: City) -> list[str]:
    """What the database and the pages say against “each question is stored once and answered once”."""
    return against_once(f"sqlite:///{city.assistant.var_dir / 'assistant.db'}", city.citizens)


def against_once(database_url: str, citizens: Iterable[Citizen]) -> list[str]:
    """As `faults_of_storage`, a line each."""
    database = Database(database_url)
    with database.transaction() as session:
        # Without the texts: they are sealed, and the key is the assistant's.
        rows = session.execute(select(Message.client_id, Message.outcome)).all()
    database.close()
    stored = Counter(number for number, _ in rows)
    asked = {number: each for citizen in citizens for number, each in citizen.asked.items()}
    ends = [(asked[number].text, outcome) for number, outcome in rows if number in asked]
    return [
        *(f"lost: {each.text}" for number, each in asked.items() if stored[number] == 0),
        *(f"stored {stored[number]} times: {each.text}" for number, each in asked.items() if stored[number] > 1),
        *(f"not answered: {text}" for text, outcome in ends if outcome is None),
        *(f"ended as {outcome}: {text}" for text, outcome in ends if outcome and outcome.startswith("failed")),
        *(f"answered differently: {each.text}" for each in asked.values() if len(each.answers) > 1),
    ]


@asynccontextmanager
async def city_of(assistant: RunningAssistant) -> AsyncIterator[City]:
    city = City(assistant, [Citizen(assistant.portal, f"203.0.113.{number}") for number in range(CITIZENS)])
    living = [asyncio.create_task(citizen.live()) for citizen in city.citizens]
    try:
        await city.answers_again()  # what is loaded with the first question
        yield city
    finally:
        for each in living:
            each.cancel()


async def main(names: list[str]) -> int:
    models = Settings.from_environment().models_dir
    with tempfile.TemporaryDirectory() as folder:
        if models.exists():
            shutil.copytree(models, Path(folder) / "models")
        with running_assistant(Path(folder), PROXY_COUNT="1") as assistant:
            async with city_of(assistant) as city:
                print(
                    f"{'':<18}{'questions':>10}{'refused':>9}{'lasted':>8}{'told':>7}{'settled':>9}{'answered':>10}{'back':>7}"
                )
                for name in names or FAULTS:
                    found = await measure(city, FAULTS[name])
                    print(
                        f"{name:<18}{found.questions:>10}{found.refused:>9}{found.lasted:>8.1f}{found.told:>7.1f}"
                        f"{found.settled:>9.1f}{found.answered:>10.1f}{found.back:>7.1f}",
                        flush=True,
                    )
                against = faults_of_storage(city)
                print(f"{len(city.asked)} questions; " + ("\n".join(against) or "each stored once and answered once"))
    return 1 if against else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
