"""The edges of the clock. Holidays of 2026: 25 September, 1 to 7 October; worked: 20 September, 10 October."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.disclosures.clock import Remedy, RemedyKind, assess
from bot.disclosures.rules import DECISION_BASIS
from bot.disclosures.terms import Decision, Kind, Party, RequestState, Step
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


def fee_notified(on: date, pay_by: date | None = None) -> Step:
    return Step(Kind.FEE_NOTIFIED, on, amount=300, pay_by=pay_by)


def fee_paid(on: date) -> Step:
    return Step(Kind.FEE_PAID, on)


def postponed(on: date, until: date) -> Step:
    return Step(Kind.POSTPONED, on, until=until)


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
        ([], RECEIVED, RequestState.RECEIVED, DUE, 20),
        ([received()], nov(11), RequestState.RECEIVED, DUE, 13),
        ([received()], nov(12), RequestState.IN_PROCESS, DUE, 12),
        ([received()], DUE, RequestState.IN_PROCESS, DUE, 0),
        # supplement
        ([received(), supplement_requested(nov(6), nov(20))], nov(6), RequestState.AWAITING_SUPPLEMENT, None, None),
        ([received(), supplement_requested(nov(6), nov(20))], nov(20), RequestState.AWAITING_SUPPLEMENT, None, None),
        ([received(), supplement_requested(nov(6), nov(20))], nov(21), RequestState.ABANDONED, None, None),
        (
            [received(), supplement_requested(nov(6), nov(20)), supplement_received(nov(20))],
            nov(20), RequestState.IN_PROCESS, dec(18), 20,
        ),
        (  # late, but taken
            [received(), supplement_requested(nov(6), nov(20)), supplement_received(nov(23))],
            nov(24), RequestState.IN_PROCESS, dec(21), 19,
        ),
        # extension
        ([received(), extended(nov(25), 10)], nov(26), RequestState.EXTENDED, dec(14), 12),
        ([received(), extended(DUE, 20)], DUE, RequestState.EXTENDED, dec(28), 20),
        (  # an extension of the time before the supplement ends with that time
            [received(), extended(nov(5), 10), supplement_requested(nov(6), nov(20)), supplement_received(nov(20))],
            nov(20), RequestState.IN_PROCESS, dec(18), 20,
        ),
        # a last day on a Sunday moves to Monday
        ([received(), supplement_requested(nov(6), nov(15))], nov(16), RequestState.AWAITING_SUPPLEMENT, None, None),
        ([received(), supplement_requested(nov(6), nov(15))], nov(17), RequestState.ABANDONED, None, None),
        # fee: at least twenty working days to pay, then the time begins anew
        ([received(), fee_notified(nov(6))], dec(4), RequestState.AWAITING_PAYMENT, None, None),
        ([received(), fee_notified(nov(6), nov(13))], dec(4), RequestState.AWAITING_PAYMENT, None, None),
        ([received(), fee_notified(nov(6))], dec(5), RequestState.ABANDONED, None, None),
        ([received(), fee_notified(nov(6)), fee_paid(nov(20))], nov(20), RequestState.IN_PROCESS, dec(18), 20),
        ([received(), extended(nov(5), 10), fee_notified(nov(6)), fee_paid(nov(20))], nov(20), RequestState.IN_PROCESS,
         dec(18), 20),
        # a later day told for many requests (art. 35)
        ([received(), postponed(nov(25), dec(31))], dec(1), RequestState.EXTENDED, dec(31), 22),
        ([received(), postponed(dec(1), dec(31))], dec(2), RequestState.IN_PROCESS, DUE, -2),  # told too late
        # past the last day
        ([received()], dec(1), RequestState.IN_PROCESS, DUE, -1),
        ([received(), extended(nov(25), 10)], dec(15), RequestState.EXTENDED, dec(14), -1),
        # consultation
        ([received(), consulted(nov(4))], nov(4), RequestState.CONSULTING, dec(21), None),
        ([received(), consulted(nov(4))], nov(25), RequestState.CONSULTING, dec(21), None),  # the fifteenth working day
        ([received(), consulted(nov(4))], nov(26), RequestState.IN_PROCESS, dec(21), 17),  # lapsed
        ([received(), consulted(nov(4)), opinion(nov(4))], nov(4), RequestState.IN_PROCESS, DUE, 18),
        ([received(), consulted(nov(4)), opinion(nov(5))], nov(5), RequestState.IN_PROCESS, dec(1), 18),
        ([received(), consulted(nov(4)), opinion(nov(8))], nov(8), RequestState.IN_PROCESS, dec(2), 18),  # a Sunday
        ([received(), consulted(nov(4)), opinion(dec(4))], dec(4), RequestState.IN_PROCESS, dec(21), 11),  # lapsed
        ([received(), consulted(DUE)], DUE, RequestState.CONSULTING, DUE, None),  # the last day had come
        ([received(), consulted(DUE)], dec(1), RequestState.IN_PROCESS, DUE, -1),  # and has gone
        ([received(), consulted(dec(1))], dec(1), RequestState.IN_PROCESS, DUE, -1),  # asked when the time was over
        ([received(), consulted(nov(4)), extended(nov(26), 10)], nov(26), RequestState.EXTENDED, date(2027, 1, 4), 27),
        # days of two consultations at once are left out once
        (
            [
                received(), consulted(nov(4)), consulted(nov(6), Party.AGENCY, "2"),
                opinion(nov(10)), opinion(nov(12), "2"),
            ],
            nov(12), RequestState.IN_PROCESS, dec(8), 18,
        ),
        (
            [
                received(), consulted(nov(4)), opinion(nov(6)), consulted(nov(10), Party.AGENCY, "2"),
                opinion(nov(12), "2"),
            ],
            nov(12), RequestState.IN_PROCESS, dec(4), 16,
        ),
        # the end
        ([received(), answered(nov(20))], nov(24), RequestState.ANSWERED, DUE, None),
        ([received(), supplement_requested(nov(6), nov(20)), answered(nov(9))], nov(24), RequestState.ANSWERED,
         None, None),
        ([received(), withdrawn(nov(9))], nov(24), RequestState.WITHDRAWN, None, None),
        ([received(), supplement_requested(nov(6), nov(20)), withdrawn(nov(9))], nov(24), RequestState.WITHDRAWN,
         None, None),
    ],
)  # fmt: skip
def test_state_and_due_date(
    steps: list[Step], today: date, state: RequestState, due_on: date | None, left: int | None
) -> None:
    assessment = assess(RECEIVED, steps, today)
    assert (assessment.state, assessment.due_on, assessment.working_days_left) == (state, due_on, left)


def test_what_is_still_to_come_is_not_known_yet() -> None:
    steps = [received(), extended(nov(25), 20), answered(dec(10))]
    assert assess(RECEIVED, steps, nov(24)).state == RequestState.IN_PROCESS
    assert assess(RECEIVED, steps, nov(25)).state == RequestState.EXTENDED
    assert assess(RECEIVED, steps, dec(10)).state == RequestState.ANSWERED


@pytest.mark.parametrize(
    ("received_on", "today", "overdue", "left"),
    [
        (RECEIVED, DUE, False, 0),
        (RECEIVED, dec(1), True, -1),
        (RECEIVED, dec(5), True, -4),  # a Saturday
        (RECEIVED, dec(7), True, -5),
        (date(2026, 11, 6), dec(4), False, 0),  # a Friday
        (date(2026, 11, 6), dec(5), True, 0),  # over, though no working day has passed since
        (date(2026, 11, 6), dec(6), True, 0),
        (date(2026, 11, 6), dec(7), True, -1),
    ],
)
def test_the_day_after_the_last_one_is_overdue(received_on: date, today: date, overdue: bool, left: int) -> None:
    assessment = assess(received_on, [received(received_on)], today)
    assert (assessment.overdue, assessment.working_days_left) == (overdue, left)


def test_silence_can_be_complained_of_and_reconsidered_before_a_court_hears_it() -> None:
    assert assess(RECEIVED, [received()], dec(1)).remedies == (
        Remedy(RemedyKind.COMPLAINT, ("《政府信息公开条例》第五十一条", "《政府信息公开条例》第四十七条")),
        Remedy(
            RemedyKind.RECONSIDERATION,
            (
                "《政府信息公开条例》第五十一条",
                "《行政复议法》第二十条",
                "《行政复议法》第二十三条第一款第三项",
                "《行政复议法实施条例》第三十条",
            ),
            by=date(2027, 1, 29),
        ),
        Remedy(
            RemedyKind.LITIGATION,
            ("《行政复议法》第二十三条第一款第三项", "《行政诉讼法》第四十五条", "《行政复议法》第三十四条"),
            after_reconsideration=True,
        ),
    )


@pytest.mark.parametrize("asked", [supplement_requested(nov(6), dec(4)), fee_notified(nov(6), dec(4))])
def test_the_end_of_a_request_that_waited_in_vain_can_be_remedied(asked: Step) -> None:
    remedies = assess(RECEIVED, [received(), asked], dec(5)).remedies
    assert [(remedy.kind, remedy.by) for remedy in remedies] == [
        (RemedyKind.COMPLAINT, None),
        (RemedyKind.RECONSIDERATION, date(2027, 2, 2)),
        (RemedyKind.LITIGATION, date(2027, 6, 4)),
    ]
    assert "法释〔2025〕8号第一条第一项" in remedies[1].legal_basis


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


@pytest.mark.parametrize("outcome", [Decision.REFUSED, Decision.PARTLY_GRANTED])
def test_a_refusal_is_reconsidered_before_a_court_hears_it(outcome: Decision) -> None:
    reconsideration, litigation = assess(RECEIVED, [received(), answered(nov(20), outcome)], nov(24)).remedies
    assert (reconsideration.kind, reconsideration.by) == (RemedyKind.RECONSIDERATION, date(2027, 1, 19))
    assert "《行政复议法》第二十三条第一款第四项" in reconsideration.legal_basis
    assert (litigation.kind, litigation.by, litigation.after_reconsideration) == (RemedyKind.LITIGATION, None, True)
    assert "《行政复议法实施条例》第三十一条" in reconsideration.legal_basis
    assert "《行政复议法》第三十四条" in litigation.legal_basis


@pytest.mark.parametrize("outcome", sorted(set(Decision) - {Decision.REFUSED, Decision.PARTLY_GRANTED}))
def test_of_any_other_answer_reconsideration_or_a_court_will_do(outcome: Decision) -> None:
    reconsideration, litigation = assess(RECEIVED, [received(), answered(nov(20), outcome)], nov(24)).remedies
    assert (reconsideration.kind, reconsideration.by) == (RemedyKind.RECONSIDERATION, date(2027, 1, 19))
    assert (litigation.kind, litigation.by) == (RemedyKind.LITIGATION, date(2027, 5, 20))
    assert "《行政诉讼法》第四十六条" in litigation.legal_basis
    assert not litigation.after_reconsideration


def test_information_that_is_not_what_was_asked_for_can_be_remedied() -> None:
    remedies = assess(RECEIVED, [received(), answered(DUE)], DUE).remedies
    assert all("法释〔2025〕8号第一条第三项" in remedy.legal_basis for remedy in remedies)


def test_a_basis_that_is_not_in_force_yet_is_not_cited() -> None:
    before, after = (
        assess(on, [received(on), answered(on, Decision.REFUSED)], on).remedies[0].legal_basis
        for on in (date(2026, 6, 30), date(2026, 7, 1))
    )
    assert "《行政复议法实施条例》第三十一条" not in before
    assert "《行政复议法实施条例》第三十一条" in after


@pytest.mark.parametrize(
    ("answered_on", "by"),
    [
        (date(2025, 8, 29), date(2026, 2, 28)),  # February has no 29th; the 28th is a Saturday that is worked
        (date(2025, 8, 31), date(2026, 2, 28)),
        (date(2025, 12, 31), date(2026, 6, 30)),
        (date(2026, 1, 15), date(2026, 7, 15)),
        (date(2026, 4, 1), date(2026, 10, 8)),  # over the National Day holidays
        (date(2026, 3, 20), date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 3, 19), date(2026, 9, 20)),  # from the free Saturday to that Sunday
        (date(2026, 3, 12), date(2026, 9, 14)),  # a Saturday
    ],
)
def test_the_six_months_for_a_court_end_on_the_same_day_of_the_month(answered_on: date, by: date) -> None:
    steps = [received(answered_on), answered(answered_on, Decision.NOT_HELD)]
    assert assess(answered_on, steps, answered_on).remedies[1].by == by


@pytest.mark.parametrize(
    ("answered_on", "until"),
    [(nov(10), date(2027, 1, 11)), (date(2026, 9, 1), nov(2)), (date(2026, 8, 3), date(2026, 10, 8))],
)
def test_the_sixty_days_for_a_review_never_end_on_a_free_day(answered_on: date, until: date) -> None:
    steps = [received(date(2026, 8, 3)), answered(answered_on, Decision.REFUSED)]
    assert assess(date(2026, 8, 3), steps, nov(24)).remedies[0].by == until


def test_a_remedy_whose_last_day_lies_in_a_year_without_published_holidays_is_provisional() -> None:
    early, late = (
        assess(on, [received(on), answered(on, Decision.REFUSED)], on).remedies[0] for on in (nov(2), nov(3))
    )
    assert (early.by, early.provisional) == (date(2027, 1, 1), True)
    assert (late.by, late.provisional) == (date(2027, 1, 4), True)
    assert not assess(date(2026, 9, 1), [answered(date(2026, 9, 1), Decision.REFUSED)], nov(2)).remedies[0].provisional


@pytest.mark.parametrize(("on", "late"), [(DUE, False), (dec(1), True)])
def test_a_late_answer_is_said_to_be_late_and_no_longer_overdue(on: date, late: bool) -> None:
    assessment = assess(RECEIVED, [received(), answered(on)], dec(3))
    assert (assessment.answered_late, assessment.overdue, assessment.working_days_left) == (late, False, None)
    assert [remedy.kind for remedy in assessment.remedies].count(RemedyKind.COMPLAINT) == late


@pytest.mark.parametrize("party", Party)
def test_silence_of_whoever_was_asked_is_told_once_the_fifteen_days_are_over(party: Party) -> None:
    steps = [received(), consulted(nov(4), party)]
    waiting, over = assess(RECEIVED, steps, nov(25)), assess(RECEIVED, steps, nov(26))
    assert (waiting.consulted, waiting.lapsed, waiting.paused) == ((party,), (), True)
    assert (over.consulted, over.lapsed, over.paused) == ((), (party,), False)
    assert assess(RECEIVED, [*steps, opinion(nov(27))], nov(27)).lapsed == ()


def test_one_may_be_silent_while_another_is_still_asked() -> None:
    steps = [received(), consulted(nov(4)), consulted(nov(9), Party.AGENCY, "2")]
    assessment = assess(RECEIVED, steps, nov(26))
    assert (assessment.state, assessment.due_on) == (RequestState.CONSULTING, dec(24))
    assert (assessment.consulted, assessment.lapsed) == ((Party.AGENCY,), (Party.THIRD_PARTY,))


# Pauses of these run over Spring Festival, May Day, National Day and their worked weekends.
days = st.dates(date(2026, 1, 5), date(2026, 9, 30))


@given(days, st.integers(0, 60), st.integers(0, 40), st.integers(0, 20))
def test_a_pause_of_n_working_days_moves_the_last_day_by_n(
    received_on: date, before: int, length: int, extension: int
) -> None:
    asked_on = received_on + timedelta(days=before)
    came_on = asked_on + timedelta(days=length)
    longer = [extended(received_on, extension)] if extension else []
    assessment = assess(received_on, [received(received_on), *longer, consulted(asked_on), opinion(came_on)], came_on)
    plain = add_working_days(received_on, 20 + extension)
    left_out = 0 if asked_on >= plain else min(15, count_working_days(asked_on, came_on))
    assert assessment.due_on == add_working_days(plain, left_out)


@st.composite
def consultations(draw: st.DrawFn) -> list[tuple[int, int]]:
    """For each: days from receipt to the letter, and from the letter to the opinion."""
    return draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=4))


def both_ends(received_on: date, spans: list[tuple[int, int]]) -> list[Step]:
    steps = []
    for number, (before, length) in enumerate(spans):
        asked_on = received_on + timedelta(days=before)
        steps += [
            consulted(asked_on, Party.AGENCY, str(number)),
            opinion(asked_on + timedelta(days=length), str(number)),
        ]
    return sorted(steps, key=lambda step: step.on)


@given(days, consultations(), st.tuples(st.integers(0, 40), st.integers(0, 30)))
def test_one_more_consultation_never_brings_the_last_day_forward(
    received_on: date, spans: list[tuple[int, int]], more: tuple[int, int]
) -> None:
    end = received_on + timedelta(days=100)
    without = assess(received_on, both_ends(received_on, spans), end).due_on
    with_it = assess(received_on, both_ends(received_on, [*spans, more]), end).due_on
    assert without is not None
    assert with_it is not None
    assert with_it >= without


@given(days, consultations())
def test_exactly_twenty_days_count_however_consultations_overlap(
    received_on: date, spans: list[tuple[int, int]]
) -> None:
    due_on = assess(received_on, both_ends(received_on, spans), received_on + timedelta(days=100)).due_on
    assert due_on is not None
    left_out = set()
    for before, length in spans:
        asked_on = received_on + timedelta(days=before)
        working = [asked_on + timedelta(days=day) for day in range(1, length + 1)]
        left_out |= set([day for day in working if is_working_day(day)][:15])
    passed = [received_on + timedelta(days=day) for day in range(1, (due_on - received_on).days + 1)]
    assert len([day for day in passed if is_working_day(day) and day not in left_out]) == 20
    assert is_working_day(due_on)


@given(days, st.integers(0, 30), st.integers(0, 60))
def test_a_consultation_still_open_shows_the_latest_that_the_last_day_can_become(
    received_on: date, before: int, length: int
) -> None:
    asked_on = received_on + timedelta(days=before)
    came_on = asked_on + timedelta(days=length)
    steps = [received(received_on), consulted(asked_on)]
    latest = assess(received_on, steps, asked_on).due_on
    became = assess(received_on, [*steps, opinion(came_on)], came_on).due_on
    assert latest is not None
    assert became is not None
    assert became <= latest


@given(days, st.integers(0, 7), st.integers(0, 60))
def test_a_supplement_begins_the_time_anew(received_on: date, asked_after: int, came_after: int) -> None:
    asked_on = received_on + timedelta(days=asked_after)
    came_on = asked_on + timedelta(days=came_after)
    steps = [received(received_on), supplement_requested(asked_on, came_on), supplement_received(came_on)]
    assert assess(received_on, steps, came_on).due_on == assess(came_on, [received(came_on)], came_on).due_on


@given(days, st.integers(0, 100))
def test_each_working_day_takes_one_day_off(received_on: date, passed: int) -> None:
    today = received_on + timedelta(days=passed)
    now, tomorrow = (assess(received_on, [], day) for day in (today, today + timedelta(days=1)))
    assert now.working_days_left is not None
    assert tomorrow.working_days_left is not None
    spent = now.working_days_left - tomorrow.working_days_left
    assert spent == int(is_working_day(today + timedelta(days=1)))
    assert now.overdue == (now.due_on is not None and today > now.due_on)
