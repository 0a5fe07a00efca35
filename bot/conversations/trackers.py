"""Rasa's own record of the conversations, seen from outside the engine: what lies in it is sealed by the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Engine, Float, Integer, MetaData, String, Table, Text, inspect

from bot.db import make_engine
from bot.settings import Settings

# `rasa.core.tracker_store.SQLTrackerStore`, as far as we read it.
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
    """The database that holds them; None if no conversation was ever kept."""
    in_a_file = settings.database_url.startswith("sqlite")
    if in_a_file and not settings.trackers_path.exists():
        yield None
        return
    engine = make_engine(f"sqlite:///{settings.trackers_path}" if in_a_file else settings.database_url)
    try:
        yield engine if inspect(engine).has_table(EVENTS.name) else None
    finally:
        engine.dispose()
