"""Rasa's SQL tracker store with sealed events. Our settings say where it is, so `rasa shell` needs no variables."""

from __future__ import annotations

import copy
import json
from typing import Any, Dict, Iterator, List, Optional, Text

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session, declarative_base

from bot.conversations.outcomes import Outcome
from bot.language.masking import ANSWER_MARKS, mask, without_query_codes
from bot.sealing import is_sealed, own_sealer
from bot.settings import Settings

# Slots with the raw answer to a form, before its validation has stored it elsewhere.
_ANSWER_SLOTS = ("filing_answer", "contact_answer", "case_answer", "errand_answer")


class SealedText(sa.TypeDecorator):
    """Text that is sealed when written and opened when read, so that no file and no backup shows it.

    Events that an older version stored in clear are read as they are.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Optional[Text], dialect: Any) -> Optional[Text]:
        return value and own_sealer().seal(value)

    def process_result_value(self, value: Optional[Text], dialect: Any) -> Optional[Text]:
        return own_sealer().open(value) if is_sealed(value) else value


class TrackerStore(SQLTrackerStore):
    """SQLite beside the assistant's database, or the table `events` in the PostgreSQL database of `DATABASE_URL`.

    Events are sealed as a whole. Before that, whatever names a person or proves an identity is removed as far as it is
    recognised; the next turn does not need it.
    """

    Base = declarative_base()

    class SQLEvent(Base):  # type: ignore[misc, valid-type]
        """Rasa's own table, its `data` sealed."""

        __tablename__ = "events"

        id = sa.Column(sa.Integer, sa.Sequence("events_seq", optional=True), primary_key=True)
        sender_id = sa.Column(sa.String(255), nullable=False, index=True)
        type_name = sa.Column(sa.String(255), nullable=False)
        timestamp = sa.Column(sa.Float)
        intent_name = sa.Column(sa.String(255))
        action_name = sa.Column(sa.String(255))
        data = sa.Column(SealedText)

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        kwargs["host"] = tracker_url(Settings.from_environment())
        super().__init__(domain=domain, event_broker=event_broker, **kwargs)

    def forget_message(self, sender_id: Text, message_id: Text) -> None:
        """If this is the conversation's last message, deletes it and all events that followed from it.

        Rasa's `UserUtteranceReverted` is not used: it would take a form back to its beginning, since a tracker leaves
        out earlier messages of a form when it applies its events.
        """
        mine = _events.c.sender_id == sender_id
        said = sa.select(_events.c.id, _events.c.data).where(mine, _events.c.type_name == UserUttered.type_name)
        with self.session_scope() as session:
            last = session.execute(said.order_by(_events.c.id.desc()).limit(1)).first()
            if last is not None and json.loads(last.data).get("message_id") == message_id:
                session.execute(sa.delete(_events).where(mine, _events.c.id >= last.id))
                session.commit()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Adds the new events in one statement. Rasa's own method passes each event through the unit of work, and
        commits even if nothing is new."""
        await self.stream_events(tracker)
        with self.session_scope() as session:
            rows = [_row(tracker.sender_id, event) for event in self._additional_events(session, tracker)]
            if rows:
                session.execute(sa.insert(_events), rows)
                session.commit()

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Event]:
        stored: int = session.execute(_STORED, {"sender": tracker.sender_id}).scalar_one()
        awaits = None
        for place, event in enumerate(tracker.events):
            if place >= stored:
                yield without_personal_data(event, awaits)
            if isinstance(event, BotUttered):
                awaits = _turn_of(event).get("awaits")


_events: sa.Table = TrackerStore.SQLEvent.__table__
_mine = _events.c.sender_id == sa.bindparam("sender")
_started = sa.select(sa.func.max(_events.c.timestamp)).where(_mine, _events.c.type_name == SessionStarted.type_name)
# The number of stored events of a conversation since its session began, or of all events if no session ever began.
_STORED = sa.select(sa.func.count()).where(
    _mine, sa.func.coalesce(_events.c.timestamp, 0) >= sa.func.coalesce(_started.scalar_subquery(), 0)
)


def _row(sender_id: Text, event: Event) -> Dict[Text, Any]:
    """The columns that Rasa's own store fills."""
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def without_personal_data(event: Event, awaits: Optional[Text]) -> Event:
    """The event as it may be stored. `awaits`: the step of a form that the citizen was asked for just before."""
    if isinstance(event, SlotSet) and event.value:
        is_bare_code = event.key == "query_code" and not is_sealed(event.value)
        if event.key in _ANSWER_SLOTS or is_bare_code:
            return SlotSet(event.key, None, event.timestamp, event.metadata)
    if isinstance(event, BotUttered) and _turn_of(event).get("outcome") == Outcome.FILED.value:
        return _with_text(event, without_query_codes(event.text or ""))
    if isinstance(event, UserUttered) and event.text:
        return _as_understood(event, ANSWER_MARKS[awaits] if awaits in ANSWER_MARKS else mask(event.text))
    return event


def _as_understood(event: UserUttered, text: Text) -> UserUttered:
    """The event with `text` in place of what was typed, and without entities that hold an unsealed query code."""
    kept = _with_text(event, text)
    kept.entities = _kept_entities(event.entities)
    kept.parse_data = {**event.parse_data, "text": text, "entities": kept.entities}
    return kept


def _kept_entities(entities: List[Dict[Text, Any]]) -> List[Dict[Text, Any]]:
    """The entities without unsealed query codes, which come from a typed payload. The others do not name a person."""
    return [one for one in entities if one.get("entity") != "query_code" or is_sealed(one.get("value"))]


def _with_text(event: Any, text: Text) -> Any:
    kept = copy.copy(event)
    kept.text = text
    return kept


def _turn_of(event: BotUttered) -> dict[Text, Any]:
    turn: dict[Text, Any] = (event.metadata or {}).get("turn") or {}
    return turn


def tracker_url(settings: Settings) -> Text:
    """A SQLAlchemy 1.4 URL. SQLite gets a file of its own: two programs that write one file wait for each other."""
    if settings.database_url.startswith("sqlite"):
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{settings.trackers_path}"
    return "postgresql+psycopg2://" + settings.database_url.split("://", 1)[1]
