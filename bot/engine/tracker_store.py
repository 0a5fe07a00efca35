"""Rasa's own SQL tracker store, opened where our settings say, so that stock `rasa shell` needs no variables."""

from typing import Any, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain

from bot.settings import Settings


class TrackerStore(SQLTrackerStore):
    """SQLite beside the assistant's database, or the tables `events` in the PostgreSQL database of `DATABASE_URL`."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        kwargs["host"] = tracker_url(Settings.from_environment())
        super().__init__(domain=domain, event_broker=event_broker, **kwargs)


def tracker_url(settings: Settings) -> Text:
    """A SQLAlchemy 1.4 URL. SQLite gets a file of its own: two programs that write one file wait for each other."""
    if settings.database_url.startswith("sqlite"):
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{settings.var_dir / 'trackers.db'}"
    return "postgresql+psycopg2://" + settings.database_url.split("://", 1)[1]
