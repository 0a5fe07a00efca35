"""The edges of the clock. Holidays of 2026: 25 September, 1 to 7 October; worked: 20 September, 10 October."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.disclosures.clock import DECISION_BASIS, RemedyKind, assess
from bot.disclosures.terms import Decision, Kind, Party, State, Step
from bot.workdays import add_working_days, count_working_days, is_working_day

RECEIVED = date(2026, 11, 2)  # a Monday; the answer is due on Monday, 30 November
DUE = date(2026, 11, 30)


def nov(day: int) -> date:
    return date(2026, 11, day)


def dec(day: int) -> date:
    return date(2026, 12, day)


def received(on: date = RECEIVED) -> Step:
    return Step(Kind.RECEIVED, on)


def supplement_requested(on: date, respond_by: date) -> Step:
    return Step(Kind.SUPPLEMENT_REQUESTED, on, respond_by=respond_by)


def supplement_received(on: date) -> Step:
    return Step(Kind.SUPPLEMENT_RECEIVED, on)


def extended(on: date, working_days: int) -> Step:
    return Step(Kind.EXTENDED, on, working_days=working_days)


def consulted(on: date, party: Party = Party.THIRD_PARTY, number: str = "1") -> Step:
    return Step(Kind.CONSULTATION_STARTED, on, party=party, consultation_id=number)


def opinion(on: date, number: str = "1") -> Step:
    return Step(Kind.CONSULTATION_ENDED, on, consultation_id=number)


def answered(on: date, outcome: Decision = Decision.GRANTED) -> Step:
    return Step(Kind.ANSWERED, on, outcome=outcome)


def withdrawn(on: date) -> Step:
    return Step(Kind.WITHDRAWN, on)


@pytest.mark.parametrize(
    ("received_on", "due_on"),
    [
        (date(2026, 11, 10), date(2026, 12, 8)),
        (date(2026, 11, 14), date(2026, 12, 11)),  # a Saturday
        (date(2026, 9, 18), date(2026, 10, 22)),  # over two holidays and two worked weekend days
        (date(2026, 9, 30), date(2026, 11, 3)),  # the day before National Day
        (date(2026, 10, 1), date(2026, 11, 3)),  # on it
        (date(2026, 10, 10), date(2026, 11, 6)),  # a Saturday that is worked
    ],
)
def test_the_answer_is_due_on_the_twentieth_working_day_after_receipt(received_on: date, due_on: date) -> None:
    assessment = assess(received_on, [received(received_on)], received_on)
    assert assessment.due_on == due_on
    assert assessment.working_days_left == 20
    assert "《政府信息公开条例》第三十三条" in assessment.legal_basis


@pytest.mark.parametrize(
    ("steps", "today", "state", "due_on", "left"),
    [
        # received and in process: art. 30 gives seven working days for asking the applicant to be clearer
        ([], RECEIVED, State.RECEIVED, DUE, 20),
        ([received()], nov(11), State.RECEIVED, DUE, 13),
        ([received()], nov(12), State.IN_PROCESS, DUE, 12),
        ([received()], DUE, State.IN_PROCESS, DUE, 0),
        # supplement
        ([received(), supplement_requested(nov(6), nov(20))], nov(6), State.AWAITING_SUPPLEMENT, None, None),
        ([received(), supplement_requested(nov(6), nov(20))], nov(20), State.AWAITING_SUPPLEMENT, None, None),
        ([received(), supplement_requested(nov(6), nov(20))], nov(21), State.ABANDONED, None, None),
        (
            [received(), supplement_requested(nov(6), nov(20)), supplement_received(nov(20))],
            nov(20), State.IN_PROCESS, dec(18), 20,
        ),
        (  # late, but taken
            [received(), supplement_requested(nov(6), nov(20)), supplement_received(nov(23))],
            nov(24), State.IN_PROCESS, dec(21), 19,
        ),
        # extension
        ([received(), extended(nov(25), 10)], nov(26), State.EXTENDED, dec(14), 12),
        ([received(), extended(DUE, 20)], DUE, State.EXTENDED, dec(28), 20),
        ([received(), extended(nov(25), 30)], nov(26), State.EXTENDED, dec(28), 22),  # twenty at most
        ([received(), extended(nov(25), 5), extended(nov(26), 5)], nov(26), State.EXTENDED, dec(7), 7),  # once
        ([received(), extended(dec(1), 20)], dec(1), State.IN_PROCESS, DUE, 0),  # told too late
        # consultation
        ([received(), consulted(nov(4))], nov(4), State.CONSULTING, dec(21), 18),
        ([received(), consulted(nov(4))], nov(25), State.CONSULTING, dec(21), 18),  # the fifteenth working day
        ([received(), consulted(nov(4))], nov(26), State.IN_PROCESS, dec(21), 17),  # lapsed
        ([received(), consulted(nov(4)), opinion(nov(4))], nov(4), State.IN_PROCESS, DUE, 18),
        ([received(), consulted(nov(4)), opinion(nov(5))], nov(5), State.IN_PROCESS, dec(1), 18),
        ([received(), consulted(nov(4)), opinion(nov(8))], nov(8), State.IN_PROCESS, dec(2), 18),  # a Sunday
        ([received(), consulted(nov(4)), opinion(dec(4))], dec(4), State.IN_PROCESS, dec(21), 11),  # after the lapse
        ([received(), consulted(DUE)], DUE, State.CONSULTING, DUE, 0),  # the last day had come
        ([received(), consulted(dec(1))], dec(1), State.IN_PROCESS, DUE, 0),  # asked when the time was over
        ([received(), consulted(nov(4)), extended(nov(26), 10)], nov(26), State.EXTENDED, date(2027, 1, 4), 27),
        # days of two consultations at once are left out once
        (
            [
                received(), consulted(nov(4)), consulted(nov(6), Party.AGENCY, "2"),
                opinion(nov(10)), opinion(nov(12), "2"),
            ],
            nov(12), State.IN_PROCESS, dec(8), 18,
        ),
        (
            [
                received(), consulted(nov(4)), opinion(nov(6)), consulted(nov(10), Party.AGENCY, "2"),
                opinion(nov(12), "2"),
            ],
            nov(12), State.IN_PROCESS, dec(4), 16,
        ),
        # the end
        ([received(), answered(nov(20))], nov(24), State.ANSWERED, DUE, None),
        ([received(), supplement_requested(nov(6), nov(20)), answered(nov(9))], nov(24), State.ANSWERED, None, None),
        ([received(), withdrawn(nov(9))], nov(24), State.WITHDRAWN, None, None),
        ([received(), supplement_requested(nov(6), nov(20)), withdrawn(nov(9))], nov(24), State.WITHDRAWN, None, None),
    ],
)  # fmt: skip
def test_state_and_due_date(
    steps: list[Step], today: date, state: State, due_on: date | None, left: int | None
) -> None:
    assessment = assess(RECEIVED, steps, today)
    assert (assessment.state, assessment.due_on, assessment.working_days_left) == (state, due_on, left)


def test_what_is_still_to_come_is_not_known_yet() -> None:
    steps = [received(), extended(nov(25), 20), answered(dec(10))]
    assert assess(RECEIVED, steps, nov(24)).state == State.IN_PROCESS
    assert assess(RECEIVED, steps, nov(25)).state == State.EXTENDED
    assert assess(RECEIVED, steps, dec(10)).state == State.ANSWERED


@pytest.mark.parametrize(
    ("today", "overdue", "late"), [(DUE, False, 0), (dec(1), True, 1), (dec(5), True, 4), (dec(7), True, 5)]
)
def test_the_day_after_the_last_one_is_overdue(today: date, overdue: bool, late: int) -> None:
    assessment = assess(RECEIVED, [received()], today)
    assert (assessment.overdue, assessment.working_days_late) == (overdue, late)


def test_silence_can_be_complained_of_and_reviewed() -> None:
    supervision, review = assess(RECEIVED, [received()], dec(1)).remedies
    assert (supervision.kind, supervision.basis) == (RemedyKind.SUPERVISION, ("《政府信息公开条例》第四十七条",))
    assert review.kind == RemedyKind.REVIEW_OF_SILENCE
    assert "《行政复议法》第二十三条" in review.basis
    assert review.until == date(2027, 1, 29)


def test_a_pause_is_told_from_a_running_clock() -> None:
    assert assess(RECEIVED, [received(), supplement_requested(nov(6), nov(20))], nov(9)).paused
    consulting = assess(RECEIVED, [received(), consulted(nov(4), Party.AGENCY)], nov(9))
    assert (consulting.paused, consulting.consulted) == (True, (Party.AGENCY,))
    assert "《政府信息公开条例》第三十四条" in consulting.legal_basis
    assert not assess(RECEIVED, [received()], nov(9)).paused


def test_a_date_in_a_year_without_published_holidays_is_provisional() -> None:
    assert not assess(RECEIVED, [received()], RECEIVED).provisional
    assert assess(dec(20), [received(dec(20))], dec(21)).provisional


@pytest.mark.parametrize("outcome", Decision)
def test_every_answer_names_its_article(outcome: Decision) -> None:
    assessment = assess(RECEIVED, [received(), answered(nov(20), outcome)], nov(24))
    assert assessment.legal_basis[0] == DECISION_BASIS[outcome]
    assert assessment.outcome == outcome
    assert not assessment.overdue


@pytest.mark.parametrize(
    ("outcome", "kinds"),
    [
        (Decision.GRANTED, []),
        (Decision.REFUSED, [RemedyKind.REVIEW_OF_REFUSAL]),
        (Decision.PARTLY_GRANTED, [RemedyKind.REVIEW_OF_REFUSAL]),
        (Decision.NOT_HELD, [RemedyKind.REVIEW_OR_COURT]),
    ],
)
def test_a_refusal_is_reviewed_before_a_court_hears_it(outcome: Decision, kinds: list[RemedyKind]) -> None:
    remedies = assess(RECEIVED, [received(), answered(nov(20), outcome)], nov(24)).remedies
    assert [remedy.kind for remedy in remedies] == kinds


@pytest.mark.parametrize(
    ("answered_on", "until"),
    [(nov(10), date(2027, 1, 11)), (date(2026, 9, 1), nov(2)), (date(2026, 8, 3), date(2026, 10, 8))],
)
def test_the_sixty_days_for_a_review_never_end_on_a_free_day(answered_on: date, until: date) -> None:
    steps = [received(date(2026, 8, 3)), answered(answered_on, Decision.REFUSED)]
    assert assess(date(2026, 8, 3), steps, nov(24)).remedies[0].until == until


def test_a_late_answer_is_said_to_be_late() -> None:
    assessment = assess(RECEIVED, [received(), answered(dec(2))], dec(3))
    assert (assessment.overdue, assessment.working_days_late) == (True, 2)
    assert [remedy.kind for remedy in assessment.remedies] == [RemedyKind.SUPERVISION]


days = st.dates(date(2026, 1, 5), date(2026, 9, 30))


@given(days, st.integers(0, 30), st.integers(0, 40))
def test_the_clock_never_counts_a_day_of_consultation(received_on: date, before: int, length: int) -> None:
    asked_on = received_on + timedelta(days=before)
    came_on = asked_on + timedelta(days=length)
    assessment = assess(received_on, [received(received_on), consulted(asked_on), opinion(came_on)], came_on)
    plain = add_working_days(received_on, 20)
    left_out = 0 if asked_on >= plain else min(15, count_working_days(asked_on, came_on))
    assert assessment.due_on == add_working_days(plain, left_out)


@given(days, st.integers(0, 100))
def test_each_working_day_takes_one_day_off(received_on: date, passed: int) -> None:
    today = received_on + timedelta(days=passed)
    now, tomorrow = (assess(received_on, [], day) for day in (today, today + timedelta(days=1)))
    assert now.working_days_left is not None
    assert tomorrow.working_days_left is not None
    spent = now.working_days_left - tomorrow.working_days_left
    assert spent == int(is_working_day(today + timedelta(days=1)) and now.working_days_left > 0)
    assert now.overdue == (now.due_on is not None and today > now.due_on)
