"""A conversation under any course of events: words are said again, the engine fails, a clerk takes over and leaves.

Each message is stored once and answered once, in the order in which it was said, by the bot or by a person and never by
both; who sends it again gets the same answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.service import history, new_conversation_id
from bot.db import Database, utcnow
from bot.reviews import handling, service
from bot.reviews.models import Case
from bot.reviews.reasons import ClosedAs, Reason
from bot.reviews.states import CaseActionRefused, CaseState
from bot.reviews.takeover import hand_back, take_over
from bot.settings import Settings
from bot.staff.accounts import get_person
from bot.staff.roles import Role
from bot.web import chat
from bot.web.chat import BadMessage, Chat, Sender
from bot.web.engine_client import EngineAnswer, EngineUnavailable
from bot.web.live import Live
from bot.web.metrics import Metrics
from tests.effort import effort
from tests.web.console import fill, settings_in

T = TypeVar("T")
CODE = "K7M2-9QXD"
TEXTS = (
    "护照多少钱",
    "1",
    "转人工",
    f"查一下 XXGK-2026-000123，查询码 {CODE}",
    "\0",
    "/restart",
    "我叫王小明，13800138000",
)


class Bot:
    """The engine. `fails`: how many of the next requests it does not answer, after or before it has heard them."""

    def __init__(self) -> None:
        self.fails = 0
        self.heard: list[str] = []
        self.answered: list[str] = []

    async def ask(self, sender: str, text: str, metadata: dict[str, str]) -> EngineAnswer:
        self.heard.append(metadata["message"])
        if self.fails:
            self.fails -= 1
            raise EngineUnavailable("killed")
        self.answered.append(metadata["message"])
        buttons = [{"title": "转人工", "id": "as the engine signed it"}]
        turn = {"outcome": "answered_by_record"}
        return EngineAnswer([{"text": f"答{metadata['message']}", "buttons": buttons, "turn": turn}])


class Conversations(RuleBasedStateMachine):
    database: Database
    settings: Settings

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.bot, self.id = Bot(), new_conversation_id()
        self.chat = self.begin_process()
        # Number of a message → its text; and what was answered first, by the bot.
        self.said: dict[str, str] = {}
        self.told: dict[str, list[dict[str, Any]]] = {}
        self.is_held = False

    def teardown(self) -> None:
        self.runner.close()

    def begin_process(self) -> Chat:
        live = Live(None)
        return Chat(self.database, self.bot, Metrics(), self.settings, live)  # type: ignore[arg-type]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @rule()
    def the_process_begins_again(self) -> None:
        self.chat = self.begin_process()

    @rule(fails=st.integers(1, 2))
    def the_engine_will_fail(self, fails: int) -> None:
        self.bot.fails = fails

    @rule(text=st.sampled_from(TEXTS))
    def say(self, text: str) -> None:
        number = f"n{len(self.said)}"
        self.said[number] = text
        self.send(number)

    @precondition(lambda self: self.said)
    @rule(place=st.integers(0, 30))
    def say_again(self, place: int) -> None:
        self.send(list(self.said)[place % len(self.said)])

    def send(self, number: str) -> None:
        heard, before = len(self.bot.heard), self.stored(number)
        sender = Sender("192.0.2.1", number, may_wait=True)
        try:
            answered = self.run(self.chat.answer(self.id, "portal", self.said[number], sender))
        except EngineUnavailable:
            assert not self.is_held
            return
        assert self.told.setdefault(number, answered.messages) == answered.messages
        message = self.stored(number)
        assert message is not None
        was_answered = before is not None and before.outcome is not None
        if was_answered or self.is_held:
            assert len(self.bot.heard) == heard
        if not was_answered:
            assert (message.outcome == Outcome.WITH_PERSON) == self.is_held

    @rule(button=st.sampled_from(["", "x.y", "\ud800", "e30.00000000000000000000000000000000"]))
    def press_what_was_not_offered(self, button: str) -> None:
        with pytest.raises(BadMessage):
            self.run(self.chat.press(self.id, "portal", button, Sender("192.0.2.1", "p", may_wait=True)))

    def as_clerk(self, work: str) -> bool:
        """Whether the case allowed it."""
        now = utcnow()
        try:
            with self.database.transaction() as session:
                clerk = get_person(session, Role.CLERK.value)
                case = service.case_of_conversation(session, self.id)
                if work == "take over":
                    case = case or self.opened(session)
                    if case.state == CaseState.NEW:
                        handling.claim(session, case, clerk, now)
                    take_over(session, case, clerk, now)
                elif case is None:
                    return False
                elif work == "write":
                    handling.reply(session, case, clerk, now, "请带上户口簿。", is_final=False)
                elif work == "hand back":
                    hand_back(session, case, now)
                else:
                    handling.close(session, case, clerk, now, ClosedAs.ANSWERED)
        except CaseActionRefused:
            return False
        return True

    def opened(self, session: Any) -> Case:
        return service.open_case(session, self.id, "portal", Reason.ASKED_FOR_PERSON, [], utcnow(), "办证")

    @precondition(lambda self: self.said)
    @rule(work=st.sampled_from(["take over", "take over", "write", "hand back", "close"]))
    def clerk_does(self, work: str) -> None:
        done = self.as_clerk(work)
        if done and work == "take over":
            self.is_held = True
        elif done and work in ("hand back", "close"):
            self.is_held = False

    def stored(self, number: str) -> Message | None:
        with self.database.transaction() as session:
            return next((one for one in history(session, self.id, 1000) if one.client_id == number), None)

    @invariant()
    def each_is_stored_once_and_answered_once(self) -> None:
        with self.database.transaction() as session:
            messages = history(session, self.id, 1000)
        numbers = [one.client_id for one in messages]
        assert numbers == list(self.said)
        assert len(self.bot.answered) == len(set(self.bot.answered))
        for one in messages:
            assert CODE not in one.text
            assert CODE not in one.masked_text
            assert "13800138000" not in one.masked_text
            if one.outcome is not None and one.client_id in self.told:
                assert self.told[one.client_id] == one.replies or one.outcome == Outcome.WITH_PERSON
            by_bot = str(one.id) in self.bot.answered
            assert not (by_bot and one.outcome == Outcome.WITH_PERSON)


TestConversations = Conversations.TestCase
TestConversations.settings = effort(6, steps=20)


@pytest.fixture(autouse=True, scope="module")
def machine_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("conversations")
    Conversations.settings = settings_in(folder)
    Conversations.database = Database(Conversations.settings.database_url)
    fill(Conversations.database)
    yield
    Conversations.database.close()


@pytest.fixture(autouse=True)
def nobody_is_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("PER_CONVERSATION", "PER_CLIENT", "NEW_CONVERSATIONS"):
        monkeypatch.setattr(chat, limit, chat.parse("100000/second"))
