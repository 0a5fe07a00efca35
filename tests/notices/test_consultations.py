"""The consultation begins with the delivery of its letter, and only then stops the clock."""

from __future__ import annotations

from datetime import date

import pytest

from bot.db import Database
from bot.disclosures.models import Request
from bot.disclosures.service import assess
from bot.disclosures.terms import Kind, Party, RequestState, Step
from bot.notices import consultations
from bot.notices.kinds import CONSULTED, NoticeKind
from bot.notices.models import Notice
from bot.workdays import add_working_days
from tests.notices.requests import NOW, RECEIPT, TODAY, add_request
from tests.notices.test_service import issue, steps_of


def deliver(database: Database, notice: Notice, on: date = TODAY) -> str:
    with database.transaction() as session:
        return consultations.begin(session, session.get_one(Notice, notice.id), on)


@pytest.mark.parametrize(("kind", "party"), list(CONSULTED.items()))
def test_the_delivery_of_the_letter_begins_the_consultation(database: Database, kind: NoticeKind, party: Party) -> None:
    add_request(database)
    notice = issue(database, kind)
    assert "征求意见结束" in deliver(database, notice)
    assert steps_of(database)[-1] == Step(Kind.CONSULTATION_STARTED, TODAY, party=party, consultation_id=notice.number)
    with database.transaction() as session:
        now = assess(session.get_one(Request, RECEIPT), TODAY)
    assert (now.state, now.consulted) == (RequestState.CONSULTING, (party,))
    assert now.due_on == add_working_days(date(2026, 11, 18), 35), "20 working days and the 15 of the opinion"


def test_a_consultation_that_the_clerk_has_recorded_is_not_recorded_again(database: Database) -> None:
    add_request(database, Step(Kind.CONSULTATION_STARTED, TODAY, party=Party.AGENCY, consultation_id="ZX-1"))
    assert deliver(database, issue(database, NoticeKind.AGENCY_CONSULTATION)) == ""
    assert len(steps_of(database)) == 2


def test_other_letters_begin_nothing(database: Database) -> None:
    add_request(database)
    assert deliver(database, issue(database, NoticeKind.EXTENSION)) == ""
    assert [step.kind for step in steps_of(database)] == [Kind.RECEIVED, Kind.EXTENDED]


def test_a_letter_that_corrects_a_delivered_one_gains_no_time(database: Database) -> None:
    add_request(database)
    old = issue(database, NoticeKind.CONSULTATION)
    with database.transaction() as session:
        session.get_one(Notice, old.id).delivered_on = TODAY
    new = issue(database, NoticeKind.CONSULTATION, corrects=old, why="写错了地址")
    assert deliver(database, new) == ""


def test_a_day_before_the_last_step_is_told_to_the_clerk(database: Database) -> None:
    add_request(database)
    notice = issue(database, NoticeKind.CONSULTATION)
    with database.transaction() as session:
        session.get_one(Notice, notice.id).issued_on = date(2026, 11, 20)
    issue(database, NoticeKind.EXTENSION)
    assert "没有记上“开始征求意见”" in deliver(database, notice, date(2026, 11, 23))
    assert [step.kind for step in steps_of(database)] == [Kind.RECEIVED, Kind.EXTENDED]


def test_a_letter_that_arrives_after_the_time_for_the_answer_stops_nothing(database: Database) -> None:
    add_request(database, received_on=date(2026, 10, 12))
    with database.transaction() as session:
        notice = Notice(
            receipt=RECEIPT,
            department_code="SL",
            kind=NoticeKind.CONSULTATION.value,
            number="云水信公征〔2026〕9号",
            issued_on=TODAY,
            issued_at=NOW,
            issued_by="clerk",
            addressee_masked="甲**",
            content={},
            delivery="邮寄",
        )
        session.add(notice)
        session.flush()
        assert "没有法律效力" in consultations.begin(session, notice, TODAY)
