"""A question in English is answered in Chinese, with a line of English under the answer."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions import turn as turn_module
from actions.turn import Answer, CityAction, Turn
from bot.catalogue.models import City
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import OtherDoor
from bot.db import Database
from bot.language.romanised import Romanised
from bot.replies.reply import Reply


class Tells(CityAction):
    def name(self) -> str:
        return "action_tells"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return Answer([Reply(f"答：{turn.text}", Outcome.ROUTED, OtherDoor("LX-001", "12367", ""))])


@pytest.mark.parametrize(
    ("typed", "is_told"), [("How much is a passport?", True), ("huzhao duoshaoqian", False), ("护照多少钱", False)]
)
async def test_the_line_goes_by_what_was_typed_since_the_engine_has_put_it_into_chinese(
    database: Database, monkeypatch: pytest.MonkeyPatch, typed: str, is_told: bool
) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
    monkeypatch.setattr(turn_module, "database", lambda: database)
    monkeypatch.setattr(turn_module, "romanised", lambda: Romanised(["护照"]))
    understood: dict[str, Any] = {"text": "护照多少钱", "intent": {"name": "ask_fee"}, "entities": []}
    tracker = Tracker("c", {}, understood, [{"event": "user", "text": typed}], False, None, {}, "action_listen")
    said = CollectingDispatcher()
    await Tells().run(said, tracker, {})
    (message,) = said.messages
    assert message["text"].startswith("答：护照多少钱")
    assert ("the office that can help you" in message["text"]) is is_told
