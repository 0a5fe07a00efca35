"""The road of one message: stored, asked of the engine, the answer stored, sent. Every channel takes it."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from limits import RateLimitItem, parse

from bot.conversations import service as conversations
from bot.conversations.holding import lock_holder
from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.db import Database, utcnow
from bot.replies.buttons import Buttons, NoSuchButton
from bot.replies.failures import EMPTY, ENGINE_FAILED
from bot.reviews.intake import open_cases_after, tell_of_words
from bot.sealing import Sealer
from bot.settings import Settings
from bot.switches.gateway import answer_if_off
from bot.web.engine_client import EngineClient, EngineUnavailable
from bot.web.live import QUEUE, Live
from bot.web.metrics import Metrics
from bot.web.rates import rate_limiter

logger = logging.getLogger(__name__)

MAX_TEXT_CHARACTERS = 2000
# A person does not type faster; behind one address there may be a whole office, or the proxy before us.
PER_CONVERSATION: RateLimitItem = parse("300/minute")
PER_CLIENT: RateLimitItem = parse("6000/minute")


class BadMessage(ValueError):
    """What was sent cannot be a message; the text, in Chinese, tells the sender what to change."""


class TooLong(BadMessage):
    """It has more than `MAX_TEXT_CHARACTERS`."""


class TooManyMessages(Exception):
    """The sender is over the rate."""


@dataclass(frozen=True)
class Said:
    """What a citizen said: words, or what stands on the button of that id."""

    text: str
    button: str | None = None


@dataclass(frozen=True)
class Answered:
    """`messages` as the contract has them: `text`, and where there are any `buttons` and `custom`."""

    message_id: int
    messages: list[dict[str, Any]]


class Chat:
    def __init__(
        self, database: Database, engine: EngineClient, metrics: Metrics, settings: Settings, live: Live
    ) -> None:
        self._database = database
        self._engine = engine
        self._metrics = metrics
        self._live = live
        self._limiter = rate_limiter(settings)
        self._buttons = Buttons(Sealer.of(settings))
        self._locks: dict[str, asyncio.Lock] = {}

    async def answer(
        self,
        conversation_id: str,
        channel: str,
        text: str,
        client: str,
        client_id: str | None = None,
        *,
        may_wait: bool = False,
    ) -> Answered:
        """Answers what was typed; the messages of one conversation are taken one after the other.

        Args:
            client: who sends, by address; only the disclosure look-up counts by it.
            client_id: the sender's own number of the message; one sent twice is answered once.
            may_wait: if the engine does not answer, the sender asks again later, and the citizen hears nothing yet.

        Raises:
            BadMessage, TooManyMessages
            EngineUnavailable: only if it `may_wait`
        """
        said = Said(clean(text))
        return await self._answer(conversation_id, channel, said, client, client_id, may_wait)

    async def press(
        self,
        conversation_id: str,
        channel: str,
        button: object,
        client: str,
        client_id: str | None = None,
        *,
        may_wait: bool = False,
    ) -> Answered:
        """Answers the press of a button, by the `id` with which it was offered, however long ago; else as `answer`.

        Raises:
            BadMessage: also if no such button was offered in this conversation.
            TooManyMessages
            EngineUnavailable: only if it `may_wait`
        """
        try:
            title = self._buttons.pressed(conversation_id, button).title
        except NoSuchButton:
            raise BadMessage("这个按钮用不了了，请直接写下您想问的") from None
        said = Said(title, str(button))
        return await self._answer(conversation_id, channel, said, client, client_id, may_wait)

    async def _answer(
        self, conversation_id: str, channel: str, said: Said, client: str, client_id: str | None, may_wait: bool
    ) -> Answered:
        if not (
            await self._limiter.hit(PER_CONVERSATION, "conversation", conversation_id)
            and await self._limiter.hit(PER_CLIENT, "client", client)
        ):
            raise TooManyMessages
        async with self._in_turn(conversation_id):
            message = await asyncio.to_thread(self._store, conversation_id, channel, said, client_id)
            if message.outcome is None:
                await self._live.changed(conversation_id)
                with self._metrics.seconds.labels(channel).time():
                    replies, turn = await self._ask(conversation_id, channel, said, client, may_wait)
                message = await asyncio.to_thread(self._store_answer, conversation_id, message.id, replies, turn)
                replies = replies if message.outcome != Outcome.WITH_PERSON else []
            else:
                replies = message.replies
        self._metrics.messages.labels(channel, message.outcome).inc()
        await self._live.changed(conversation_id, QUEUE)
        return Answered(message.id, replies)

    async def _ask(
        self, conversation_id: str, channel: str, said: Said, client: str, may_wait: bool
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        if not said.text:
            return [EMPTY.as_message()], {"outcome": EMPTY.outcome}
        metadata = {"channel": channel, "client": client, **({"button": said.button} if said.button else {})}
        try:
            messages = await self._engine.ask(conversation_id, said.text, metadata)
        except EngineUnavailable as error:
            if may_wait:
                raise
            logger.error("the engine did not answer: %s", error)
            failed = self._buttons.offered(conversation_id, [ENGINE_FAILED.as_message()])
            return failed, {"outcome": Outcome.FAILED_ENGINE}
        turn: dict[str, Any] = next((message["turn"] for message in messages if "turn" in message), {})
        replies: list[dict[str, Any]] = [
            {key: message[key] for key in ("text", "buttons", "custom") if key in message} for message in messages
        ]
        return replies, {"outcome": Outcome.NOTHING_FOUND, **turn}

    def _store(self, conversation_id: str, channel: str, said: Said, client_id: str | None) -> Message:
        """Stored before anybody answers. Where a person answers, it is for them, and the bot never hears of it."""
        now = utcnow()
        with self._database.transaction() as session:
            conversation = conversations.open_conversation(session, conversation_id, channel, now)
            is_held = lock_holder(session, conversation_id) is not None
            message = conversations.store_message(
                session, conversation, said.text, now, client_id, is_pressed=said.button is not None
            )
            if is_held and message.outcome is None:
                conversations.store_answer(session, message.id, [], {"outcome": Outcome.WITH_PERSON}, now)
                tell_of_words(session, conversation_id, now)
            elif message.outcome is None:
                answer_if_off(session, message, conversation, now)
            return message

    def _store_answer(
        self, conversation_id: str, message_id: int, replies: list[dict[str, Any]], turn: dict[str, Any]
    ) -> Message:
        """If a person has taken over while the bot thought, what it says is neither kept nor sent."""
        now = utcnow()
        with self._database.transaction() as session:
            if lock_holder(session, conversation_id) is not None:
                replies, turn = [], {**turn, "outcome": Outcome.WITH_PERSON}
                tell_of_words(session, conversation_id, now)
            message = conversations.store_answer(session, message_id, replies, turn, now)
            open_cases_after(session, message_id, now)
            return message

    @asynccontextmanager
    async def _in_turn(self, conversation_id: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._locks.pop(conversation_id, None)


def clean(text: object) -> str:
    """`text` without control characters and stray space.

    Raises:
        BadMessage: it is not a text.
        TooLong
    """
    if not isinstance(text, str):
        raise BadMessage("text 要是一段文字")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TooLong(f"一次最多 {MAX_TEXT_CHARACTERS} 个字，请分几次说")
    kept = "".join(
        character if character == "\n" or unicodedata.category(character) not in ("Cc", "Cs") else " "
        for character in text
    )
    return kept.strip()
