"""Two whole assistants on one database, as on two machines: `python -m benchmarks.two_machines [TRIAL …] [options]`.

    --proxy haproxy|nginx   what stands before them, by the files of `deploy/`
    --pooler transaction|session|none
    --at-once               both start at the same moment, as after a power cut
    --per-second 10         questions of citizens in all, while machines are killed and stopped

Starts PostgreSQL, PgBouncer, Redis, the proxy and the assistants on free ports, does one trial after the other, and
prints what was seen. Ends with 1 if a promise was broken: a question lost or answered twice, an error to a citizen, a
wait of more than 20 seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import re
import shutil
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psycopg
from sqlalchemy import select

from benchmarks import machines
from benchmarks.citizens import QUESTIONS, Asked, Citizen, against_once
from benchmarks.machines import NAME, PASSWORD, Machine, browser_at
from bot.db import Database, utcnow
from bot.running.live_model import live_model, model_path, set_live_model
from bot.settings import Settings
from bot.staff import accounts, sign_ins
from bot.staff.models import SignIn
from bot.staff.roles import Role

CITIZENS = 30
BEFORE_SECONDS, AFTER_SECONDS = 6.0, 20.0
ANSWERED_WITHIN_SECONDS = 20.0
GIVEN_UP_AFTER_SECONDS = 300.0


@dataclass
class Town:
    """`url`: the proxy. `broken`: promises that were not kept, a line each."""

    one: Machine
    two: Machine
    url: str
    database_url: str
    pooler_port: int | None
    folder: Path
    per_second: float
    broken: list[str] = field(default_factory=list)
    clients: int = 0

    def new_client(self) -> int:
        self.clients += 1
        return self.clients

    def seen(self, what: str, value: object) -> None:
        print(f"  {what}: {value}", flush=True)

    def promise(self, what: str, *, is_kept: bool) -> None:
        self.seen(what, "yes" if is_kept else "NO")
        if not is_kept:
            self.broken.append(what)

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(
            {"VAR_DIR": str(self.one.var_dir), **{name: str(value) for name, value in self.one.settings.items()}}
        )


@dataclass
class Program:
    """Asks over the API through the proxy, each time in a new conversation, and counts what it was told."""

    url: str
    open_session: Callable[[], aiohttp.ClientSession]
    told: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0

    async def live(self, pause: float) -> None:
        async with self.open_session() as session:
            while True:
                began = time.monotonic()
                try:
                    async with session.post(
                        f"{self.url}/api/chat", json={"text": QUESTIONS[0], "id": str(uuid.uuid4())}
                    ) as answer:
                        said = await answer.json() if answer.status == 200 else {}
                        self.told[
                            "answered" if said.get("messages") and not said.get("pending") else str(answer.status)
                        ] += 1
                except (aiohttp.ClientError, TimeoutError) as error:
                    self.told[type(error).__name__] += 1
                self.longest = max(self.longest, time.monotonic() - began)
                await asyncio.sleep(pause)


@asynccontextmanager
async def crowd(town: Town, count: int = CITIZENS) -> AsyncIterator[list[Citizen]]:
    """Open pages, each of them greeted."""
    citizens = [Citizen(town.url, "", browser_at(town.new_client())) for _ in range(count)]
    living = [asyncio.create_task(each.live()) for each in citizens]
    try:
        async with asyncio.timeout(GIVEN_UP_AFTER_SECONDS):
            for each in citizens:
                while each.conversation is None:
                    await asyncio.sleep(0.05)
        yield citizens
    finally:
        for each in living:
            each.cancel()
        await asyncio.gather(*living, return_exceptions=True)


async def ask_at_a_pace(town: Town, citizens: list[Citizen]) -> None:
    """As they would by themselves, whatever becomes of their questions."""
    began, number = time.monotonic(), 0
    while True:
        asking = citizens[number % len(citizens)].ask(QUESTIONS[(number + number // len(citizens)) % len(QUESTIONS)])
        asyncio.create_task(asking)  # noqa: RUF006 # a question is a few lines; nobody waits for it
        number += 1
        await asyncio.sleep(max(0.0, began + number / town.per_second - time.monotonic()))


async def amid_traffic(town: Town, what: str, happen: Callable[[], Awaitable[None]]) -> tuple[Counter[str], float]:
    """Citizens and programs ask before, while and after it happens; what programs were told, and the longest wait."""
    programs = [Program(town.url, browser_at(town.new_client())) for _ in range(4)]
    async with crowd(town) as citizens:
        asking = [asyncio.create_task(ask_at_a_pace(town, citizens))]
        asking += [asyncio.create_task(each.live(1.0)) for each in programs]
        await asyncio.sleep(BEFORE_SECONDS)
        began = time.monotonic()
        await happen()
        ended = time.monotonic()
        await asyncio.sleep(AFTER_SECONDS)
        for each in asking:
            each.cancel()
        waits = await waits_of(citizens, began, ended)
        told: Counter[str] = sum((each.told for each in programs), Counter())
        town.seen(f"{what}, questions on pages", f"{waits.count}, of them {waits.met} under way or asked meanwhile")
        town.seen("median and longest wait of these for their answer", f"{waits.median:.1f} s, {waits.longest:.1f} s")
        town.seen("refused once and sent again by the page", waits.refused)
        town.seen("what programs were told over the API", dict(told))
        against = await asyncio.to_thread(against_once, town.database_url, citizens)
        for line in against[:10]:
            town.seen("against", line)
        town.promise("each question stored once and answered once", is_kept=not against and not waits.unanswered)
        town.promise("each answered within 20 s", is_kept=waits.longest <= ANSWERED_WITHIN_SECONDS)
    return told, waits.longest


@dataclass(frozen=True)
class Waits:
    """In seconds, of the questions that were under way or asked from the event's begin to ten seconds after its end."""

    count: int
    met: int
    unanswered: int
    refused: int
    median: float
    longest: float


