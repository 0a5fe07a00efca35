"""How much processor time the page of figures takes: a year with all tables, compared, and the bulletin.

    .venv/web/bin/python -m benchmarks.figures --cases 50000

A made database of one year: each case has a conversation of one message, two in three of those with a department have a
work order, half of those that are closed a rating. Seconds of the processor, best of 3.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import insert, text

from bot import migrations
from bot.catalogue.models import Department
from bot.conversations.models import Conversation, Message
from bot.db import Database
from bot.figures.period import Period
from bot.figures.service import Figures, figures
from bot.figures.tables import compared_summary, tables
from bot.reviews.models import Case, Rating, WorkOrder
from bot.staff.models import Person

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
NOW = datetime(2026, 1, 10, 4, tzinfo=UTC)
DEPARTMENTS = [f"D{number:02}" for number in range(30)]
_ROWS_AT_ONCE = 5000


@click.command()
@click.option("--cases", "count", default=50_000, show_default=True)
@click.option("--url", help="An empty database; by default SQLite in a temporary folder.")
def main(count: int, url: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'made.db'}")
        migrations.upgrade(database.engine)
        fill(database, count)
        for title, counts in {"a year": _year, "a year, compared": _compared, "the bulletin": _all}.items():
            click.echo(f"{title:20}{_seconds(database, counts):7.2f} s")
        database.close()


def fill(database: Database, count: int) -> None:
    chance = random.Random(1)  # noqa: S311
    with database.transaction() as session:
        session.add_all(Department(code=code, name=f"{code}局", short_names=[], phone="") for code in DEPARTMENTS)
        session.add(Person(id=1, login="clerk", name="王芳", role="clerk", is_active=True, created_at=YEAR.starts_at))
    for first in range(1, count + 1, _ROWS_AT_ONCE):
        made = [_made(number, count, chance) for number in range(first, min(count + 1, first + _ROWS_AT_ONCE))]
        with database.engine.begin() as writing:
            for table in (Conversation, Message, Case, WorkOrder, Rating):
                writing.execute(insert(table), [rows[table] for rows in made if table in rows])
    with database.engine.begin() as writing:
        writing.execute(text("ANALYZE"))


def _made(number: int, count: int, chance: random.Random) -> dict[type, dict[str, object]]:
    at = YEAR.starts_at + (YEAR.ends_at - YEAR.starts_at) * (number - 1) / count
    ended_at = at + timedelta(minutes=chance.randrange(30, 20_000))
    talk, department = f"c{number}", chance.choice([None, *DEPARTMENTS[:10], *DEPARTMENTS])
    is_closed = ended_at < NOW and chance.random() < 0.97
    rows: dict[type, dict[str, object]] = {
        Conversation: {"id": talk, "channel": "portal", "started_at": at, "last_message_at": at},
        Message: {
            "conversation_id": talk, "received_at": at, "text": "居住证怎么办", "masked_text": "居住证怎么办",
            "outcome": "handed_over", "replies": [], "entities": [{"entity": "item", "value": f"GA-{number % 900:03}"}],
        },
        Case: {
            "id": number, "conversation_id": talk, "channel": "portal", "reasons": ["asked_for_person"],
            "kind": "question", "question": "居住证怎么办", "transcript": [], "searched_text": "", "tags": [],
            "state": "closed" if is_closed else "with_department", "priority": "normal", "department_code": department,
            "opened_at": at, "citizen_waits": not is_closed, "waiting_since": at, "first_reply_at": ended_at,
            "answered_at": ended_at, "closed_at": ended_at if is_closed else None,
            "due_at": None if is_closed else at + timedelta(days=20),
        },
    }  # fmt: skip
    if department and number % 3:
        rows[WorkOrder] = {
            "case_id": number, "department_code": department, "state": "done" if is_closed else "signed",
            "issued_by_id": 1, "issued_at": at, "words": "", "sign_due_at": at + timedelta(days=1),
            "working_days": 5, "due_at": at + timedelta(days=7), "signed_at": at + timedelta(hours=number % 40),
            "finished_at": ended_at if is_closed else None, "ended_at": ended_at if is_closed else None,
        }  # fmt: skip
    if is_closed and number % 2:
        rows[Rating] = {"case_id": number, "stars": 1 + number % 5, "why": "", "at": ended_at}
    return rows


def _year(counted: Figures) -> None:
    tables(counted)


def _compared(counted: Figures) -> None:
    tables(counted)
    compared_summary(counted)


def _all(counted: Figures) -> None:
    figures(counted._session, counted.period, counted.taken_at)


def _seconds(database: Database, counts: Callable[[Figures], None]) -> float:
    taken = []
    for _ in range(3):
        began = time.process_time()
        with database.transaction() as session:
            counts(Figures(session, YEAR, NOW))
        taken.append(time.process_time() - began)
    return min(taken)


if __name__ == "__main__":
    main()
