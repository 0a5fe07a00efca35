"""An answer that gives a reason for a case opens the case before it reaches the citizen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner

from bot.cli import cli
from bot.db import Database
from bot.reviews import service
from bot.settings import Settings
from bot.web.app import make_app
from tests.web.engine import Engine, saying

Say = Callable[[str, str], Awaitable[None]]


@pytest.fixture
async def say(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Say]:
    """Says something in a conversation to an engine that finds nothing, and fails on “坏了”."""

    async def nothing_found(_: dict[str, Any]) -> web.Response:
        return saying("抱歉", "nothing_found", intent="ask_fee", confidence=0.9)

    async with Engine(nothing_found).serving() as port:
        settings = Settings.from_environment(
            {"VAR_DIR": str(tmp_path), "DATABASE_URL": database_url, "ENGINE_PORT": port}
        )
        async with TestClient(TestServer(make_app(settings))) as client:

            async def post(conversation: str, text: str) -> None:
                response = await client.post("/api/chat", json={"conversation": conversation, "text": text})
                assert response.status == 200

            yield post


async def test_two_messages_in_a_row_without_an_answer_leave_one_case(database: Database, say: Say) -> None:
    for conversation in ("c1", "c2", "c2", "c2"):
        await say(conversation, "办证")
    with database.transaction() as session:
        (case,) = service.open_cases(session)
        assert (case.conversation_id, case.reasons) == ("c2", ["fell_back_twice"])


async def test_the_list_on_the_terminal_shows_the_question_and_why_in_clear_words(
    say: Say, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await say("c1", "办证吗")
    monkeypatch.setenv("DATABASE_URL", database_url)
    shown = CliRunner().invoke(cli, ["cases"])
    assert shown.exit_code == 0
    assert "办证吗" in shown.output
    assert "共 1 件待处理。" in shown.output
