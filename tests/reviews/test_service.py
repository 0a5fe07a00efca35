from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.reviews import handling, service
from bot.reviews.models import Case
from bot.reviews.reasons import ClosedAs, Reason, Stars
from bot.reviews.states import CaseActionRefused, CaseState
from tests.reviews.town import NOON, add_person, open_case

LATER = NOON + timedelta(minutes=3)


def test_a_second_reason_joins_the_open_case(database: Database) -> None:
    with database.transaction() as session:
        first = open_case(session)
        again = service.open_case(session, "c1", "portal", Reason.FELL_BACK_TWICE, [], LATER)
        assert again.id == first.id
        assert again.reasons == ["asked_for_person", "fell_back_twice"]
        assert again.waiting_since == NOON
        assert [event.action for event in service.events_of(session, again)] == ["open", "add_reason"]


def test_the_same_reason_again_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        case = open_case(session)
        open_case(session, at=LATER)
        assert case.reasons == ["asked_for_person"]
        assert len(service.events_of(session, case)) == 1


def test_transcript_and_question_in_a_case_are_masked(database: Database) -> None:
    lines = [{"by": "citizen", "text": "我电话13800138000"}, {"by": "bot", "text": "您好"}]
    with database.transaction() as session:
        case = service.open_case(session, "c1", "portal", Reason.ASKED_FOR_PERSON, lines, NOON)
        assert case.transcript[0] == {"by": "citizen", "text": "我电话[手机号]"}
        assert case.question == "我电话[手机号]"
        assert "138" not in case.searched_text


def test_a_case_says_by_when_the_citizen_is_promised_a_reply(database: Database) -> None:
    with database.transaction() as session:
        assert open_case(session).due_at == NOON + timedelta(minutes=5)


