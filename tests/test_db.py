"""Work that can be done next time is skipped while another process holds its lock."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.db import Database, is_away, locked
from bot.disclosures.models import ReceiptCounter
from tests.databases import set_up


def count_up(session: Session) -> None:
    session.get_one(ReceiptCounter, 2026).next_serial += 1


def next_serial(database: Database) -> int:
    with database.transaction() as session:
        return session.scalars(select(ReceiptCounter.next_serial)).one()


def test_what_may_wait_is_left_while_somebody_holds_its_lock_and_done_after_it(database: Database) -> None:
    with database.transaction() as session:
        session.add(ReceiptCounter(year=2026, next_serial=1))
    with database.transaction() as session:
        locked(session, ReceiptCounter, 2026)
        assert not database.attempt(count_up)
    assert next_serial(database) == 1
    assert database.attempt(count_up)
    assert next_serial(database) == 2


def test_a_connection_that_can_only_read_is_not_used_again(tmp_path: Path) -> None:
    """As one that was opened while the disk could not be written."""
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    set_up(database)

    def count_first(session: Session) -> None:
        session.add(ReceiptCounter(year=2026, next_serial=1))

    def count_while_only_reading(session: Session) -> None:
        session.execute(text("PRAGMA query_only = ON"))
        count_first(session)

    with pytest.raises(DBAPIError) as raised:
        database.run(count_while_only_reading)
    assert is_away(raised.value)
    database.run(count_first)
    assert next_serial(database) == 1
    database.close()
