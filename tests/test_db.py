"""Work that can be done next time is skipped while another process holds its lock."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import Database, locked
from bot.disclosures.models import ReceiptCounter


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
