"""An action that fails answers politely, and its log holds no words of citizens."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions import turn
from actions.turn import Answer, CityAction, Turn
from bot.db import Database
from bot.quiet_logs import without_words

SAID = "王建国的电话13912345678"


class Breaking(CityAction):
    def name(self) -> str:
        return "action_breaking"

    def answer(self, session: Session, turn: Turn) -> Answer:
        raise ValueError(turn.text)


@pytest.fixture
def quiet_logs() -> Iterator[None]:
    """Runs as in the action server's own process."""
    factory = logging.getLogRecordFactory()
    logging.setLogRecordFactory(without_words)
    yield
    logging.setLogRecordFactory(factory)


async def test_the_citizen_hears_that_it_failed_and_the_log_hears_where(
    database: Database, quiet_logs: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(turn, "database", lambda: database)
    message: dict[str, Any] = {"text": SAID, "intent": {"name": "greet", "confidence": 0.9}, "entities": []}
    tracker = Tracker("c", {}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert await Breaking().run(dispatcher, tracker, {}) == []
    (told,) = dispatcher.messages
    assert "系统刚才出了点问题" in told["text"]
    assert told["turn"]["outcome"] == "failed_actions"
    assert "action_breaking failed: ValueError at " in caplog.text
    assert "in answer" in caplog.text
    assert SAID not in caplog.text
