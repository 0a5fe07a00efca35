"""Hostile texts for the whole assistant, with the real engine: `python -m benchmarks.hostile [COUNT]`, by default 3000.

Starts an assistant and sends it the texts of `bot.evaluation.hostile`, a few at once: by the API, some of them in one
conversation, some one after another in new ones; and a tenth as many bodies that are wrong to the engine's own REST
channel, by the relay. Tells what does not hold of: no status of 500 or more; each text that is taken is stored and has
an answer in Chinese; no answer says that the assistant failed; nothing of a fault is in an answer; no stack trace is
logged. `FUZZ_TIMES=200 pytest tests/web/test_hostile.py` does so for all other ways in, with a fake engine.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

from benchmarks.soak import faults_logged
from bot.conversations.models import Message
from bot.db import Database
from bot.evaluation.hostile import texts, values
from bot.evaluation.running import running_assistant
from bot.settings import Settings
from bot.web.chat import MAX_TEXT_CHARACTERS

COUNT, AT_ONCE = 3000, 6
# So many texts in a row are one conversation; then as many have each a new one.
IN_A_ROW = 12
CHINESE = re.compile("[\u4e00-\u9fff]")
FAULT = re.compile(r'Traceback|File "/|sqlalchemy|psycopg|rasa\.', re.IGNORECASE)


async def ask_portal(portal: str, count: int, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """What came how often, and what was wrong. The number of a message there is `h`, the seed, its place."""
    numbered = enumerate(islice(texts(seed), count))
    came: Counter[str] = Counter()
    wrong: list[str] = []
    rows = [list(islice(numbered, IN_A_ROW)) for _ in range(-(-count // IN_A_ROW))]
    waiting = iter(enumerate(rows))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300)) as session:

        async def one_row(place: int, row: Sequence[tuple[int, str]]) -> None:
            conversation = ""
            headers = {"X-Forwarded-For": f"10.1.{place >> 8 & 255}.{place & 255}"}
            for number, text in row:
                body = {"text": text, "id": f"h-{seed}-{number}"}
                if conversation and place % 2:
                    body["conversation"] = conversation
                async with session.post(f"{portal}/api/chat", json=body, headers=headers) as response:
                    said = await response.json()
                came[str(response.status)] += 1
                conversation = said.get("conversation", conversation)
                wanted = 200 if len(text) <= MAX_TEXT_CHARACTERS else 400
                answer = "".join(each["text"] for each in said.get("messages", ())) or said.get("error", "")
                if response.status != wanted or not CHINESE.search(answer) or FAULT.search(json.dumps(said)):
                    wrong.append(f"{response.status} {text[:80]!r} → {answer[:200]!r}")

        async def work() -> None:
            for place, row in waiting:
                await one_row(place, row)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return came, wrong


async def ask_engine(engine: str, count: int) -> tuple[Counter[str], list[str]]:
    """Wrong bodies to the REST channel, which only the gateway should reach."""
    came: Counter[str] = Counter()
    wrong: list[str] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300)) as session:
        for body in islice(_bodies(), count):
            async with session.post(
                f"{engine}/webhooks/rest/webhook", data=body, headers={"Content-Type": "application/json"}
            ) as response:
                said = await response.text()
            came[str(response.status)] += 1
            if response.status >= 500 or FAULT.search(said):
                wrong.append(f"engine: {response.status} {body[:120]!r} → {said[:200]!r}")
    return came, wrong


def _bodies() -> Iterator[bytes]:
    anything, said = values(seed=2), texts(seed=3)
    for number, text in enumerate(said):
        right: dict[str, Any] = {"sender": f"hostile {number}", "message": text, "metadata": {"channel": "api"}}
        spoilt = right | {("sender", "message", "metadata")[number % 3]: next(anything)}
        body = json.dumps(spoilt if number % 2 else right).encode()
        yield body[: len(body) // 2] if number % 7 == 0 else body


def not_stored(var_dir: Path, count: int, seed: int = 1) -> list[str]:
    """Texts of `ask_portal` that the database does not have with a right end."""
    database = Database(f"sqlite:///{var_dir / 'assistant.db'}")
    with database.transaction() as session:
        mine = select(Message.client_id, Message.outcome).where(Message.client_id.like(f"h-{seed}-%"))
        outcomes = {str(number): outcome for number, outcome in session.execute(mine).tuples()}
    database.close()
    print("outcomes:", dict(Counter(outcomes.values()).most_common()))
    taken = {
        f"h-{seed}-{number}": text
        for number, text in enumerate(islice(texts(seed), count))
        if len(text) <= MAX_TEXT_CHARACTERS
    }
    return [
        f"ended as {outcomes.get(number)}: {text[:80]!r}"
        for number, text in taken.items()
        if (outcomes.get(number) or "failed").startswith("failed")
    ]


def main(arguments: Sequence[str]) -> int:
    count = int(arguments[0]) if arguments else COUNT
    models = Settings.from_environment().models_dir
    with tempfile.TemporaryDirectory() as folder:
        if models.exists():
            shutil.copytree(models, Path(folder) / "models")
        with running_assistant(Path(folder), PROXY_COUNT="1") as assistant:
            by_portal, wrong = asyncio.run(ask_portal(assistant.portal, count))
            by_relay, also_wrong = asyncio.run(ask_engine(assistant.engine, count // 10))
            wrong += also_wrong
        wrong += not_stored(Path(folder), count)
        wrong += [f"logged {times} times: {line}" for line, times in faults_logged(Path(folder)).items()]
    print(f"{count} texts to the portal: {dict(by_portal)}; bodies to the engine: {dict(by_relay)}")
    print("\n".join(wrong) or "each was stored and answered in Chinese, and nothing failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
