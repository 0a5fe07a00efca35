"""Handles one message of any channel: stores it, waits for its turn, asks the engine, stores the answer.

If the engine or the action server restarts, no answer is lost: the question is held and asked again as the same
message (`docs/decisions/0008-answered-once.md`).
"""

from __future__ import annotations

import asyncio
import logging
import time
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, ParamSpec, TypeVar

from aiohttp import web
from limits import RateLimitItem, parse

from bot import request_ids, tracing
from bot.conversations import service as conversations
from bot.conversations.browsing import ending_of
from bot.conversations.models import Conversation, Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.db import Database, utcnow
from bot.helpline.backoff import pause
from bot.incidents.service import Kind
from bot.log_lines import fields, milliseconds_since
from bot.replies.buttons import Buttons, NoSuchButton
from bot.replies.failures import EMPTY, ENGINE_FAILED, HELD, NOT_NOTED
from bot.replies.reply import PERSON
from bot.reviews.intake import RECENT, open_cases_after, tell_of_words
from bot.sealing import Sealer
from bot.settings import Settings
from bot.switches.stand_in import answer_if_off
from bot.web.engine_client import EngineClient, EngineUnavailable
from bot.web.line import Line, LineFull
from bot.web.live import QUEUE, Live
from bot.web.metrics import Metrics, Stage
from bot.web.patience import FIRST_PAUSE, LONGEST_PAUSE, once_there
from bot.web.rates import rate_limiter
from bot.web.trouble import Trouble, hand_over

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

MAX_TEXT_CHARACTERS = 2000
# A person does not type faster than the first; a whole office may share one address. The windows are short, so that
# a refused sender can soon go on.
PER_CONVERSATION: RateLimitItem = parse("60/minute")
PER_CLIENT: RateLimitItem = parse("200/10 seconds")
NEW_CONVERSATIONS: RateLimitItem = parse("150/10 seconds")
BUSY_RETRY_SECONDS = 2

# How long a citizen is told nothing of a delay: until the question is stored, and until it is answered.
NOTED_WITHIN_SECONDS = HELD_AFTER_SECONDS = 20.0
# By then the citizen has long been told of the delay, and could ask for a person.
GIVEN_UP_AFTER_SECONDS = 600.0
# An action that failed so often has a fault that waiting does not repair.
TRIES_OF_ACTIONS = 4
_WISHES_FOR_PERSON = frozenset({PERSON.title, "人工", "找人工", "人工服务"})


class BadMessage(ValueError):
    """What was sent cannot be a message; the text, in Chinese, tells the sender what to change."""


class TooLong(BadMessage):
    """The text has more than `MAX_TEXT_CHARACTERS`."""


class NotYours(Exception):
    """The conversation belongs to another sender, or another channel."""


class _NotBegun(Exception):
    """The conversation is not stored yet."""


