"""What the doctor says of work that waits, is stuck, or was not done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.chore_runs import service as chore_runs
from bot.chore_runs.service import Chore
from bot.conversations.models import Conversation
from bot.conversations.service import open_conversation, store_message
from bot.db import Database
from bot.doctor import work
from bot.doctor.finding import Level
from bot.doctor.work import Queue, Stuck
from bot.settings import Settings
from bot.staff import audit
from tests.clock import NOW
from tests.databases import set_up

SETTINGS = Settings.from_environment({})


def asked(session: Session, ago: timedelta) -> Conversation:
    conversation = open_conversation(session, f"c{ago}", "portal", NOW - ago)
    store_message(session, conversation, "办居住证要带什么", NOW - ago)
    return conversation


def chores_done(session: Session, ago: timedelta) -> None:
    for chore in Chore:
        chore_runs.note(session, chore, NOW - ago)


def backed_up(session: Session, ago: timedelta) -> None:
    audit.record(session, who="root", action="make_backup", subject="a.zip", why="", at=NOW - ago)


def levels(session: Session) -> dict[str, Level]:
    found = work.findings(session, SETTINGS, NOW, is_running=True)
    return {one.part: one.level for one in found}


@pytest.mark.parametrize(
    ("happens", "part", "level"),
    [
        (lambda session: asked(session, timedelta(seconds=5)), "提问", Level.RIGHT),
        (lambda session: asked(session, timedelta(minutes=2)), "提问", Level.WRONG),
        (lambda session: asked(session, timedelta(hours=2)), "提问", Level.DOUBTFUL),
        (lambda session: asked(session, timedelta(days=2)), "提问", Level.RIGHT),
        (lambda session: chores_done(session, timedelta(minutes=1)), "定时的事", Level.RIGHT),
        (lambda session: chores_done(session, timedelta(minutes=6)), "定时的事", Level.WRONG),
        (lambda session: backed_up(session, timedelta(hours=25)), "备份", Level.RIGHT),
        (lambda session: backed_up(session, timedelta(hours=27)), "备份", Level.DOUBTFUL),
    ],
)
def test_what_waits_too_long_or_was_not_done_is_named(
    database: Database, happens: Callable[[Session], object], part: str, level: Level
) -> None:
    set_up(database)
    with database.transaction() as session:
        happens(session)
        assert levels(session)[part] is level


def test_metrics_get_the_same_as_numbers(database: Database) -> None:
    set_up(database)
    with database.transaction() as session:
        asked(session, timedelta(minutes=2))
        asked(session, timedelta(hours=2))
        chores_done(session, timedelta(minutes=6))
        chores_done(session, timedelta(minutes=3))
        standing = work.standing(session, NOW)
    assert standing.waiting[Queue.MESSAGES] == (1, NOW - timedelta(minutes=2))
    assert standing.stuck[Stuck.MESSAGES] == 1
    assert standing.chore_ages == dict.fromkeys(Chore, timedelta(minutes=3))
    assert standing.backup_age is None
