"""Connections to PostgreSQL that wait for an answer only so long.

A server whose machine has hung, or is cut off, sends nothing more, and neither TCP nor libpq notices for minutes. Each
wait would hold one of the few threads that ask the database.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

CONNECTS_WITHIN_SECONDS = 5
# Far longer than any statement of a page takes.
ANSWERS_WITHIN_SECONDS = 15.0
# The server ends a transaction that says nothing for so long: its client may be gone, and its locks hold others up.
SILENT_TRANSACTION_SECONDS = 30

T = TypeVar("T")


class PunctualConnection(psycopg.Connection[Any]):
    """Is closed by a wait of more than `ANSWERS_WITHIN_SECONDS`, which raises OperationalError."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, timeout or ANSWERS_WITHIN_SECONDS)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise


def connected(**parameters: Any) -> PunctualConnection:
    """`parameters`: as of `psycopg.connect`."""
    opened = PunctualConnection.connect(**{"connect_timeout": CONNECTS_WITHIN_SECONDS, **parameters})
    opened.autocommit = True
    # Not among the options of the connection, which a pooler refuses.
    opened.execute(f"SET idle_in_transaction_session_timeout = '{SILENT_TRANSACTION_SECONDS}s'")
    opened.autocommit = False
    return opened
