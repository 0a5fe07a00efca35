"""Records in the trainings whether a model that should go live did so, and ends them with the assistant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from bot.db import Database, utcnow
from bot.running.live_model import LiveModel
from bot.settings import Settings
from bot.training import service


class SwapsOfTrainings:
    """Fulfils `bot.running.live_engine.SwapRecords`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def went_live(self, model: str) -> None:
        with self._transaction() as session:
            service.went_live(session, model, utcnow())

    def never_answered(self, model: str, still: LiveModel) -> None:
        with self._transaction() as session:
            service.never_answered(session, self._settings, model, still, utcnow())

    def stop_training(self) -> None:
        """Ends the training that the console started, since the assistant ends."""
        database = Database(self._settings.database_url)
        try:
            service.stop_with_assistant(database, self._settings, utcnow())
        finally:
            database.close()

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        # Swaps are rare, so no connection is kept open between them.
        database = Database(self._settings.database_url)
        try:
            with database.transaction() as session:
                yield session
        finally:
            database.close()
