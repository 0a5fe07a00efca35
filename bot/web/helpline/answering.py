"""Answers what was kept: the oldest text of a citizen, on the same road as a message at the portal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from bot.db import Database, utcnow
from bot.helpline import answers, inbox, leases
from bot.helpline.answers import Question
from bot.helpline.models import Inbound, Subscriber
from bot.replies import helpline as wording
from bot.sealing import Sealer
from bot.web.chat import MAX_TEXT_CHARACTERS, BadMessage, Chat
from bot.web.live import QUEUE, Live

logger = logging.getLogger(__name__)

_LEASE = Subscriber.answering_until


class Answering:
    """`on_answered` is told the inbound text's id when its answer is in the outbox."""

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
        inbound_id, question = taken
        try:
            if question is not None:
                await self._ask(inbound_id, question)
        except Exception:
            logger.exception("inbound text %d is not answered yet", inbound_id)
            await asyncio.to_thread(self._put_off, inbound_id)
        else:
            await self._on_answered(inbound_id)

    async def _ask(self, inbound_id: int, question: Question) -> None:
        try:
            answered = await self._chat.answer(
                question.conversation_id, question.channel, question.text, question.client, question.number
            )
        except BadMessage:
            await asyncio.to_thread(self._refuse, inbound_id)
            await self._live.changed(question.conversation_id, QUEUE)
        else:
            await asyncio.to_thread(self._give, inbound_id, answered.messages)

    def _take(self, subscriber_id: int) -> tuple[int, Question | None] | None:
        """None if another process was faster. With a question, the citizen is ours until it is answered."""
        now = utcnow()
        with self._database.transaction() as session:
            if not leases.take(session, _LEASE, subscriber_id, now):
                return None
            inbound = inbox.oldest_waiting(session, subscriber_id)
            question = answers.take_up(session, self._sealer, inbound, now) if inbound else None
            if question is None:
                leases.give_back(session, _LEASE, subscriber_id)
            return (inbound.id, question) if inbound else None

    def _give(self, inbound_id: int, replies: Sequence[Mapping[str, Any]]) -> None:
        with self._database.transaction() as session:
            inbound = session.get_one(Inbound, inbound_id)
            answers.give_answer(session, inbound, replies, self._short_link, utcnow())
            leases.give_back(session, _LEASE, inbound.subscriber_id)

    def _refuse(self, inbound_id: int) -> None:
        with self._database.transaction() as session:
            inbound = session.get_one(Inbound, inbound_id)
            answers.refuse(session, inbound, self._sealer, wording.too_long(MAX_TEXT_CHARACTERS), utcnow())
            leases.give_back(session, _LEASE, inbound.subscriber_id)

    def _put_off(self, inbound_id: int) -> None:
        with self._database.transaction() as session:
            inbound = session.get_one(Inbound, inbound_id)
            inbox.put_off(inbound, utcnow())
            leases.give_back(session, _LEASE, inbound.subscriber_id)