def test_an_answer_looked_at_by_sample_hurries_nobody_until_the_citizen_asks(database: Database) -> None:
    with database.transaction() as session:
        case = service.open_case(session, "c1", "portal", Reason.LOW_CONFIDENCE, [], NOON, question="护照多少钱")
        assert (case.citizen_waits, case.due_at) == (False, datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
        service.open_case(session, "c1", "portal", Reason.ASKED_FOR_PERSON, [], LATER)
        assert (case.citizen_waits, case.waiting_since) == (True, LATER)
        assert case.due_at == LATER + timedelta(minutes=5)
        assert case.question == "护照多少钱"


def test_who_waits_longest_comes_first(database: Database) -> None:
    with database.transaction() as session:
        late = open_case(session, "late")
        early = open_case(session, "early", NOON - timedelta(hours=1))
        assert [case.id for case in service.open_cases(session)] == [early.id, late.id]
        assert early.number == f"AJ-{early.id:06d}"
        assert service.get_case(session, early.number.lower()) is early
        assert service.get_case(session, str(early.id)) is early


@pytest.mark.parametrize("number", ["", "AJ-", "AJ-999999", "AJ-一", "9" * 30, "-1", "'; DROP TABLE cases; --"])
def test_what_is_no_number_is_no_case(database: Database, number: str) -> None:
    with database.transaction() as session, pytest.raises(service.NoSuchCase):
        service.get_case(session, number)


def test_of_many_processes_at_once_one_opens_the_case(database: Database) -> None:
    reasons = [*Reason][:4]
    at_once = threading.Barrier(len(reasons))
    failed: list[BaseException] = []

    def open_it(reason: Reason) -> None:
        at_once.wait()
        try:
            with database.transaction() as session:
                service.open_case(session, "c1", "portal", reason, [], NOON)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it, args=(reason,)) for reason in reasons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_what_the_citizen_says_brings_an_answered_case_back_to_its_owner(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        handling.claim(session, case, clerk, LATER)
        handling.reply(session, case, clerk, LATER, "在派出所办", is_final=False)
        assert (case.state, case.citizen_waits) == (CaseState.WAITING_FOR_CITIZEN, False)
        spoke_at = LATER + timedelta(hours=1)
        service.citizen_spoke(session, case, spoke_at)
        assert (case.state, case.claimed_by_id) == (CaseState.CLAIMED, clerk.id)
        assert (case.waiting_since, case.first_reply_at) == (spoke_at, LATER)
        service.citizen_spoke(session, case, spoke_at + timedelta(hours=1))
        assert case.waiting_since == spoke_at
        assert case.due_at == spoke_at + timedelta(minutes=10)


def test_a_case_without_a_word_of_the_citizen_closes_by_itself(database: Database) -> None:
    with database.transaction() as session:
        case, other, clerk = open_case(session), open_case(session, "c2"), add_person(session, "王芳")
        for one in (case, other):
            handling.claim(session, one, clerk, NOON)
        handling.reply(session, case, clerk, NOON, "您在哪个区？", is_final=False)
        # Three working days, to the end of duty.
        due = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
        assert case.due_at == due
        assert service.close_abandoned(session, due - timedelta(seconds=1)) == []
        assert service.close_abandoned(session, due) == [case]
        assert (case.state, case.outcome, case.closed_at, case.due_at) == (
            CaseState.CLOSED,
            ClosedAs.NO_WORD,
            due,
            None,
        )
        assert other.state == CaseState.CLAIMED


@pytest.mark.parametrize(("stars", "opens_again"), [(1, True), (2, True), (3, False), (4, False), (5, False)])
def test_the_two_worst_ratings_ask_why_and_open_the_case_again(
    database: Database, stars: int, opens_again: bool
) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        handling.claim(session, case, clerk, NOON)
        handling.reply(session, case, clerk, NOON, "在派出所办", is_final=True)
        handling.close(session, case, clerk, NOON, ClosedAs.ANSWERED)
        rated_at = NOON + timedelta(days=14)
        rating = service.rate(session, case, Stars(stars), "", rated_at)
        assert service.asks_why(rating) is opens_again
        assert case.state == (CaseState.CLAIMED if opens_again else CaseState.CLOSED)
        assert case.claimed_by_id == clerk.id
        assert ("rated_badly" in case.reasons) is opens_again
        if opens_again:
            assert case.due_at == rated_at + timedelta(minutes=30)
            service.explain_rating(session, rating, "打13800138000没人接")
            assert (rating.why, service.asks_why(rating)) == ("打[手机号]没人接", False)


def test_one_answer_is_rated_once(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        with pytest.raises(CaseActionRefused):
            service.rate(session, case, Stars.SATISFIED, "", NOON)
        handling.claim(session, case, clerk, NOON)
        handling.reply(session, case, clerk, NOON, "在派出所办", is_final=True)
        service.rate(session, case, Stars.SATISFIED, "", LATER)
        with pytest.raises(CaseActionRefused, match="已经评价过"):
            service.rate(session, case, Stars.DISSATISFIED, "", LATER)
        handling.reply(session, case, clerk, LATER + timedelta(hours=1), "补充一句", is_final=True)
        service.rate(session, case, Stars.DISSATISFIED, "还是不对", LATER + timedelta(hours=2))
        assert [rating.stars for rating in service.ratings_of(session, case)] == [4, 2]


def test_a_bad_rating_goes_to_all_when_who_held_the_case_has_left(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        handling.claim(session, case, clerk, NOON)
        handling.reply(session, case, clerk, NOON, "在派出所办", is_final=True)
        handling.close(session, case, clerk, NOON, ClosedAs.ANSWERED)
        clerk.is_active = False
        service.rate(session, case, Stars.DISSATISFIED, "没说清", LATER)
        assert (case.state, case.claimed_by_id) == (CaseState.NEW, None)


def test_a_bad_rating_of_an_old_case_is_told_to_the_open_one(database: Database) -> None:
    with database.transaction() as session:
        old, clerk = open_case(session), add_person(session, "王芳")
        handling.claim(session, old, clerk, NOON)
        handling.reply(session, old, clerk, NOON, "在派出所办", is_final=True)
        handling.close(session, old, clerk, NOON, ClosedAs.ANSWERED)
        new = open_case(session, at=LATER)
        assert new.id != old.id
        service.rate(session, old, Stars.VERY_DISSATISFIED, "没说清", LATER)
        assert (old.state, new.state) == (CaseState.CLOSED, CaseState.NEW)
        assert new.reasons == ["asked_for_person", "rated_badly"]


def test_what_a_person_is_responsible_for_is_listed_until_closed(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        open_case(session, "c2")
        handling.claim(session, case, clerk, NOON)
        assert service.open_cases_of(session, clerk.id) == [case]
        handling.close(session, case, clerk, NOON, ClosedAs.WITHDRAWN)
        assert service.open_cases_of(session, clerk.id) == []


@pytest.mark.parametrize(
    ("at", "on_duty"),
    [
        (datetime(2026, 3, 2, 1, 0, tzinfo=UTC), True),  # Monday 9:00 in China
        (datetime(2026, 3, 2, 0, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), False),  # 17:30
        (datetime(2026, 3, 1, 3, 0, tzinfo=UTC), False),  # Sunday
        (datetime(2026, 2, 28, 3, 0, tzinfo=UTC), True),  # a Saturday worked for the Spring Festival
        (datetime(2026, 10, 1, 3, 0, tzinfo=UTC), False),  # National Day
    ],
)
def test_staff_are_on_duty_in_the_hours_of_working_days(at: datetime, on_duty: bool) -> None:
    assert service.is_on_duty(at) is on_duty
