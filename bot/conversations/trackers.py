"""Access to Rasa's tracker store from outside the engine. The engine seals its content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Engine, Float, Integer, MetaData, String, Table, Text, inspect

from bot.db import make_engine
from bot.settings import Settings

# The columns of `rasa.core.tracker_store.SQLTrackerStore` that are used here.
EVENTS = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255)),
    Column("timestamp", Float),
    Column("data", Text),
)


@contextmanager
def trackers(settings: Settings) -> Iterator[Engine | None]:
    """The database with the tracker store; None if it has no conversations yet."""
    in_a_file = settings.database_url.startswith("sqlite")
    if in_a_file and not settings.trackers_path.exists():
        yield None
        return
    engine = make_engine(f"sqlite:///{settings.trackers_path}" if in_a_file else settings.database_url)
    try:
        yield engine if inspect(engine).has_table(EVENTS.name) else None
    finally:
        engine.dispose()
