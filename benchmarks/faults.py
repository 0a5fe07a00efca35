"""What citizens notice while parts of the assistant die, hang or cannot write: `python -m benchmarks.faults [FAULT …]`.

Starts an assistant. Citizens ask over the socket of the chat page, at a steady pace, and come back as the page does.
One fault after another (`benchmarks/fault_causes.py`) is caused; a table says how long citizens waited to be told that
their question is looked up, to be told how it stands (the answer, that it takes longer, or whom to call instead), and
for the answer; and how long after the fault's end a new question was answered again. At the end the database tells
whether every question is stored and answered once. Faults of PostgreSQL and Redis are caused to a second assistant,
which runs on them.

The seconds depend on the machine; the sentences below each table do not.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machines
from benchmarks.citizens import QUESTIONS, Citizen, against_once
from benchmarks.fault_causes import FOR_ROOT, ON_FILES, ON_SERVERS, City, Fault, Reached
from benchmarks.machines import NAME, PASSWORD
from benchmarks.named_carrier import NAME as CARRIER
from benchmarks.named_carrier import NamedCarrier, named_carrier
from benchmarks.own_names import OwnNames
from benchmarks.tcp_relay import TcpRelay
from bot.evaluation.running import RunningAssistant, running_assistant
from bot.settings import Settings

CITIZENS, PER_SECOND = 6, 0.5
BEFORE_SECONDS = 4.0
BACK_WITHIN_SECONDS = 300


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
    return against_once(city.database_url, city.citizens)


@asynccontextmanager
async def city_of(
    assistant: RunningAssistant,
    database_url: str | None = None,
    servers: Mapping[str, Reached] | None = None,
    texts: NamedCarrier | None = None,
) -> AsyncIterator[City]:
    """`database_url`: the way of this program to the database, where that is not the assistant's own file."""
    relay = TcpRelay(int(assistant.portal.rpartition(":")[2]))
    await relay.open()
    citizens = [Citizen(f"http://127.0.0.1:{relay.port}", f"203.0.113.{number}") for number in range(CITIZENS)]
    own_file = f"sqlite:///{assistant.var_dir / 'assistant.db'}"
    city = City(assistant, citizens, relay, database_url or own_file, servers or {}, texts)
    living = [asyncio.create_task(citizen.live()) for citizen in citizens]
    try:
        await city.answers_again()  # what is loaded with the first question
        yield city
    finally:
        for each in living:
            each.cancel()
        await asyncio.gather(*living, return_exceptions=True)
        await relay.close()


@asynccontextmanager
async def started(folder: Path, names: OwnNames | None, *, on_servers: bool) -> AsyncIterator[City]:
    """A city of its own: on files alone, or on PostgreSQL and Redis, each reached over a relay. With SMS if `names`."""
    folder.mkdir(mode=0o711)
    models = Settings.from_environment().models_dir
    if models.exists():
        shutil.copytree(models, folder / "var" / "models")
    async with AsyncExitStack() as stack:
        settings, servers, database_url = {"PROXY_COUNT": "1"}, {}, None
        texts = await stack.enter_async_context(named_carrier(folder, names)) if names else None
        settings |= texts.settings if texts else {}
        if on_servers:
            login = f"postgresql://{NAME}:{PASSWORD}@127.0.0.1"
            for name, open_server in (("postgresql", machines.postgresql), ("redis", machines.redis)):
                server = stack.enter_context(open_server(folder / name))
                servers[name] = Reached(server, TcpRelay(server.port))
                await servers[name].relay.open()
                stack.push_async_callback(servers[name].relay.close)
            settings["DATABASE_URL"] = f"{login}:{servers['postgresql'].relay.port}/{NAME}"
            settings["REDIS_URL"] = f"redis://127.0.0.1:{servers['redis'].relay.port}/0"
            database_url = f"{login}:{servers['postgresql'].server.port}/{NAME}"
        running = running_assistant(folder / "var", **settings)
        # Beside this thread, in which the relays work.
        assistant = await asyncio.to_thread(running.__enter__)
        stack.push_async_callback(asyncio.to_thread, running.__exit__, None, None, None)
        yield await stack.enter_async_context(city_of(assistant, database_url, servers, texts))


async def against(city: City, faults: Mapping[str, Fault], names: Collection[str]) -> list[str]:
    """Causes these, prints the table, and says what speaks against the promise."""
    print(f"{'':<22}{'questions':>10}{'refused':>9}{'lasted':>8}{'told':>7}{'settled':>9}{'answered':>10}{'back':>7}")
    for name in names:
        found = await measure(city, faults[name])
        print(
            f"{name:<22}{found.questions:>10}{found.refused:>9}{found.lasted:>8.1f}{found.told:>7.1f}"
            f"{found.settled:>9.1f}{found.answered:>10.1f}{found.back:>7.1f}",
            flush=True,
        )
    lines = await asyncio.to_thread(faults_of_storage, city)
    print(f"{len(city.asked)} questions; " + ("\n".join(lines) or "each stored once and answered once"))
    return lines


def main(names: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        # The servers' own user has to reach its folder.
        folder.chmod(0o711)
        try:
            own_names = OwnNames(folder, CARRIER)
        except OSError as error:
            own_names = None
            print(f"left out, since only root can cause them: {', '.join(FOR_ROOT)} ({error})")
        return asyncio.run(cause_all(folder, own_names, names))


async def cause_all(folder: Path, own_names: OwnNames | None, names: list[str]) -> int:
    lines = []
    for place, faults in (("files", ON_FILES), ("servers", ON_SERVERS)):
        chosen = [name for name in names or faults if name in faults and (own_names or name not in FOR_ROOT)]
        if chosen:
            async with started(folder / place, own_names, on_servers=faults is ON_SERVERS) as city:
                lines += await against(city, faults, chosen)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
