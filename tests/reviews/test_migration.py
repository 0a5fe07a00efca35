from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import inspect, text

from bot import migrations
from bot.db import Database
from bot.reviews import service
from bot.reviews.models import Case

EARLIER, LATER = datetime(2026, 3, 1, 4, tzinfo=UTC), datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def old_database(empty_database_url: str) -> Iterator[Database]:
    """A database from before cases had deadlines, with cases in it."""
    opened = Database(empty_database_url)
    with opened.engine.begin() as connection:
        command.upgrade(migrations._config(connection), "0005")
    lines = [{"by": "citizen", "text": "居住证怎么办"}, {"by": "bot", "text": "您好"}]
    old = [
        ("c1", "new", EARLIER, lines),
        ("c1", "new", LATER, []),
        ("c2", "new", LATER, []),
        ("c3", "closed", LATER, []),
    ]
    insert = text(
        "INSERT INTO cases (conversation_id, channel, reasons, state, opened_at, waiting_since, transcript) "
        "VALUES (:id, 'portal', '[]', :state, :at, :at, :transcript)"
    )
    with opened.engine.begin() as connection:
        for conversation_id, state, at, transcript in old:
            values = {"id": conversation_id, "state": state, "at": at, "transcript": json.dumps(transcript)}
            connection.execute(insert, values)
    yield opened
    opened.close()


def test_old_cases_go_on_with_what_the_new_columns_need(old_database: Database) -> None:
    migrations.upgrade(old_database.engine)
    with old_database.transaction() as session:
        first, double, other, closed = (session.get_one(Case, number) for number in (1, 2, 3, 4))
        assert (first.question, first.state, first.due_at, first.citizen_waits) == (
            "居住证怎么办",
            "new",
            EARLIER,
            True,
        )
        assert (double.state, double.outcome, double.merged_into_id) == ("closed", "merged", first.id)
        assert (other.state, other.priority, other.tags) == ("new", "normal", [])
        assert (closed.state, closed.due_at) == ("closed", None)
        assert [event.action for event in service.events_of(session, first)] == ["open"]
        assert service.case_of_conversation(session, "c1") is first


def test_the_way_back_leaves_the_old_columns(old_database: Database) -> None:
    migrations.upgrade(old_database.engine)
    with old_database.engine.begin() as connection:
        command.downgrade(migrations._config(connection), "0005")
    assert "due_at" not in {column["name"] for column in inspect(old_database.engine).get_columns("cases")}
