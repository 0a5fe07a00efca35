"""An engine that fails and comes back, as citizens, programs and supervisors meet it."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.conversations.models import Message
from bot.db import utcnow
from bot.incidents.models import Incident
from bot.incidents.words import outages
from bot.replies.failures import NOT_NOTED
from bot.reviews.models import Case
from bot.web import chat, patience
from bot.web.chat import Chat
from bot.web.keys import DATABASE
from tests.web.engine import Engine, saying
from tests.web.test_chat import client as client
from tests.web.test_chat import engine as engine
from tests.web.test_chat import greet, say, stored

Client = TestClient[web.Request, web.Application]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "FIRST_PAUSE", chat.FIRST_PAUSE * 0)


async def fail(_: dict[str, Any]) -> web.Response:
    return web.Response(status=503)


async def apologise(body: dict[str, Any]) -> web.Response:
    return saying("抱歉", "failed_actions")


class Recovers:
    """Fails so many times, then greets."""

    def __init__(self, times: int, failing: Any = fail) -> None:
        self.left, self.failing = times, failing

    async def __call__(self, body: dict[str, Any]) -> web.Response:
        self.left -= 1
        return await (self.failing(body) if self.left >= 0 else greet(body))


def incidents(client: Client) -> list[Incident]:
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        return list(session.scalars(select(Incident)))


def cases(client: Client) -> list[Case]:
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        return list(session.scalars(select(Case)))


@pytest.mark.parametrize("failing", [fail, apologise])
async def test_a_question_is_asked_again_as_the_same_message_until_it_is_answered(
    client: Client, engine: Engine, failing: Any
) -> None:
    engine.answer = Recovers(3, failing)
    status, body = await say(client, "你好")
    assert (status, body["messages"][0]["text"]) == (200, "您好")
    assert [message.outcome for message in stored(client)] == ["smalltalk"]
    numbers = [asked["metadata"]["message"] for asked in engine.bodies]
    assert len(numbers) == 4
    assert len(set(numbers)) == 1


async def test_an_outage_is_one_incident_however_many_it_meets_and_no_case(client: Client, engine: Engine) -> None:
    engine.answer = Recovers(3)
    await asyncio.gather(*(say(client, "你好", f"c{number}") for number in range(3)))
    (incident,) = incidents(client)
    assert incident.message_count == 3
    assert incident.ended_at is not None
    assert cases(client) == []
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        ((sentence, is_over),) = outages(session, utcnow())
    assert is_over
    assert "3 条" in sentence
    # A failure right after the last one belongs to the same outage.
    engine.answer = Recovers(1)
    await say(client, "你好", "c4")
    assert [each.message_count for each in incidents(client)] == [4]


async def test_an_action_that_always_fails_is_an_apology_in_the_end(client: Client, engine: Engine) -> None:
    engine.answer = apologise
    _, body = await say(client, "你好")
    assert "抱歉" in body["messages"][0]["text"]
    assert [message.outcome for message in stored(client)] == ["failed_actions"]
    assert len(engine.asked) == chat.TRIES_OF_ACTIONS


async def test_a_program_is_told_that_the_answer_is_to_come_and_gets_it_by_the_same_id(
    client: Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "HELD_AFTER_SECONDS", 0)
    may_answer = asyncio.Event()

    async def later(body: dict[str, Any]) -> web.Response:
        await may_answer.wait()
        return await greet(body)

    engine.answer = later
    question = {"conversation": "c1", "text": "你好", "id": "n1"}
    first = await (await client.post("/api/chat", json=question)).json()
    assert first["pending"] is True
    assert [button["title"] for button in first["messages"][0]["buttons"]] == ["转人工"]
    may_answer.set()
    monkeypatch.setattr(chat, "HELD_AFTER_SECONDS", 60)
    second = await (await client.post("/api/chat", json=question)).json()
    assert "pending" not in second
    assert second["messages"][0]["text"] == "您好"
    assert len(engine.asked) == len(stored(client)) == 1


async def test_who_does_not_want_to_wait_gets_a_person_without_the_engine_and_the_answer_still_comes(
    client: Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "HELD_AFTER_SECONDS", 0)
    engine.answer = fail
    question = {"conversation": "c1", "text": "居住证怎么办", "id": "n1"}
    held = await (await client.post("/api/chat", json=question)).json()
    while not incidents(client):
        await asyncio.sleep(0)
    person = {"conversation": "c1", "button": held["messages"][0]["buttons"][0]["id"], "id": "n2"}
    monkeypatch.setattr(chat, "HELD_AFTER_SECONDS", 60)
    left = await (await client.post("/api/chat", json=person)).json()
    (case,) = cases(client)
    assert left["messages"][0]["custom"]["case"] == case.number
    assert case.question == "居住证怎么办"
    engine.answer = greet
    answered = await (await client.post("/api/chat", json=question)).json()
    assert answered["messages"][0]["text"] == "您好"


async def test_a_crowd_of_one_client_is_put_off_and_a_bystander_is_answered(
    client: Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer = asyncio.Event()

    async def later(body: dict[str, Any]) -> web.Response:
        await may_answer.wait()
        return await greet(body)

    engine.answer = later
    crowd = [asyncio.create_task(say(client, "你好", f"c{number}")) for number in range(100)]
    done, waiting = await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < 40:
        more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        done |= more
    assert {task.result()[0] for task in done} == {429}
    assert "现在人多" in done.pop().result()[1]["error"]
    may_answer.set()
    assert {task.result()[0] for task in (await asyncio.wait(waiting))[0]} == {200}


async def test_who_waits_while_the_database_is_away_is_told_that_the_question_is_not_noted_and_then_answered(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "NOTED_WITHIN_SECONDS", 0)
    monkeypatch.setattr(chat, "HELD_AFTER_SECONDS", 0)
    monkeypatch.setattr(patience, "FIRST_PAUSE", timedelta(0))
    monkeypatch.setattr(patience, "LONGEST_PAUSE", timedelta(0))
    store, is_told = Chat._store, threading.Event()

    def store_when_it_is_back(*arguments: Any, **options: Any) -> Message:
        if not is_told.is_set():
            raise OperationalError(None, None, psycopg.OperationalError("connection refused"))
        return store(*arguments, **options)

    monkeypatch.setattr(Chat, "_store", store_when_it_is_back)
    question = {"conversation": "c1", "text": "居住证怎么办", "id": "n1"}
    told = await (await client.post("/api/chat", json=question)).json()
    assert told["messages"][0]["text"] == NOT_NOTED.text
    is_told.set()
    monkeypatch.setattr(chat, "NOTED_WITHIN_SECONDS", 60)
    monkeypatch.setattr(chat, "HELD_AFTER_SECONDS", 60)
    answered = await (await client.post("/api/chat", json=question)).json()
    assert answered["messages"][0]["text"] == "您好"
    assert len(stored(client)) == 1
