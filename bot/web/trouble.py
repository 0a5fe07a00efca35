"""What the web process does if the engine does not answer: opens an incident, and a case for a citizen who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.conversations.channels import TEXT_CHANNELS
from bot.conversations.models import Conversation, Message
from bot.db import Database, is_away, utcnow
from bot.incidents import service as incidents
from bot.incidents.service import Kind
from bot.replies.handoff import handed_over
from bot.replies.reply import Reply
from bot.reviews import promises
from bot.reviews.reasons import Reason
from bot.reviews.service import is_on_duty, open_case
from bot.web.live import QUEUE, Live


class Trouble:
    def __init__(self, database: Database, live: Live) -> None:
        self._database = database
        self._live = live
        # Whether an incident may be open. True at first, since another process, or an earlier one, may have opened it.
        self._may_go_on = True

    async def meet(self, kind: Kind) -> None:
        """Notes that a message met this trouble; to be called once for each message. Without the database it does not:
        that is no reason not to answer."""
        self._may_go_on = True
        with _if_the_database_is_there():
            await asyncio.to_thread(self._note, kind)
            await self._live.changed(QUEUE)

    async def end(self) -> None:
        """Ends the incidents; to be called when a message was answered."""
        if self._may_go_on:
            with _if_the_database_is_there():
                is_changed = await asyncio.to_thread(self._note_end)
                self._may_go_on = False
                if is_changed:
                    await self._live.changed(QUEUE)

    def _note(self, kind: Kind) -> None:
        with self._database.transaction() as session:
            incidents.meet(session, kind, utcnow())

    def _note_end(self) -> bool:
        with self._database.transaction() as session:
            return incidents.end(session, utcnow(), *Kind)


@contextmanager
def _if_the_database_is_there() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if not is_away(error):
            raise


def hand_over(session: Session, conversation: Conversation, about: Message, now: datetime) -> Reply:
    """Opens a case for a citizen who does not want to wait for the engine. `about`: the message to be answered."""
    reason = Reason.ASKED_FOR_PERSON
    case = open_case(session, conversation.id, conversation.channel, reason, [], now, question=about.masked_text)
    return handed_over(
        case.number,
        is_on_duty(now),
        promises.in_force().duty_hours,
        catalogue.get_city(session).hotline,
        is_by_text=conversation.channel in TEXT_CHANNELS,
    )
