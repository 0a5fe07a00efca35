"""Whether memory stays flat: `python -m benchmarks.soak [MINUTES] [MESSAGES_A_SECOND]`, by default 60 and 3.

Starts an assistant and asks it at a steady pace, each message in turn of the mix below: the chat page's socket, the
API, typing proposals and public pages; some conversations go on, most are new, some are hostile. Every ten seconds the
proportional memory (PSS) of each process with all that it started is read, and at the end a line is laid through the
second half of what was read, when all that is loaded once is loaded. Absolute figures depend on the machine; the slope,
in megabytes an hour and in bytes a message, does not.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import aiohttp
import numpy as np

from benchmarks.processes import children, command_of, descendants
from bot.evaluation.hostile import QUESTIONS, texts
from bot.evaluation.running import RunningAssistant, running_assistant
from bot.settings import Settings

MINUTES, PER_SECOND, SAMPLED_EVERY = 60.0, 3.0, 10.0
# A conversation of this many turns ends, and another begins.
LONGEST_CONVERSATION = 30
PAGES = (
    "/",
    "/items?q=护照",
    "/documents?q=信息公开",
    "/disclosure",
    "/voices",
    "/talk",
    "/api/items?q=居住证",
    "/departments",
)
NAMES = {
    "bot.engine.launcher": "engine",
    "rasa_sdk_server": "actions",
    "answering.encoder": "encoder",
    "bot.web": "web",
}


@dataclass
class Town:
    """What asks, and what came of it."""

    portal: str
    session: aiohttp.ClientSession
    chance: random.Random
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    conversations: list[tuple[str, int]] = field(default_factory=list)
    numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._hostile = texts(seed=1)

    def anywhere(self) -> dict[str, str]:
        number = next(self.numbers)
        return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}

    async def one(self) -> None:
        ways: Sequence[tuple[Callable[[], Awaitable[str]], float]] = (
            (self._ask, 0.6),
            (self._ask_hostile, 0.1),
            (self._ask_by_socket, 0.15),
            (self._type, 0.05),
            (self._read, 0.1),
        )
        (way,) = self.chance.choices([way for way, _ in ways], [weight for _, weight in ways])
        began = time.monotonic()
        try:
            outcome = await way()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            outcome = type(error).__name__
        self.outcomes[f"{way.__name__.strip('_')}: {outcome}"] += 1
        self.seconds.append(time.monotonic() - began)

    async def _ask(self) -> str:
        goes_on = self.conversations and self.chance.random() < 0.4
        conversation, turns = self.conversations.pop() if goes_on else ("", 0)
        body = {"text": self.chance.choice(QUESTIONS)} | ({"conversation": conversation} if conversation else {})
        headers = {"X-Forwarded-For": "203.0.113.9"}  # a conversation belongs to an address
        async with self.session.post(f"{self.portal}/api/chat", json=body, headers=headers) as response:
            said = await response.json()
        if response.status == 200 and turns < LONGEST_CONVERSATION:
            self.conversations.append((said["conversation"], turns + 1))
            self.chance.shuffle(self.conversations)
            del self.conversations[50:]
        return str(response.status)

    async def _ask_hostile(self) -> str:
        body = {"text": next(self._hostile)}
        async with self.session.post(f"{self.portal}/api/chat", json=body, headers=self.anywhere()) as response:
            return str(response.status)

    async def _ask_by_socket(self) -> str:
        async with self.session.ws_connect(f"{self.portal}/ws", headers=self.anywhere()) as socket:
            await socket.send_json({"type": "hello", "conversation": None})
            await socket.send_json({"type": "say", "id": "1", "text": self.chance.choice(QUESTIONS)})
            async for frame in socket:
                kind = frame.json()["type"]
                if kind in ("answer", "error"):
                    return str(kind)
        return "closed"

    async def _type(self) -> str:
        typed = self.chance.choice(QUESTIONS)[: self.chance.randint(1, 6)]
        url = f"{self.portal}/api/suggest"
        async with self.session.get(url, params={"q": typed}, headers=self.anywhere()) as response:
            return str(response.status)

    async def _read(self) -> str:
        async with self.session.get(self.portal + self.chance.choice(PAGES), headers=self.anywhere()) as response:
            await response.read()
            return str(response.status)


def megabytes(assistant: RunningAssistant) -> dict[str, float]:
    """Process → its proportional memory, with all that it started."""
    found = {"supervisor": _megabytes(assistant.process.pid)}
    for pid in children(assistant.process.pid):
        command = command_of(pid)
        name = next((name for part, name in NAMES.items() if part in command), "other")
        found[name] = found.get(name, 0.0) + sum(_megabytes(one) for one in (pid, *descendants(pid)))
    return found


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


async def soak(assistant: RunningAssistant, minutes: float, per_second: float) -> bool:
    """Prints what came of it; whether every request was answered as it should be."""
    read: list[tuple[float, int, dict[str, float]]] = []
    began = time.monotonic()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as session:
        town = Town(assistant.portal, session, random.Random(1))  # noqa: S311 # nothing secret is made of it
        under_way: set[asyncio.Task[None]] = set()
        for number in count():
            due, now = began + number / per_second, time.monotonic()
            if now > began + 60 * minutes:
                break
            if not read or now - began - read[-1][0] >= SAMPLED_EVERY:
                read.append((now - began, len(town.seconds), await asyncio.to_thread(megabytes, assistant)))
                if len(read) % 30 == 1:
                    shown = ", ".join(f"{name} {size:.0f}" for name, size in sorted(read[-1][2].items()))
                    print(f"{(now - began) / 60:5.1f} min, {len(town.seconds):6} asked, MB: {shown}", flush=True)
            await asyncio.sleep(max(0.0, due - now))
            task = asyncio.create_task(town.one())
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
    for name in sorted({name for _, _, sizes in read for name in sizes}):
        print(_line(name, read[len(read) // 2 :]))
    last = sorted(town.seconds)
    print(f"{len(last)} requests, median {last[len(last) // 2]:.2f} s, 99 % below {last[int(len(last) * 0.99)]:.2f} s")
    for outcome, times in sorted(town.outcomes.items()):
        print(f"  {outcome}: {times}")
    right = (": 200", ": answer", "ask_hostile: 400")
    return all(outcome.endswith(right) for outcome in town.outcomes)


def _line(name: str, read: Sequence[tuple[float, int, dict[str, float]]]) -> str:
    at = np.array([seconds for seconds, _, _ in read])
    asked = np.array([number for _, number, _ in read])
    size = np.array([sizes.get(name, 0.0) for _, _, sizes in read])
    an_hour, a_message = np.polyfit(at / 3600, size, 1)[0], np.polyfit(asked, size * 1024 * 1024, 1)[0]
    return (
        f"{name:<11}{size[0]:8.1f} → {size[-1]:7.1f} MB, {an_hour:+8.1f} MB an hour, {a_message:+9.0f} bytes a request"
    )


def faults_logged(var_dir: Path) -> Counter[str]:
    """Last line of each stack trace in the logs → how often."""
    found: Counter[str] = Counter()
    for path in var_dir.glob("logs/*"):
        inside = False
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("Traceback "):
                inside = True
            elif inside and line and not line.startswith((" ", "\t")):
                found[f"{path.name}: {line[:200]}"] += 1
                inside = False
    return found


def main(arguments: Sequence[str]) -> int:
    minutes, per_second = (*map(float, arguments), *(MINUTES, PER_SECOND)[len(arguments) :])
    models = Settings.from_environment().models_dir
    with tempfile.TemporaryDirectory() as folder:
        if models.exists():
            shutil.copytree(models, Path(folder) / "models")
        with running_assistant(Path(folder), PROXY_COUNT="1") as assistant:
            is_well = asyncio.run(soak(assistant, minutes, per_second))
            logged = faults_logged(assistant.var_dir)
    print(
        "\n".join(f"  logged {times} times: {line}" for line, times in logged.items()) or "no stack trace in the logs"
    )
    return 0 if is_well and not logged else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
