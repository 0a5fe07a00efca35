"""How long the engine waits for PostgreSQL, as `bot/punctual_connection.py` says it for the other processes."""

import select
import time
from typing import Any

import psycopg2
import sqlalchemy as sa
from psycopg2 import extensions

ANSWERS_WITHIN_SECONDS = 10.0
SILENT_TRANSACTION_SECONDS = 30
_WAITS_FOR = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}


def wait_for_postgresql_in_time() -> None:
    """Makes each connection of psycopg2 in this process wait only so long, to connect too; then it is closed."""
    extensions.set_wait_callback(_wait)
    sa.event.listen(sa.engine.Engine, "connect", _end_silent_transactions)


def _wait(connection: Any) -> None:
    """Raises psycopg2.OperationalError."""
    until = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while (state := connection.poll()) != extensions.POLL_OK:
        ready = select.poll()
        ready.register(connection.fileno(), _WAITS_FOR[state])
        if not ready.poll(max(0.0, until - time.monotonic()) * 1000):
            raise psycopg2.OperationalError("PostgreSQL does not answer")


def _end_silent_transactions(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{SILENT_TRANSACTION_SECONDS}s'")
    connection.commit()
