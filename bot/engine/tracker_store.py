"""Rasa's SQL tracker store with sealed events. Our settings say where it is, so `rasa shell` needs no variables."""

from __future__ import annotations

import asyncio
import copy
import json
import sqlite3
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Dict, Iterator, List, Optional, Sequence, Text

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, declarative_base, sessionmaker
from sqlalchemy.pool import QueuePool

from bot.conversations.outcomes import Outcome
from bot.engine.postgresql import wait_for_postgresql_in_time
from bot.language.masking import ANSWER_MARKS, mask, without_query_codes
from bot.sealing import is_sealed, own_sealer
from bot.settings import Settings

# So many events of a session are read for a message. A turn has about ten.
NEWEST_EVENTS = 100

# Slots with the raw answer to a form, before its validation has stored it elsewhere.
_ANSWER_SLOTS = ("filing_answer", "contact_answer", "case_answer", "errand_answer")

# The id of the message to be handled next by this task, until the conversation is read for it.
_EXPECTED: ContextVar[Optional[Text]] = ContextVar("expected", default=None)


def expect(message_id: Text) -> None:
    """If the conversation that this task reads next ends with this message, an earlier try of it is undone."""
    _EXPECTED.set(message_id)


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
        kwargs["host"] = url = tracker_url(Settings.from_environment())
        if url.startswith("postgresql"):
            wait_for_postgresql_in_time()
        super().__init__(domain=domain, event_broker=event_broker, **kwargs)
        if self.engine.dialect.name == "sqlite":
            # Rasa opens the file anew for each statement.
            self.engine = sa.create_engine(
                self.engine.url, poolclass=QueuePool, connect_args={"check_same_thread": False}
            )
            sa.event.listen(self.engine, "connect", _as_the_assistants)
            self.sessionmaker = sessionmaker(bind=self.engine)

    @contextmanager
    def session_scope(self) -> Iterator[Session]:
        """Rasa's own ends the process at any `ValueError`, as of a sender with characters that no database can keep."""
        with self.sessionmaker() as session:
            yield session

    async def _retrieve(self, sender_id: Text, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        """Rasa's own method, without objects for the rows, and with at most `NEWEST_EVENTS` of a session.

        So a message in a long conversation costs no more than in a short one. Slots and the open form may have been set
        by earlier events; the last of these for each slot and for the form are read too.
        """
        expected = _EXPECTED.get()
        _EXPECTED.set(None)
        events = await asyncio.to_thread(self._read, sender_id, fetch_events_from_all_sessions, expected)
        if not events or not self.domain:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        tracker.stored = len(tracker.events)
        return tracker

    def _read(self, sender_id: Text, from_all_sessions: bool, expected: Optional[Text]) -> List[Dict[Text, Any]]:
        """In a thread, since the engine does nothing else while the database is waited for."""
        with self.session_scope() as session:
            sender = {"sender": sender_id}
            if from_all_sessions:
                rows = session.execute(_ALL, sender).all()
            else:
                newest = session.execute(_NEWEST, sender).all()[::-1]
                rows = _of_session(newest)
                if len(rows) == NEWEST_EVENTS:
                    rows = _whole_turns(rows)
                    rows = [*session.execute(_STATE_BEFORE, {**sender, "first": rows[0].id}), *rows]
            events = [json.loads(row.data) for row in rows]
            first_undone = _earlier_try(events, expected)
            if first_undone is not None:
                session.execute(sa.delete(_events).where(_mine, _events.c.id >= rows[first_undone].id), sender)
                session.commit()
        return events[:first_undone]

    def init_tracker(self, sender_id: Text) -> DialogueStateTracker:
        tracker = super().init_tracker(sender_id)
        tracker.stored = 0
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Adds the new events in one statement. Rasa's own method passes each event through the unit of work, and
        commits even if nothing is new.

        Rasa stops a turn after ten actions and does not add the `action_listen` that ends it. It would count these
        ten again with the next message, and not answer it. So this method adds the missing `action_listen`.
        """
        if tracker.latest_action_name not in (None, ACTION_LISTEN_NAME):
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        await self.stream_events(tracker)
        rows = [_row(tracker.sender_id, event) for event in self._new_events(tracker)]
        if rows:
            await asyncio.to_thread(self._write, rows)
            tracker.stored = len(tracker.events)

    def _write(self, rows: List[Dict[Text, Any]]) -> None:
        with self.session_scope() as session:
            session.execute(sa.insert(_events), rows)
            session.commit()

    def _new_events(self, tracker: DialogueStateTracker) -> Iterator[Event]:
        """Those that are not stored yet, without personal data. `tracker.stored`: how many are, set by this store."""
        stored: int = getattr(tracker, "stored", 0)
        awaits = None
        for place, event in enumerate(tracker.events):
            if place >= stored:
                yield without_personal_data(event, awaits)
            if isinstance(event, BotUttered):
                awaits = _turn_of(event).get("awaits")


def _as_the_assistants(connection: sqlite3.Connection, _: Any) -> None:
    """As `bot.db.make_engine`, which this environment cannot load: a message does not wait for the disk."""
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


_events: sa.Table = TrackerStore.SQLEvent.__table__
_mine = _events.c.sender_id == sa.bindparam("sender")
_row_of_event = sa.select(_events.c.id, _events.c.type_name, _events.c.data)
_ALL = _row_of_event.where(_mine).order_by(_events.c.id)
_NEWEST = _row_of_event.where(_mine).order_by(_events.c.id.desc()).limit(NEWEST_EVENTS)
# Of the session's events before `first`: for each slot the last that set it, and the last that opened or closed a form.
_session_began = (
    sa.select(sa.func.coalesce(sa.func.max(_events.c.id), 0))
    .where(_mine, _events.c.type_name == SessionStarted.type_name)
    .scalar_subquery()
)
_last_of_each = (
    sa.select(sa.func.max(_events.c.id))
    .where(
        _mine,
        _events.c.id < sa.bindparam("first"),
        _events.c.id > _session_began,
        _events.c.type_name.in_((SlotSet.type_name, ActiveLoop.type_name)),
    )
    .group_by(sa.case((_events.c.type_name == SlotSet.type_name, _events.c.action_name), else_=""))
)
_STATE_BEFORE = _row_of_event.where(_events.c.id.in_(_last_of_each)).order_by(_events.c.id)


def _of_session(rows: Sequence[sa.engine.Row]) -> Sequence[sa.engine.Row]:
    """The rows since the last session began; all of them if it began earlier, or never."""
    began = [place for place, row in enumerate(rows) if row.type_name == SessionStarted.type_name]
    return rows[began[-1] :] if began else rows


def _whole_turns(rows: Sequence[sa.engine.Row]) -> Sequence[sa.engine.Row]:
    """The rows without the end of a turn at their beginning; all of them if they belong to one turn."""
    first = next((place for place, row in enumerate(rows) if row.type_name == UserUttered.type_name), 0)
    return rows[first:]


def _earlier_try(events: List[Dict[Text, Any]], message_id: Optional[Text]) -> Optional[int]:
    """The place of the last message, if it has this id: it and all that followed from it are to be undone.

    Rasa's `UserUtteranceReverted` is not used: it would take a form back to its beginning, since a tracker leaves out
    earlier messages of a form when it applies its events.
    """
    if message_id is None:
        return None
    said = [place for place, event in enumerate(events) if event.get("event") == UserUttered.type_name]
    return said[-1] if said and events[said[-1]].get("message_id") == message_id else None


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
    url = make_url("postgresql+psycopg2://" + settings.database_url.split("://", 1)[1])
    # For `bot.db`; psycopg2 prepares nothing.
    return url.difference_update_query(["prepared"]).render_as_string(hide_password=False)
