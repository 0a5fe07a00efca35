"""An older release serves while a newer one changes the schema, then both serve: `python -m benchmarks.rolling COMMIT`.

COMMIT is the older program, checked out beside this one and run in this one's environment. PostgreSQL holds the sample
city by its schema. Its web process answers citizens, with a stand-in for the engine; this program upgrades the schema
amid their questions; then its own web process is started beside, and each conversation goes on there. At the end every
page of the older console is opened. Ends with 1 if a question was lost or a page failed.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks import machines
from benchmarks.citizens import QUESTIONS, Asked, Citizen, against_once
from benchmarks.machines import NAME, PASSWORD
from bot import migrations
from bot.db import Database, utcnow
from bot.places import ROOT
from bot.running.ports import free_port
from bot.staff import accounts, sign_ins
from bot.staff.roles import Role

CITIZENS, PER_SECOND = 10, 5.0
BEFORE_SECONDS, AFTER_SECONDS = 10.0, 10.0
# Run by the older program. Until 2026-11-30 the sample city was loaded by another module.
_FILL = """
import os
from bot import migrations
from bot.db import Database
try:
    from bot.running.sample_city import load_sample_city
except ImportError:
    from bot.running.preparation import load_sample_city
database = Database(os.environ["DATABASE_URL"])
migrations.upgrade(database.engine)
load_sample_city(database)
print(migrations.head())
"""


@asynccontextmanager
async def engine() -> AsyncIterator[int]:
    """Says back what it was asked."""

    async def answer(request: web.Request) -> web.Response:
        said = await request.json()
        await asyncio.sleep(0.05)
        return web.json_response([{"text": f"问的是：{said['message']}"}])

    app = web.Application()
    app.router.add_post("/webhooks/rest/webhook", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        assert server.port is not None  # noqa: S101 # it listens
        yield server.port


@asynccontextmanager
async def web_process(root: Path, environment: dict[str, str]) -> AsyncIterator[str]:
    """The address of the web process of the program in `root`."""
    port = free_port()
    command = [sys.executable, "-m", "bot.web"]
    process = await asyncio.create_subprocess_exec(*command, cwd=root, env={**environment, "PORT": str(port)})
    try:
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession() as session, asyncio.timeout(300):
            while True:
                try:
                    async with session.get(f"{url}/healthz") as response:
                        if response.status == 200:
                            break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.2)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def ask_at_a_pace(citizens: list[Citizen]) -> None:
    number = 0
    while True:
        await citizens[number % len(citizens)].ask(QUESTIONS[number % len(QUESTIONS)])
        number += 1
        await asyncio.sleep(1 / PER_SECOND)


def longest_wait(asked: list[Asked]) -> float:
    """In seconds."""
    return max(((each.answered_at or 0) - each.at for each in asked), default=0.0)


def sign_in_token(database: Database) -> str:
    """Of a sign-in that both programs know."""
    with database.transaction() as session:
        person = accounts.add_person(
            session, login="boss", name="王芳", role=Role.REVIEWER, password=None, who="terminal:trial", now=utcnow()
        )
        return sign_ins.begin(session, person, utcnow())


async def pages_that_fail(url: str, token: str) -> list[str]:
    """Follows the links of the console's first page, one step."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookies={"console_sign_in": token}, cookie_jar=jar) as session:
        async with session.get(f"{url}/console") as response:
            first = await response.text()
        paths = sorted(set(re.findall(r'href="(/console/[^"#]*)"', first)) - {"/console/sign-out"})
        failed = []
        for path in ("/", "/items", "/documents", *paths):
            async with session.get(url + path.replace("&amp;", "&")) as response:
                if response.status >= 500:
                    failed.append(f"{path}: {response.status}")
    print(f"  {len(paths) + 3} pages of the older program opened on the newer schema, failed: {failed or 'none'}")
    return failed


async def trial(folder: Path, old: Path, url: str) -> int:
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "VAR_DIR": str(folder / "var"),
        "IDENTITY_KEY": os.environ["IDENTITY_KEY"],
    }
    done = subprocess.run(
        [sys.executable, "-c", _FILL], cwd=old, env=environment, check=True, capture_output=True, text=True
    )
    print(f"  the older program knows schema {done.stdout.split()[-1]}, this one {migrations.head()}")
    database = Database(url)
    async with AsyncExitStack() as stack:
        environment["ENGINE_PORT"] = str(await stack.enter_async_context(engine()))
        older = await stack.enter_async_context(web_process(old, environment))
        citizens = [Citizen(older, "") for _ in range(CITIZENS)]
        living = [asyncio.create_task(each.live()) for each in citizens]
        while any(each.conversation is None for each in citizens):
            await asyncio.sleep(0.05)
        asking = asyncio.create_task(ask_at_a_pace(citizens))
        await asyncio.sleep(BEFORE_SECONDS)
        began = time.monotonic()
        await asyncio.to_thread(migrations.upgrade, database.engine)
        ended = time.monotonic()
        print(f"  upgrade amid {PER_SECOND:.0f} questions a second: {ended - began:.1f} s")
        await asyncio.sleep(AFTER_SECONDS)
        newer = await stack.enter_async_context(web_process(ROOT, environment))
        beside = [Citizen(newer, "") for _ in citizens]
        for each, other in zip(beside, citizens, strict=True):
            each.conversation = other.conversation
        living += [asyncio.create_task(each.live()) for each in beside]
        asking_beside = asyncio.create_task(ask_at_a_pace(beside))
        await asyncio.sleep(AFTER_SECONDS)
        for task in (asking, asking_beside):
            task.cancel()
        everybody = [*citizens, *beside]
        asked = [each for citizen in everybody for each in citizen.asked.values()]
        async with asyncio.timeout(120):
            while any(each.answered_at is None for each in asked):
                await asyncio.sleep(0.1)
        refused = sum(each.refusals > 0 for each in asked)
        met = [each for each in asked if (each.answered_at or 0) > began and each.at < ended]
        print(f"  {len(asked)} questions to both, refused {refused}; longest wait of all {longest_wait(asked):.1f} s, ")
        print(f"  of the {len(met)} that met the upgrade {longest_wait(met):.1f} s")
        against = await asyncio.to_thread(against_once, url, everybody)
        print(f"  against “each stored once and answered once”: {against or 'nothing'}")
        failed = await pages_that_fail(older, await asyncio.to_thread(sign_in_token, database))
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)
    database.close()
    return 1 if against or failed else 0


def main(commit: str) -> int:
    os.environ.setdefault("IDENTITY_KEY", "bm90LWEtc2VjcmV0LWJ1dC1mb3ItdGVzdHMtYWxvbmU=")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rolling-")))
        folder.chmod(0o711)
        old = folder / "old"
        subprocess.run(
            ["git", "worktree", "add", "--detach", str(old), commit], cwd=ROOT, check=True, capture_output=True
        )
        stack.callback(subprocess.run, ["git", "worktree", "remove", "--force", str(old)], cwd=ROOT, check=True)
        port = stack.enter_context(machines.postgresql(folder / "postgresql")).port
        return asyncio.run(trial(folder, old, f"postgresql://{NAME}:{PASSWORD}@127.0.0.1:{port}/{NAME}"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
