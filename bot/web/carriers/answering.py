"""Answers stored texts: the oldest one of each citizen, by the same `Chat` as messages of the portal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.db import Database, utcnow
from bot.helpline import answers, inbox, leases
from bot.helpline.answers import TextQuestion
from bot.helpline.models import Inbound, Subscriber
from bot.replies import helpline as wording
from bot.sealing import SealBroken, Sealer
from bot.web.carriers.held_lease import HeldLease
from bot.web.chat import MAX_TEXT_CHARACTERS, Answered, BadMessage, Chat, Sender, TooLong
from bot.web.engine_client import EngineUnavailable
from bot.web.live import QUEUE, Live

logger = logging.getLogger(__name__)

_LEASE = Subscriber.answering_until


@dataclass(frozen=True)
class _Taken:
    """A text taken from the inbox. `question`: what to ask the bot; None if the bot is not needed."""

    lease: HeldLease
    inbound_id: int
    question: TextQuestion | None


class TextAnswering:
    """`on_answered` is called with the inbound text's id when its answer is in the outbox."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        chat: Chat,
        live: Live,
        short_link: str | None,
        on_answered: Callable[[int], Awaitable[None]],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._chat = chat
        self._live = live
        self._short_link = short_link
        self._on_answered = on_answered

    def find(self, but: Collection[int]) -> list[int]:
        with self._database.transaction() as session:
            return inbox.subscribers_to_answer(session, utcnow(), but)

    async def answer_next_of(self, subscriber_id: int) -> None:
        taken = await asyncio.to_thread(self._take, subscriber_id)
        if taken is None:
            return
        try:
            if taken.question is not None:
                await self._ask(taken, taken.question)
        except EngineUnavailable as error:
            logger.warning("inbound text %d waits for the engine: %s", taken.inbound_id, error)
            await asyncio.to_thread(self._end, taken, _put_off)
        except Exception:
            logger.exception("inbound text %d is not answered yet", taken.inbound_id)
            await asyncio.to_thread(self._end, taken, _put_off)
        else:
            await self._on_answered(taken.inbound_id)

    async def _ask(self, taken: _Taken, question: TextQuestion) -> None:
        try:
            async with taken.lease:
                answered = await self._answer(question)
        except BadMessage as error:
            why = wording.too_long(MAX_TEXT_CHARACTERS) if isinstance(error, TooLong) else f"抱歉，{error}。"
            await asyncio.to_thread(self._end, taken, partial(self._refuse, why))
            await self._live.changed(question.conversation_id, QUEUE)
        else:
            await asyncio.to_thread(self._end, taken, partial(self._give, answered.messages))

    async def _answer(self, question: TextQuestion) -> Answered:
        """Asks the bot. `is_held=False`, since the text itself waits in the inbox if the engine does not answer."""
        sender = Sender(question.client, question.number, may_wait=question.may_wait, is_held=False)
        if question.button is not None:
            return await self._chat.press(question.conversation_id, question.channel, question.button, sender)
        return await self._chat.answer(question.conversation_id, question.channel, question.text, sender)

    def _take(self, subscriber_id: int) -> _Taken | None:
        """None if another process was faster. If there is a question, the lease is kept until it is answered."""
        now = utcnow()
        with self._database.transaction() as session:
            until = leases.take(session, _LEASE, subscriber_id, now)
            if until is None:
                return None
            inbound = inbox.oldest_waiting(session, subscriber_id)
            question = self._take_up(session, inbound, now) if inbound else None
            if question is None:
                leases.give_back(session, _LEASE, subscriber_id, until)
            lease = HeldLease(self._database, _LEASE, subscriber_id, until)
            return _Taken(lease, inbound.id, question) if inbound else None

    def _take_up(self, session: Session, inbound: Inbound, now: datetime) -> TextQuestion | None:
        try:
            return answers.take_up(session, self._sealer, inbound, now)
        except SealBroken:
            logger.error("inbound text %d was sealed with another IDENTITY_KEY", inbound.id)
            inbox.give_up(inbound)
            return None

    def _end(self, taken: _Taken, end: Callable[[Session, Inbound], None]) -> None:
        """Calls `end`, unless the lease ran out and another process took the text up; then that process ends it."""
        with self._database.transaction() as session:
            if leases.give_back(session, _LEASE, taken.lease.subscriber_id, taken.lease.until):
                end(session, session.get_one(Inbound, taken.inbound_id))

    def _give(self, replies: Sequence[Mapping[str, Any]], session: Session, inbound: Inbound) -> None:
        answers.give_answer(session, inbound, replies, self._short_link, utcnow())

    def _refuse(self, why: str, session: Session, inbound: Inbound) -> None:
        answers.refuse(session, inbound, self._sealer, why, utcnow())


def _put_off(_: Session, inbound: Inbound) -> None:
    inbox.put_off(inbound, utcnow())
