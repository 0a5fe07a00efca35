"""Which step can follow which. 2 November 2026 is a Monday: the answer is due on the 30th, a notice by the 11th."""

from datetime import date, timedelta

import pytest

from bot.disclosures.history import Flaw, flaw_in
from bot.disclosures.terms import Decision, Kind, Party, Reason, Step


def nov(day: int) -> date:
    return date(2026, 11, day)


def dec(day: int) -> date:
    return date(2026, 12, day)


RECEIVED = Step(Kind.RECEIVED, nov(2))


def supplement_requested(on: date, respond_by: date | None = None) -> Step:
    return Step(Kind.SUPPLEMENT_REQUESTED, on, respond_by=respond_by or on + timedelta(days=15))


def supplement_received(on: date) -> Step:
    return Step(Kind.SUPPLEMENT_RECEIVED, on)


def extended(on: date, working_days: int = 10) -> Step:
    return Step(Kind.EXTENDED, on, working_days=working_days)


def consulted(on: date, number: str = "1") -> Step:
    return Step(Kind.CONSULTATION_STARTED, on, party=Party.AGENCY, consultation_id=number)


def opinion(on: date, number: str = "1") -> Step:
    return Step(Kind.CONSULTATION_ENDED, on, consultation_id=number)


def answered(on: date) -> Step:
    return Step(Kind.ANSWERED, on, outcome=Decision.GRANTED)


def withdrawn(on: date) -> Step:
    return Step(Kind.WITHDRAWN, on)


# The events so far, and the day of the next one.
SITUATIONS = {
    "nothing": ([], nov(2)),
    "received": ([RECEIVED], nov(5)),
    "seven days over": ([RECEIVED], nov(12)),
    "overdue": ([RECEIVED], dec(1)),
    "awaiting supplement": ([RECEIVED, supplement_requested(nov(5))], nov(9)),
    "abandoned": ([RECEIVED, supplement_requested(nov(5), nov(6))], nov(9)),
    "awaiting fee": ([RECEIVED, Step(Kind.FEE_NOTIFIED, nov(4))], nov(5)),
    "supplemented": ([RECEIVED, supplement_requested(nov(5)), supplement_received(nov(9))], nov(10)),
    "consulting": ([RECEIVED, consulted(nov(4))], nov(5)),
    "consulted": ([RECEIVED, consulted(nov(4)), opinion(nov(5))], nov(6)),
    "extended": ([RECEIVED, extended(nov(4))], nov(5)),
    "answered": ([RECEIVED, answered(nov(4))], nov(5)),
    "withdrawn": ([RECEIVED, withdrawn(nov(4))], nov(5)),
}
# What can be recorded at any time while a request is open, whatever effect it has in law.
ALWAYS = {
    Kind.SUPPLEMENT_REQUESTED, Kind.EXTENDED, Kind.CONSULTATION_STARTED, Kind.FEE_NOTIFIED, Kind.POSTPONED,
    Kind.ANSWERED, Kind.WITHDRAWN,
}  # fmt: skip
# The kinds that may follow. For a consultation: a new one may begin, and the first one may end.
POSSIBLE = {
    "nothing": {Kind.RECEIVED},
    "received": ALWAYS,
    "seven days over": ALWAYS,
    "overdue": ALWAYS,
    "awaiting supplement": {*ALWAYS, Kind.SUPPLEMENT_RECEIVED},
    "abandoned": {*ALWAYS, Kind.SUPPLEMENT_RECEIVED},
    "awaiting fee": {*ALWAYS, Kind.FEE_PAID},
    "supplemented": ALWAYS,
    "consulting": {*ALWAYS, Kind.CONSULTATION_ENDED},
    "consulted": ALWAYS,
    "extended": ALWAYS,
    "answered": set(),
    "withdrawn": set(),
}