async def waits_of(citizens: list[Citizen], began: float, ended: float) -> Waits:
    def asked() -> list[Asked]:
        return [each for citizen in citizens for each in citizen.asked.values()]

    with suppress(TimeoutError):
        async with asyncio.timeout(GIVEN_UP_AFTER_SECONDS):
            while any(each.answered_at is None for each in asked()):
                await asyncio.sleep(0.1)
    met = [each for each in asked() if (each.answered_at is None or each.answered_at > began) and each.at < ended + 10]
    waits = sorted((each.answered_at or time.monotonic()) - each.at for each in met) or [0.0]
    return Waits(
        count=len(asked()),
        met=len(met),
        unanswered=sum(each.answered_at is None for each in asked()),
        refused=sum(each.refusals > 0 for each in asked()),
        median=waits[len(waits) // 2],
        longest=waits[-1],
    )


async def say(session: aiohttp.ClientSession, url: str, text: str, conversation: str) -> dict[str, object]:
    async with session.post(f"{url}/api/chat", json={"text": text, "conversation": conversation}) as answer:
        told: dict[str, object] = await answer.json()
        return {**told, "status": answer.status}


async def context(town: Town) -> None:
    """A conversation goes from one machine to the other, and clients are kept to one."""
    async with aiohttp.ClientSession() as session:
        number = f"context-{uuid.uuid4()}"
        await say(session, town.one.url, "办居住证要带什么", number)
        told = await say(session, town.two.url, "那要多少钱", number)
        custom = told["messages"][0].get("custom", {})  # type: ignore[index]
        town.promise(
            "begun on one, gone on with on two, it is known what is meant",
            is_kept=(custom.get("code"), custom.get("facet")) == ("GA-006", "fee"),
        )
    by: Counter[str] = Counter()
    is_kept = True
    for _ in range(20):
        before = await answered_by(town)
        async with browser_at(town.new_client())() as session:
            number = f"kept-{uuid.uuid4()}"
            for text in ("办居住证要带什么", "那要多少钱", "去哪办"):
                await say(session, town.url, text, number)
        grown = await answered_by(town) - before
        is_kept &= list(grown.values()) == [3]
        by += Counter(list(grown))
    town.seen("20 conversations through the proxy, by machine", dict(by))
    town.promise("each is kept to one machine, and both have some", is_kept=is_kept and len(by) == 2)


async def answered_by(town: Town) -> Counter[str]:
    """How many answers each machine has given over the API since it began."""
    found: Counter[str] = Counter()
    for each in (town.one, town.two):
        async with aiohttp.ClientSession() as session, session.get(f"{each.url}/metrics") as response:
            for line in (await response.text()).splitlines():
                if line.startswith("assistant_messages_total{") and 'channel="api"' in line:
                    found[each.name] += int(float(line.rsplit(" ", 1)[1]))
    return found


async def news(town: Town) -> None:
    """A clerk answers in the console of one; the page is open on two."""
    citizen = Citizen(town.two.url, "203.0.113.7")
    living = asyncio.create_task(citizen.live())
    try:
        while citizen.conversation is None:
            await asyncio.sleep(0.05)
        asked = await citizen.ask("转人工")
        while asked.answered_at is None:
            await asyncio.sleep(0.05)
        case = re.search(r"AJ-\d+", next(iter(asked.answers)))
        assert case  # noqa: S101 # such an answer names its case
        lines = citizen.lines
        began = time.monotonic()
        await reply_in_console(town, case[0], "您好，我来为您办理。")
        while "您好，我来为您办理。" not in lines and time.monotonic() < began + 30:
            await asyncio.sleep(0.02)
        town.promise("what a clerk writes on one is shown on a page of two", is_kept="您好，我来为您办理。" in lines)
        town.seen("after the clerk's claim and reply were sent", f"{time.monotonic() - began:.2f} s")
    finally:
        living.cancel()


async def reply_in_console(town: Town, case: str, words: str) -> None:
    def signed_in() -> tuple[str, str]:
        database = Database(town.database_url)
        with database.transaction() as session:
            login = f"clerk-{uuid.uuid4().hex[:8]}"
            person = accounts.add_person(
                session, login=login, name="王芳", role=Role.CLERK, password=None, who="terminal:trial", now=utcnow()
            )
            token = sign_ins.begin(session, person, utcnow())
            found = session.scalars(select(SignIn).where(SignIn.person_id == person.id)).one()
            form_token = found.csrf_token
        database.close()
        return token, form_token

    token, form_token = await asyncio.to_thread(signed_in)
    async with aiohttp.ClientSession(
        cookies={"console_sign_in": token}, cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as session:
        for act, fields in (("claim", {}), ("reply", {"text": words, "kind": "interim"})):
            form = {"form_token": form_token, **fields}
            url = f"{town.one.url}/console/cases/{case}/{act}"
            async with session.post(url, data=form, allow_redirects=False) as response:
                if response.status != 303:
                    town.broken.append(f"{act} in the console gave {response.status}")


async def rates(town: Town) -> None:
    """One conversation may say 60 things a minute, on both machines together."""
    number, told = f"rates-{uuid.uuid4()}", Counter[str]()
    async with aiohttp.ClientSession() as session:
        began = time.monotonic()

        async def once(place: int) -> None:
            url = (town.one.url, town.two.url)[place % 2]
            # Without words the engine is not asked, so that the minute is not over before all are sent.
            told[str((await say(session, url, "", number))["status"])] += 1

        await asyncio.gather(*(once(place) for place in range(80)))
    town.seen(f"80 messages of one conversation, half to each, in {time.monotonic() - began:.0f} s", dict(told))
    town.promise("60 are taken by both together", is_kept=told["200"] == 60)


async def leaders(town: Town) -> list[str]:
    return [each.name for each in (town.one, town.two) if await each.figure("assistant_does_chores")]


async def leader(town: Town) -> None:
    """One does the chores; it is killed."""
    first = await leaders(town)
    town.promise(f"one does the chores ({', '.join(first)})", is_kept=len(first) == 1)
    dying, staying = (town.one, town.two) if first == [town.one.name] else (town.two, town.one)
    await asyncio.to_thread(dying.kill)
    began = time.monotonic()
    while not await staying.figure("assistant_does_chores") and time.monotonic() < began + 90:
        await asyncio.sleep(0.5)
    town.seen("after kill -9 of all its processes the other does them in", f"{time.monotonic() - began:.0f} s")


async def killed(town: Town) -> None:
    """All processes of one are killed amid traffic (kill -9); two goes on alone."""

    async def happen() -> None:
        await asyncio.to_thread(town.one.kill)

    await amid_traffic(town, "one killed", happen)


async def frozen(town: Town) -> None:
    """One takes connections and answers nothing any more, as when its disk hangs (SIGSTOP to all its processes)."""

    async def happen() -> None:
        town.one.freeze()

    await amid_traffic(town, "one frozen", happen)
    await asyncio.to_thread(town.one.kill)


async def drained(town: Town) -> None:
    """One is stopped as for an update, amid traffic (SIGINT, which does the same as SIGTERM)."""

    async def happen() -> None:
        began = time.monotonic()
        await asyncio.to_thread(town.one.stop)
        town.seen("one is gone after", f"{time.monotonic() - began:.1f} s")

    told, _ = await amid_traffic(town, "one drained", happen)
    town.promise("no error to a program", is_kept=set(told) == {"answered"})


async def model(town: Town) -> None:
    """A model goes live that lies in the shared folder, as when staff agree to it in the console of one."""
    settings = town.settings
    live = live_model(settings)
    assert live is not None  # noqa: S101 # an assistant runs
    other = f"{live.model[:8]}{uuid.uuid4().hex[:8]}"
    shutil.copy(model_path(settings, live.model), model_path(settings, other))
    began = time.monotonic()
    set_live_model(settings, other, live.lessons, live.base, "trial", utcnow())
    for each in (town.one, town.two):
        assert each.running is not None  # noqa: S101
        await asyncio.to_thread(each.running.wait_for, f"model {other} answers now")
        town.seen(f"{each.name} answers with the new model after", f"{time.monotonic() - began:.0f} s")
    set_live_model(settings, live.model, live.lessons, live.base, "trial", utcnow())
    for each in (town.one, town.two):
        assert each.running is not None  # noqa: S101
        await asyncio.to_thread(each.running.wait_for, f"model {live.model} answers now")


async def pool(town: Town) -> None:
    """How many connections there are before and behind the pooler, while 8 programs ask."""
    if town.pooler_port is None:
        return
    programs = [Program(town.url, browser_at(town.new_client())) for _ in range(8)]
    asking = [asyncio.create_task(each.live(0.0)) for each in programs]
    await asyncio.sleep(10)
    url = f"host=127.0.0.1 port={town.pooler_port} user={NAME} password={PASSWORD} dbname=pgbouncer"

    def counted() -> tuple[int, int]:
        with psycopg.connect(
            url, autocommit=True, prepare_threshold=None, cursor_factory=psycopg.ClientCursor
        ) as admin:
            rows = admin.execute("SHOW POOLS").fetchall()
            named = [column.name for column in admin.execute("SHOW POOLS").description or ()]
        ours = [dict(zip(named, row, strict=True)) for row in rows if row[0] == NAME]
        before = sum(row["cl_active"] + row["cl_waiting"] for row in ours)
        return before, sum(row["sv_active"] + row["sv_idle"] + row["sv_used"] + row["sv_tested"] for row in ours)

    before, behind = await asyncio.to_thread(counted)
    for each in asking:
        each.cancel()
    told: Counter[str] = sum((each.told for each in programs), Counter())
    town.seen("connections of both assistants to the pooler, and of the pooler to PostgreSQL", f"{before}, {behind}")
    town.promise(f"what programs were told: {dict(told)}", is_kept=set(told) == {"answered"})


TRIALS = {each.__name__: each for each in (context, news, rates, pool, model, leader, killed, frozen, drained)}


def opened(stack: ExitStack, folder: Path, options: argparse.Namespace) -> Town:
    """Starts all but the assistants."""
    postgresql = stack.enter_context(machines.postgresql(folder / "postgresql")).port
    has_pooler = options.pooler != "none"
    pooler = (
        stack.enter_context(machines.pgbouncer(folder / "pgbouncer", postgresql, options.pooler))
        if has_pooler
        else None
    )
    redis = stack.enter_context(machines.redis(folder / "redis")).port
    shared = folder / "shared"
    shared.mkdir()
    # What was made already need not be made again: models, and what indexes are built from.
    made = Settings.from_environment()
    if made.models_dir.exists():
        shutil.copytree(made.models_dir, shared / "models")
    unprepared = "?prepared=off" if options.pooler == "transaction" else ""
    settings = {
        "DATABASE_URL": f"postgresql://{NAME}:{PASSWORD}@127.0.0.1:{pooler or postgresql}/{NAME}{unprepared}",
        "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
        "SHARED_DIR": str(shared),
        "IDENTITY_KEY": os.environ["IDENTITY_KEY"],
        "PROXY_COUNT": "1",
    }
    one, two = (Machine(name, folder / name, settings) for name in ("one", "two"))
    for each in (one, two):
        for index in (made.answering_index_path, made.documents_index_path, made.vectors_dir):
            if index.exists():
                shutil.copytree(index, each.var_dir / index.name)
    port = stack.enter_context(machines.proxy(options.proxy, folder / "proxy", one.port, two.port))
    database_url = f"postgresql://{NAME}:{PASSWORD}@127.0.0.1:{postgresql}/{NAME}"
    return Town(one, two, f"https://127.0.0.1:{port}", database_url, pooler, folder, options.per_second)


async def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.two_machines")
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=", ".join(TRIALS))
    parser.add_argument("--proxy", choices=("haproxy", "nginx"), default="haproxy")
    parser.add_argument("--pooler", choices=("transaction", "session", "none"), default="transaction")
    parser.add_argument("--per-second", type=float, default=10.0)
    parser.add_argument("--at-once", action="store_true")
    options = parser.parse_args(arguments)
    # Of the assistants, and of this program, which reads what they stored.
    os.environ["IDENTITY_KEY"] = base64.urlsafe_b64encode(os.urandom(32)).decode()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="two-machines-")))
        # The servers' own user has to reach its folder.
        folder.chmod(0o711)
        town = opened(stack, folder, options)
        for each in (town.one, town.two):
            stack.callback(each.stop)
        began = time.monotonic()
        if options.at_once:
            await asyncio.gather(*(asyncio.to_thread(each.start) for each in (town.one, town.two)))
        else:
            await asyncio.to_thread(town.one.start)
            await asyncio.to_thread(town.two.start)
        print(f"{options.proxy}, pooler: {options.pooler}; both up after {time.monotonic() - began:.0f} s", flush=True)
        for name in options.trials or TRIALS:
            print(f"{name}: {(TRIALS[name].__doc__ or '').strip()}", flush=True)
            for each in (town.one, town.two):
                if not each.is_running:
                    await asyncio.to_thread(each.start)
            await TRIALS[name](town)
    print("\n".join(f"NOT KEPT: {each}" for each in town.broken) or "every promise was kept")
    return 1 if town.broken else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
