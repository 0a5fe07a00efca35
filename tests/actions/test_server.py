"""The action server: `bot.rasa_sdk_server`."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection
from sqlalchemy import text

from bot import request_ids
from bot.db import Database
from bot.places import ROOT
from bot.rasa_sdk_server import make_app
from bot.running.ports import free_port

# Looks at the mappers where the thread that queries would start. Nothing is served.
_STARTS = """
import threading
from bot.db import Base

def names():
    return {mapper.class_.__name__ for mapper in Base.registry.mappers}

def start(thread):
    if thread.name != "indexes":
        return really_start(thread)
    started.append((names(), all(mapper.configured for mapper in Base.registry.mappers)))

started = []
really_start = threading.Thread.start
threading.Thread.start = start
from bot import rasa_sdk_server
rasa_sdk_server.web.run_app = lambda *_, **__: None
rasa_sdk_server.serve("actions", 0)
(at_start, were_configured), = started
assert were_configured
assert len(at_start) > 40, at_start
assert at_start == names(), names() - at_start
"""


def test_no_table_is_defined_while_the_answers_are_read_in_a_thread() -> None:
    """A query in the middle of such an import made every later answer of the process fail, on a busy machine."""
    run = subprocess.run([sys.executable, "-c", _STARTS], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


class Says(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "says"

    async def run(self, dispatcher: Any, tracker: Any, _domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text=f"{tracker.sender_id}：{request_ids.current()}")
        return [{"event": "slot", "name": "item", "value": "GA-001"}]


class Rejects(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "rejects"

    async def run(self, _dispatcher: Any, _tracker: Any, _domain: Any) -> list[dict[str, Any]]:
        raise ActionExecutionRejection("rejects", "no answer to the form")


class Fails(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "fails"

    async def run(self, _dispatcher: Any, _tracker: Any, _domain: Any) -> list[dict[str, Any]]:
        raise LookupError


def call(action: object) -> dict[str, Any]:
    return {"next_action": action, "tracker": {"sender_id": "甲", "slots": {}, "events": []}, "domain": {}}


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (call("says"), 200, "甲：0123456789abcdef"),
        (call("rejects"), 400, "no answer to the form"),
        (call("unknown"), 404, "unknown"),
        ({**call("says"), "domain": None, "domain_digest": "another"}, 449, "says"),
        (call("fails"), 500, ""),
        (call(None), 400, "no call of an action"),
        ({"next_action": "says"}, 400, "no call of an action"),
        ([], 400, "no call of an action"),
    ],
)
async def test_what_an_action_does_is_told_as_rasa_specifies(body: object, status: int, told: str) -> None:
    executor = ActionExecutor()
    for action in (Says, Rejects, Fails):
        executor.register_action(action)
    async with TestClient(TestServer(make_app(executor))) as client:
        answer = await client.post("/webhook", json=body, headers={request_ids.HEADER: "0123456789abcdef"})
        assert answer.status == status
        assert told in await answer.text()
        if status == 200:
            assert (await answer.json())["events"] == [{"event": "slot", "name": "item", "value": "GA-001"}]
        assert (await client.get("/health")).status == 200


class _AsksTheDatabase(Action):
    def name(self) -> str:
        return "action_asks"

    def run(self, dispatcher: object, tracker: object, domain: object) -> list[dict[str, Any]]:
        with Database(f"postgresql://city@127.0.0.1:{free_port()}/city").transaction() as session:
            session.execute(text("SELECT 1"))
        return []


async def test_while_the_database_is_away_the_engine_is_told_to_try_again() -> None:
    executor = ActionExecutor()
    executor.register_action(_AsksTheDatabase())
    async with TestClient(TestServer(make_app(executor))) as client:
        call = {"next_action": "action_asks", "tracker": {"sender_id": "c"}, "domain": {}}
        async with client.post("/webhook", json=call) as response:
            assert response.status == 503