def step_of(kind: Kind, on: date) -> Step:
    return {
        Kind.RECEIVED: Step(Kind.RECEIVED, on),
        Kind.SUPPLEMENT_REQUESTED: supplement_requested(on),
        Kind.SUPPLEMENT_RECEIVED: supplement_received(on),
        Kind.EXTENDED: extended(on),
        Kind.CONSULTATION_STARTED: consulted(on, "2"),
        Kind.CONSULTATION_ENDED: opinion(on),
        Kind.FEE_NOTIFIED: Step(Kind.FEE_NOTIFIED, on, amount=100),
        Kind.FEE_PAID: Step(Kind.FEE_PAID, on),
        Kind.POSTPONED: Step(Kind.POSTPONED, on, until=on),
        Kind.ANSWERED: answered(on),
        Kind.WITHDRAWN: withdrawn(on),
    }[kind]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_may_follow_what(situation: str, kind: Kind) -> None:
    earlier, on = SITUATIONS[situation]
    for number, step in enumerate(earlier):
        assert flaw_in(earlier[:number], step) is None
    assert (flaw_in(earlier, step_of(kind, on)) is None) == (kind in POSSIBLE[situation])


@pytest.mark.parametrize(
    ("earlier", "step", "flaw"),
    [
        ([], answered(nov(2)), Flaw("kind", "第一条、也只有第一条是收到申请")),
        ([RECEIVED, extended(nov(4))], answered(nov(3)), Flaw("on", "早于上一条的日期 2026-11-04")),
        ([RECEIVED], withdrawn(nov(1)), Flaw("on", "早于上一条的日期 2026-11-02（收到申请）")),
        ([RECEIVED, answered(nov(4))], answered(nov(5)), Flaw("kind", "申请已经答复或撤回，后面不能再有记录")),
        ([RECEIVED], supplement_received(nov(5)), Flaw("kind", "前面没有要求补正")),
        ([RECEIVED, consulted(nov(4))], consulted(nov(5)), Flaw("consultation_id", "这个征求编号已经用过")),
        ([RECEIVED], opinion(nov(4)), Flaw("consultation_id", "没有这个编号的、尚未结束的征求意见")),
        (
            [RECEIVED, consulted(nov(4)), opinion(nov(5))],
            opinion(nov(6)),
            Flaw("consultation_id", "没有这个编号的、尚未结束的征求意见"),
        ),
        (
            [RECEIVED],
            extended(nov(4), 0),
            Flaw("working_days", "延长 1 至 20 个工作日（《政府信息公开条例》第三十三条）"),
        ),
        (
            [RECEIVED],
            extended(nov(4), 21),
            Flaw("working_days", "延长 1 至 20 个工作日（《政府信息公开条例》第三十三条）"),
        ),
        ([RECEIVED], supplement_requested(nov(4), nov(3)), Flaw("respond_by", "不能早于通知补正的日期")),
        ([RECEIVED], Step(Kind.FEE_PAID, nov(4)), Flaw("kind", "前面没有通知收费")),
        ([RECEIVED], Step(Kind.FEE_NOTIFIED, nov(4), amount=0), Flaw("amount", "收费金额要大于零")),
        ([RECEIVED], Step(Kind.FEE_NOTIFIED, nov(4), pay_by=nov(3)), Flaw("pay_by", "不能早于通知收费的日期")),
        ([RECEIVED], Step(Kind.POSTPONED, nov(4), until=nov(3)), Flaw("until", "不能早于告知延迟的日期")),
        ([RECEIVED], Step(Kind.ANSWERED, nov(4)), Flaw("outcome", "这一环节必须填")),
        ([RECEIVED], Step(Kind.WITHDRAWN, nov(4), party=Party.AGENCY), Flaw("party", "这一环节不填此项")),
        ([RECEIVED], Step(Kind.WITHDRAWN, nov(4), reason=Reason.OTHER), Flaw("reason", "这一环节不填此项")),
    ],
)
def test_what_cannot_have_happened_is_refused_with_the_reason(earlier: list[Step], step: Step, flaw: Flaw) -> None:
    assert flaw_in(earlier, step) == flaw


def test_an_answer_may_come_with_a_reason_and_an_extension_of_twenty_days() -> None:
    assert flaw_in([RECEIVED], extended(nov(4), 20)) is None
    refused = Step(Kind.ANSWERED, nov(4), outcome=Decision.REFUSED, reason=Reason.FORBIDDEN_BY_LAW)
    assert flaw_in([RECEIVED], refused) is None


def test_an_opinion_may_come_while_a_supplement_is_awaited() -> None:
    assert flaw_in([RECEIVED, consulted(nov(4)), supplement_requested(nov(5))], opinion(nov(6))) is None
