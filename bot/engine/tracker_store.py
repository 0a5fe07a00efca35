"""Rasa's own SQL tracker store, opened where our settings say, so that stock `rasa shell` needs no variables."""

from __future__ import annotations

import copy
import json
from typing import Any, Iterator, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

from bot.conversations.masking import ANSWER_MARKS, without_query_codes, without_secrets
from bot.conversations.outcomes import Outcome
from bot.settings import Settings

# What a form was answered, before its validation has put it where it belongs.
_ANSWER_SLOTS = ("filing_answer", "contact_answer")


class TrackerStore(SQLTrackerStore):
    """SQLite beside the assistant's database, or the tables `events` in the PostgreSQL database of `DATABASE_URL`.

    What proves or names a person is gone from an event before it is written.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        kwargs["host"] = tracker_url(Settings.from_environment())
        super().__init__(domain=domain, event_broker=event_broker, **kwargs)

    def forget_message(self, sender_id: Text, message_id: Text) -> None:
        """If that is the conversation's last message, it and all that came of it are gone as if it had never come.

        Events are deleted: Rasa's `UserUtteranceReverted` takes a form back to where it began, since a tracker at work
        leaves out what was said in a form before.
        """
        with self.session_scope() as session:
            mine = session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id)
            last = (
                mine.filter(self.SQLEvent.type_name == UserUttered.type_name).order_by(self.SQLEvent.id.desc()).first()
            )
            if last is not None and json.loads(last.data).get("message_id") == message_id:
                mine.filter(self.SQLEvent.id >= last.id).delete(synchronize_session=False)
                session.commit()

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Event]:
        new = list(super()._additional_events(session, tracker))
        awaits = None
        for place, event in enumerate(tracker.events):
            if place >= len(tracker.events) - len(new):
                yield without_personal_data(event, awaits)
            if isinstance(event, BotUttered):
                awaits = _turn_of(event).get("awaits")


def without_personal_data(event: Event, awaits: Optional[Text]) -> Event:
    """The event as it may be kept; `awaits` is the step of a form that the citizen was asked for before it."""
    if isinstance(event, SlotSet) and event.key in _ANSWER_SLOTS and event.value:
        return SlotSet(event.key, None, event.timestamp, event.metadata)
    if isinstance(event, BotUttered) and _turn_of(event).get("outcome") == Outcome.FILED.value:
        return _with_text(event, without_query_codes(event.text or ""))
    if isinstance(event, UserUttered) and event.text:
        kept = ANSWER_MARKS[awaits] if awaits in ANSWER_MARKS else without_secrets(event.text)
        if kept != event.text:
            return _with_text(event, kept)
    return event


def _with_text(event: Event, text: Text) -> Event:
    kept = copy.copy(event)
    kept.text = text
    if isinstance(kept, UserUttered):
        # The entities of a whole message say which item, not who.
        kept.parse_data = {**kept.parse_data, "text": text}
    return kept


def _turn_of(event: BotUttered) -> dict[Text, Any]:
    turn: dict[Text, Any] = (event.metadata or {}).get("turn") or {}
    return turn


def tracker_url(settings: Settings) -> Text:
    """A SQLAlchemy 1.4 URL. SQLite gets a file of its own: two programs that write one file wait for each other."""
    if settings.database_url.startswith("sqlite"):
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{settings.var_dir / 'trackers.db'}"
    return "postgresql+psycopg2://" + settings.database_url.split("://", 1)[1]
