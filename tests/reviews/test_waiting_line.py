"""How far a citizen is on the way to a person."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.conversations.service import open_conversation
from bot.db import Database
from bot.reviews import handling, takeover
from bot.reviews.models import Case
from bot.reviews.waiting_line import NOBODY, PersonNear, Stage, person_near
from tests.reviews.town import NOON, add_person, open_case

NIGHT = timedelta(hours=12)


def waiting(session: Session, name: str, minutes: int, after: timedelta = timedelta(0)) -> Case:
    """A citizen who asked for a person so many minutes after noon, or after another time."""
    at = NOON + after + timedelta(minutes=minutes)
    open_conversation(session, name, "portal", at)
    return open_case(session, name, at)


def test_those_who_waited_longer_come_first(database: Database) -> None:
    with database.transaction() as session:
        for minutes, name in ((0, "first"), (2, "third"), (1, "second")):
            waiting(session, name, minutes)
        now = NOON + timedelta(minutes=3)
        assert [person_near(session, name, now).place for name in ("first", "second", "third")] == [1, 2, 3]


def test_the_line_moves_up_when_one_is_taken_up(database: Database) -> None:
    with database.transaction() as session:
        first, clerk = waiting(session, "first", 0), add_person(session, "王")
        waiting(session, "second", 1)
        now = NOON + timedelta(minutes=2)
        handling.claim(session, first, clerk, now)
        assert person_near(session, "first", now) == PersonNear(Stage.TAKEN)
        assert person_near(session, "second", now) == PersonNear(Stage.WAITS, 1)
        takeover.take_over(session, first, clerk, now)
        assert person_near(session, "first", now).stage == Stage.TALKS
        takeover.hand_back(session, first, now)
        assert person_near(session, "first", now).stage == Stage.TAKEN


def test_outside_of_duty_the_place_stays_and_it_is_said_that_nobody_is_there(database: Database) -> None:
    with database.transaction() as session:
        waiting(session, "late", 0, NIGHT)
        assert person_near(session, "late", NOON + NIGHT) == PersonNear(Stage.WAITS, 1, on_duty=False)


def test_without_a_case_nobody_is_near(database: Database) -> None:
    with database.transaction() as session:
        open_conversation(session, "c1", "portal", NOON)
        assert person_near(session, "c1", NOON) == person_near(session, "unknown", NOON) == NOBODY
