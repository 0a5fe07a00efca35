"""Steps that can have happened but that the law does not allow: recorded, without effect."""

from datetime import date, timedelta

import pytest

from bot.disclosures.clock import assess
from bot.disclosures.effects import with_effect
from bot.disclosures.terms import Kind, Party, RequestState, Step

RECEIVED_ON = date(2026, 11, 2)  # a Monday; the answer is due on Monday, 30 November
DUE = date(2026, 11, 30)
RECEIVED = Step(Kind.RECEIVED, RECEIVED_ON)


def nov(day: int) -> date:
    return date(2026, 11, day)


def dec(day: int) -> date:
    return date(2026, 12, day)


def step(kind: Kind, on: date) -> Step:
    details = {
        Kind.SUPPLEMENT_REQUESTED: {"respond_by": on + timedelta(days=14)},
        Kind.EXTENDED: {"working_days": 10},
        Kind.CONSULTATION_STARTED: {"party": Party.AGENCY, "consultation_id": f"of {on}"},
        Kind.FEE_NOTIFIED: {"amount": 100},
        Kind.POSTPONED: {"until": on + timedelta(days=60)},
    }
    return Step(kind, on, **details.get(kind, {}))  # type: ignore[arg-type]


ASKED, CAME = step(Kind.SUPPLEMENT_REQUESTED, nov(5)), step(Kind.SUPPLEMENT_RECEIVED, nov(9))
OPINION = Step(Kind.CONSULTATION_ENDED, nov(10), consultation_id=f"of {nov(4)}")


@pytest.mark.parametrize(
    ("earlier", "last_day", "kind"),
    [
        ([RECEIVED], nov(11), Kind.SUPPLEMENT_REQUESTED),
        ([RECEIVED], DUE, Kind.EXTENDED),
        ([RECEIVED], DUE, Kind.CONSULTATION_STARTED),
        ([RECEIVED], DUE, Kind.FEE_NOTIFIED),
        ([RECEIVED], DUE, Kind.POSTPONED),
        ([RECEIVED, ASKED, CAME], dec(7), Kind.EXTENDED),
        ([RECEIVED, step(Kind.CONSULTATION_STARTED, nov(4)), OPINION], dec(4), Kind.EXTENDED),  # four days of pause
        ([RECEIVED, step(Kind.CONSULTATION_STARTED, nov(4))], dec(21), Kind.EXTENDED),  # nobody answered: fifteen
    ],
)
def test_what_has_a_last_day_has_no_effect_after_it(earlier: list[Step], last_day: date, kind: Kind) -> None:
    on_time, late = step(kind, last_day), step(kind, last_day + timedelta(days=1))
    assert with_effect(RECEIVED_ON, [*earlier, on_time]) == ([*earlier, on_time], [])
    valid, (void,) = with_effect(RECEIVED_ON, [*earlier, late])
    assert (valid, void.step) == (earlier, late)
    assert str(last_day) in void.why
    assert void.why.endswith("条）")


@pytest.mark.parametrize(
    ("earlier", "void", "why"),
    [
        ([step(Kind.EXTENDED, nov(4))], step(Kind.EXTENDED, nov(5)), "只能延长一次（《政府信息公开条例》第三十三条）"),
        ([ASKED], step(Kind.SUPPLEMENT_REQUESTED, nov(6)), "还在等申请人补正"),
        ([ASKED, CAME], step(Kind.SUPPLEMENT_REQUESTED, nov(10)), "补正只能一次性告知（《政府信息公开条例》第三十条）"),
        ([ASKED], step(Kind.EXTENDED, nov(20)), "还在等申请人补正"),
        ([ASKED], step(Kind.CONSULTATION_STARTED, nov(21)), "还在等申请人补正"),
        ([step(Kind.FEE_NOTIFIED, nov(4))], step(Kind.EXTENDED, nov(5)), "还在等申请人缴费"),
        (
            [step(Kind.FEE_NOTIFIED, nov(4)), step(Kind.FEE_PAID, nov(5))],
            step(Kind.FEE_NOTIFIED, nov(9)),
            "已经通知过收费",
        ),
    ],
)
def test_what_is_not_allowed_has_no_effect(earlier: list[Step], void: Step, why: str) -> None:
    _, (found,) = with_effect(RECEIVED_ON, [RECEIVED, *earlier, void])
    assert found.step == void
    assert found.why.startswith(why)


def test_an_extension_told_too_late_does_not_make_the_delay_good() -> None:
    assessment = assess(RECEIVED_ON, [RECEIVED, step(Kind.EXTENDED, dec(1))], dec(2))
    assert (assessment.state, assessment.due_on, assessment.overdue) == (RequestState.IN_PROCESS, DUE, True)
    assert [void.step.kind for void in assessment.without_effect] == [Kind.EXTENDED]


def test_a_supplement_asked_for_too_late_neither_stops_nor_restarts_the_time() -> None:
    asked, came = step(Kind.SUPPLEMENT_REQUESTED, nov(12)), step(Kind.SUPPLEMENT_RECEIVED, nov(20))
    assert assess(RECEIVED_ON, [RECEIVED, asked], nov(27)).due_on == DUE
    assessment = assess(RECEIVED_ON, [RECEIVED, asked, came], nov(20))
    assert (assessment.state, assessment.due_on) == (RequestState.IN_PROCESS, DUE)
    assert [void.step for void in assessment.without_effect] == [asked, came]


def test_a_new_time_may_be_extended_once_more() -> None:
    first, second = step(Kind.EXTENDED, nov(4)), step(Kind.EXTENDED, nov(10))
    _, void = with_effect(RECEIVED_ON, [RECEIVED, first, ASKED, CAME, second])
    assert void == []