class TooManyMessages(Exception):
    """The message is not taken; the text, in Chinese, says why. It may be sent again after `retry_after` seconds."""

    def __init__(self, text: str, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Utterance:
    """What a citizen said: typed words, or the title of the button with the id `button`."""

    text: str
    button: str | None = None


@dataclass(frozen=True)
class Sender:
    """Who waits for the answer, and what they are told meanwhile.

    `client`: an address or a key; limits, turns and attempts at query codes are counted by its digest. `client_id`: the
    sender's own number of the message; a message sent twice is answered once. `may_wait`: if the engine does not
    answer, the sender asks again later, and the citizen is told nothing yet. `is_held`: the question is held until the
    engine answers again; if false, the citizen is told at once that it does not. `on_place` is called with the place in
    the line, `on_held` once with the messages to show if the answer takes long. `owner`: who owns the conversation, or
    will own a new one; None where knowing its id is enough. `rate`: the sender's limit in place of that of an address.
    """

    client: str
    client_id: str | None = None
    may_wait: bool = False
    is_held: bool = True
    on_place: Callable[[int], Awaitable[None]] | None = None
    on_held: Callable[[list[dict[str, Any]]], Awaitable[None]] | None = None
    owner: str | None = None
    begins: bool = False
    rate: RateLimitItem | None = None


@dataclass(frozen=True)
class Answered:
    """`messages` as in `docs/replies.md`: each has `text`, and may have `buttons` and `custom`."""

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
        self._line = Line()
        self._sealer = Sealer.of(settings)
        self._buttons = Buttons(self._sealer)
        self._locks: dict[str, asyncio.Lock] = {}
        # Conversation id → number of its questions that the engine failed to answer and that are asked again.
        self._held: Counter[str] = Counter()
        self._trouble = Trouble(database, live)

    async def answer(self, conversation_id: str, channel: str, text: object, sender: Sender) -> Answered:
        """Answers a typed text; the messages of one conversation are answered one after another.

        Returns only with the answer, however long that takes.

        Raises:
            BadMessage, TooManyMessages
            NotYours: the sender is not the owner of the conversation.
            EngineUnavailable: only if the sender `may_wait`
        """
        return await self._answer(conversation_id, channel, Utterance(clean(text)), sender)

    async def press(self, conversation_id: str, channel: str, button: object, sender: Sender) -> Answered:
        """Answers a pressed button. `button`: the `id` of the button, however old. All else is as in `answer`.

        Raises:
            BadMessage: also if no such button was offered in this conversation.
            TooManyMessages, NotYours
            EngineUnavailable: only if the sender `may_wait`
        """
        try:
            title = self._buttons.pressed(conversation_id, button).title
        except NoSuchButton:
            raise BadMessage("这个按钮用不了了，请直接写下您想问的") from None
        return await self._answer(conversation_id, channel, Utterance(title, str(button)), sender)

    async def _answer(self, conversation_id: str, channel: str, said: Utterance, sender: Sender) -> Answered:
        # Texts are taken from their inbox, outside of any request.
        with (
            request_ids.carrying(request_ids.current() or request_ids.new_id()),
            tracing.span("message", channel=channel) as note,
        ):
            answered = await self._answer_request(conversation_id, channel, said, sender)
            note(message_id=answered.message_id)
            return answered

    async def _answer_request(self, conversation_id: str, channel: str, said: Utterance, sender: Sender) -> Answered:
        sender = replace(sender, client=self._sealer.digest(sender.client))
        await self._check_rate(PER_CONVERSATION, "conversation", conversation_id)
        await self._check_rate(sender.rate or PER_CLIENT, "client", sender.client)
        async with self._told_when_late(conversation_id, sender.on_held) as noted:
            if self._held[conversation_id] and said.text in _WISHES_FOR_PERSON:
                answered = await asyncio.to_thread(self._leave_to_person, conversation_id, channel, said, sender)
                await self._live.changed(conversation_id, QUEUE)
                return answered
            try:
                with self._line.place(sender.client):
                    return await self._answer_in_turn(conversation_id, channel, said, sender, noted)
            except LineFull:
                raise TooManyMessages("现在人多，请稍候再发", BUSY_RETRY_SECONDS) from None

    async def _check_rate(self, rate: RateLimitItem, *who: str) -> None:
        if not await self._limiter.hit(rate, *who):
            raise TooManyMessages("发得太快了，请稍等再发", await self._limiter.wait_seconds(rate, *who))

    async def _answer_in_turn(
        self, conversation_id: str, channel: str, said: Utterance, sender: Sender, noted: asyncio.Event
    ) -> Answered:
        """`noted` is set when the message is stored."""
        began = time.monotonic()
        async with self._in_turn(conversation_id):
            with self._metrics.stage(Stage.STORE):
                message = await self._stored(conversation_id, channel, said, sender)
            noted.set()
            if message.outcome is None:
                # Pages of the same conversation show the question.
                await self._live.changed(conversation_id)
                with self._metrics.seconds.labels(channel).time():
                    replies, how = await self._ask(conversation_id, channel, said, sender, message.id)
                with self._metrics.stage(Stage.STORE_ANSWER):
                    message = await self._once_there(
                        sender, self._store_answer, conversation_id, message.id, replies, how
                    )
                replies = replies if message.outcome != Outcome.WITH_PERSON else []
            else:
                replies = message.replies
        ending = ending_of(message.outcome, message.is_likely) or "other"
        self._metrics.messages.labels(channel, message.outcome, ending).inc()
        told = fields(
            message_id=message.id, channel=channel, outcome=message.outcome, milliseconds=milliseconds_since(began)
        )
        logger.info("message answered", extra=told)
        await self._live.changed(conversation_id, QUEUE)
        return Answered(message.id, replies)

    async def _ask(
        self, conversation_id: str, channel: str, said: Utterance, sender: Sender, message_id: int
    ) -> tuple[list[dict[str, Any]], Provenance]:
        """The replies, and how they came about."""
        if not said.text:
            return [EMPTY.as_message()], Provenance(EMPTY.outcome)
        metadata = {"channel": channel, "client": sender.client, "message": str(message_id)}
        if said.button is not None:
            metadata["button"] = said.button
        try:
            messages = await self._ask_until_answered(conversation_id, said.text, metadata, sender)
        except EngineUnavailable as error:
            if sender.may_wait:
                raise
            logger.error("the engine did not answer: %s", error)
            failed = self._buttons.offered(conversation_id, [ENGINE_FAILED.as_message()])
            return failed, Provenance(Outcome.FAILED_ENGINE)
        told = (how for message in messages if (how := Provenance.of(message)))
        replies: list[dict[str, Any]] = [
            {key: message[key] for key in ("text", "buttons", "custom") if key in message} for message in messages
        ]
        return replies, next(told, Provenance(Outcome.NOTHING_FOUND))

    async def _ask_until_answered(
        self, conversation_id: str, text: str, metadata: dict[str, str], sender: Sender
    ) -> list[dict[str, Any]]:
        """The engine's messages. Raises EngineUnavailable: the sender does not wait, or has waited for too long."""
        began = asyncio.get_running_loop().time()
        with self._holding(conversation_id) as hold:
            for attempt in count(1):
                try:
                    messages = await self._ask_in_turn(conversation_id, text, metadata, sender)
                except EngineUnavailable:
                    self._metrics.errors.labels("engine").inc()
                    hold()
                    if attempt == 1:
                        await self._trouble.meet(Kind.ENGINE)
                    waited = asyncio.get_running_loop().time() - began
                    if sender.may_wait or not sender.is_held or waited > GIVEN_UP_AFTER_SECONDS:
                        raise
                else:
                    if not _apologises(messages):
                        await self._trouble.end()
                        return messages
                    self._metrics.errors.labels("actions").inc()
                    if attempt == 1:
                        await self._trouble.meet(Kind.ACTIONS)
                    if attempt >= TRIES_OF_ACTIONS:
                        return messages
                await asyncio.sleep(pause(attempt, FIRST_PAUSE, LONGEST_PAUSE).total_seconds())
        raise AssertionError("unreachable")

    async def _ask_in_turn(
        self, conversation_id: str, text: str, metadata: dict[str, str], sender: Sender
    ) -> list[dict[str, Any]]:
        """The engine's messages. Raises EngineUnavailable."""
        async with AsyncExitStack() as turn:
            with self._metrics.stage(Stage.WAIT):
                await turn.enter_async_context(self._line.turn(sender.client, sender.on_place))
            with self._metrics.stage(Stage.ASK):
                answer = await self._engine.ask(conversation_id, text, metadata)
        if answer.seconds:
            in_actions = answer.seconds.get("actions", 0.0)
            self._metrics.stages.labels(Stage.ACTIONS).observe(in_actions)
            self._metrics.stages.labels(Stage.ENGINE).observe(answer.seconds.get("engine", in_actions) - in_actions)
        return answer.messages

    @contextmanager
    def _holding(self, conversation_id: str) -> Iterator[Callable[[], None]]:
        """Yields a function; once it is called, the conversation counts as held until the block ends."""
        held: list[str] = []

        def hold() -> None:
            if not held:
                held.append(conversation_id)
                self._held[conversation_id] += 1

        try:
            yield hold
        finally:
            self._held.subtract(held)
            self._held += Counter()  # removes the zeros

    async def _once_there(self, sender: Sender, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`once_there`, if this sender is held. One without a number might be stored twice."""
        is_held = sender.is_held and not sender.may_wait and sender.client_id is not None
        return await once_there(GIVEN_UP_AFTER_SECONDS if is_held else 0.0, work, *args, **kwargs)

    @asynccontextmanager
    async def _told_when_late(
        self, conversation_id: str, tell: Callable[[list[dict[str, Any]]], Awaitable[None]] | None
    ) -> AsyncIterator[asyncio.Event]:
        """Yields an event, to be set when the question is stored: what is told says whether it is."""
        noted = asyncio.Event()

        async def tell_later() -> None:
            late_at = asyncio.get_running_loop().time() + HELD_AFTER_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(noted.wait(), NOTED_WITHIN_SECONDS)
            await asyncio.sleep(late_at - asyncio.get_running_loop().time())
            if tell is not None:
                reply = HELD if noted.is_set() else NOT_NOTED
                await tell(self._buttons.offered(conversation_id, [reply.as_message()]))

        telling = asyncio.create_task(tell_later())
        try:
            yield noted
        finally:
            telling.cancel()

    def _owner_digest(self, sender: Sender) -> str | None:
        return None if sender.owner is None else self._sealer.digest(f"owner {sender.owner}")

    async def _stored(self, conversation_id: str, channel: str, said: Utterance, sender: Sender) -> Message:
        """As `_store`. Raises TooManyMessages: the sender began too many conversations; none is begun."""

        async def store(*, may_begin: bool) -> Message:
            return await self._once_there(
                sender, self._store, conversation_id, channel, said, sender, may_begin=may_begin
            )

        if sender.rate is not None:
            return await store(may_begin=True)
        if not sender.begins:
            with suppress(_NotBegun):
                return await store(may_begin=False)
        await self._check_rate(NEW_CONVERSATIONS, "new", sender.client)
        return await store(may_begin=True)

    def _leave_to_person(self, conversation_id: str, channel: str, said: Utterance, sender: Sender) -> Answered:
        """Hands over to a person without the engine, since the citizen does not want to wait for it.

        Raises NotYours.
        """
        now = utcnow()
        with self._database.transaction() as session:
            conversation = conversations.open_conversation(session, conversation_id, channel, now)
            self._check_owner(conversation, sender)
            unanswered = [one for one in conversations.history(session, conversation_id) if one.outcome is None]
            message = conversations.store_message(
                session, conversation, said.text, now, sender.client_id, is_pressed=said.button is not None
            )
            if message.outcome is None:
                reply = hand_over(session, conversation, unanswered[-1] if unanswered else message, now)
                offered = self._buttons.offered(conversation_id, [reply.as_message()])
                conversations.store_answer(session, message.id, offered, Provenance(reply.outcome), now)
            return Answered(message.id, message.replies)

    def _store(
        self, conversation_id: str, channel: str, said: Utterance, sender: Sender, *, may_begin: bool
    ) -> Message:
        """Stores the message before it is answered. If a person has taken over, it is for them and not for the bot.

        Raises:
            NotYours
            _NotBegun: there is no such conversation yet, and it may not begin.
        """
        now = utcnow()
        with self._database.transaction() as session:
            conversation = (
                conversations.open_conversation(session, conversation_id, channel, now, self._owner_digest(sender))
                if may_begin
                else conversations.locked_conversation(session, conversation_id)
            )
            if conversation is None:
                raise _NotBegun
            self._check_owner(conversation, sender)
            message = conversations.store_message(
                session, conversation, said.text, now, sender.client_id, is_pressed=said.button is not None
            )
            if conversation.held_case_id is not None and message.outcome is None:
                conversations.store_answer(session, message.id, [], Provenance(Outcome.WITH_PERSON), now)
                tell_of_words(session, conversation_id, now)
            elif message.outcome is None:
                answer_if_off(session, message, conversation, now)
            return message

    def _check_owner(self, conversation: Conversation, sender: Sender) -> None:
        """Raises NotYours."""
        if conversation.owner_digest != self._owner_digest(sender):
            raise NotYours

    def _store_answer(
        self, conversation_id: str, message_id: int, replies: list[dict[str, Any]], how: Provenance
    ) -> Message:
        """Stores the answer. If a person has taken over meanwhile, the bot's replies are discarded."""
        now = utcnow()
        with self._database.transaction() as session:
            # Kept until the end, since the session forgets what nobody refers to, and `store_answer` changes it.
            conversation = conversations.locked_conversation(session, conversation_id)
            recent = conversations.history(session, conversation_id, newest=RECENT)
            message = session.get_one(Message, message_id)
            if message.outcome is not None:
                return message  # by an earlier try
            if conversation is not None and conversation.held_case_id is not None:
                replies, how = [], replace(how, outcome=Outcome.WITH_PERSON)
                tell_of_words(session, conversation_id, now)
            message = conversations.store_answer(session, message_id, replies, how, now)
            open_cases_after(session, message, recent, now)
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


CHAT = web.AppKey("chat", Chat)


def _apologises(messages: list[dict[str, Any]]) -> bool:
    """Whether the messages only say that an action failed, and so are no answer."""
    found = map(Provenance.of, messages)
    return any(how is not None and how.outcome == Outcome.FAILED_ACTIONS for how in found)


def clean(text: object) -> str:
    """`text` with control characters replaced by spaces, and without spaces at both ends.

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
