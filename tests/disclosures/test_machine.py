"""A disclosure request under any steps on any days: what the law's clock says of it never contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from bot.db import Database
from bot.disclosures import errands, mending, service
from bot.disclosures.errands import ErrandRefused
from bot.disclosures.mending import MendingRefused
from bot.disclosures.models import Request
from bot.disclosures.register import CLOSED
from bot.disclosures.service import StepRefused
from bot.disclosures.terms import CLOSING, Decision, Kind, Party, RequestState, Step
from bot.language.errands import ErrandKind
from bot.staff.models import AuditEntry
from bot.workdays import count_working_days
from tests.databases import set_up
from tests.disclosures.test_desk import RECEIPT, add_request
from tests.effort import effort

RECEIVED_ON = date(2026, 3, 2)
ENDED = (RequestState.ANSWERED, RequestState.WITHDRAWN, RequestState.ABANDONED)


class Requests(RuleBasedStateMachine):
    """One request; each rule is one act on the day that it is."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.transaction = self.database.transaction()
        self.session = self.transaction.__enter__()
        self.today = RECEIVED_ON
        self.request = self.session.get_one(Request, RECEIPT)

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(4), UTC)

    @rule(days=st.sampled_from([1, 1, 3, 7, 15, 30]))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(
        kind=st.sampled_from(list(Kind)),
        days=st.integers(-2, 40),
        party=st.sampled_from(list(Party)),
        name=st.sampled_from(["1", "2", None]),
        outcome=st.sampled_from([Decision.GRANTED, Decision.REFUSED, Decision.NOT_HELD]),
        is_bare=st.booleans(),
    )
    def clerk_records(
        self, kind: Kind, days: int, party: Party, name: str | None, outcome: Decision, is_bare: bool
    ) -> None:
        """Often a step as the form has it, at times one with a detail missing or too much."""
        later = self.today + timedelta(days=days)
        details: dict[Kind, dict[str, object]] = {
            Kind.SUPPLEMENT_REQUESTED: {"respond_by": later},
            Kind.EXTENDED: {"working_days": days},
            Kind.CONSULTATION_STARTED: {"party": party, "consultation_id": name},
            Kind.CONSULTATION_ENDED: {"consultation_id": name},
            Kind.FEE_NOTIFIED: {"amount": days, "pay_by": later},
            Kind.POSTPONED: {"until": later},
            Kind.ANSWERED: {"outcome": outcome},
        }
        step = Step(kind, self.today, **({} if is_bare else details.get(kind, {})))  # type: ignore[arg-type]
        self._attempt(lambda: service.record_event(self.session, RECEIPT, step), StepRefused)

    @rule(kind=st.sampled_from(list(Kind)), place=st.integers(0, 9))
    def clerk_records_what_is_offered(self, kind: Kind, place: int) -> None:
        """What the page offers for today is always taken."""
        offered = list(service.recordable(self.request, self.today))
        assert bool(offered) == (not any(step.kind in CLOSING for step in self.request.steps))
        del kind, place

    @rule(kind=st.sampled_from(list(ErrandKind)))
    def applicant_acts(self, kind: ErrandKind) -> None:
        state = service.assess(self.request, self.today).state
        done = self._attempt(
            lambda: errands.record(self.session, RECEIPT, kind, "补充说明一下范围", self.now), ErrandRefused
        )
        may = state not in CLOSED and (kind == ErrandKind.WITHDRAW or state == RequestState.AWAITING_SUPPLEMENT)
        assert done == may

    @rule()
    def clerk_takes_the_last_step_back(self) -> None:
        entries = len(self.session.scalars(select(AuditEntry)).all())
        done = self._attempt(
            lambda: mending.take_back_last_event(self.session, RECEIPT, clerk="clerk", why="记错了", now=self.now),
            MendingRefused,
        )
        assert len(self.session.scalars(select(AuditEntry)).all()) == entries + done

    def _attempt(self, act: object, refused: type[Exception]) -> bool:
        """Whether it was done. What is refused changes nothing."""
        before = self.request.steps
        try:
            with self.session.begin_nested():
                act()  # type: ignore[operator]
        except refused:
            self.session.refresh(self.request)
            assert self.request.steps == before
            return False
        self.session.refresh(self.request)
        return True

    @invariant()
    def the_clock_agrees_with_itself(self) -> None:
        steps = self.request.steps
        assert steps[0].kind == Kind.RECEIVED
        assert [step.on for step in steps] == sorted(step.on for step in steps)
        assert not any(step.kind in CLOSING for step in steps[:-1])
        last = steps[-1]
        for ahead in (0, 1, 30, 200):
            day = self.today + timedelta(days=ahead)
            found = service.assess(self.request, day)
            assert (found.state in (RequestState.ANSWERED, RequestState.WITHDRAWN)) == (last.kind in CLOSING)
            assert found.paused == (
                found.state
                in (RequestState.AWAITING_SUPPLEMENT, RequestState.AWAITING_PAYMENT, RequestState.CONSULTING)
            )
            if found.state in ENDED or found.paused:
                assert found.working_days_left is None
                assert not found.overdue
            else:
                assert found.due_on is not None
                assert found.working_days_left is not None
                assert found.overdue == (day > found.due_on)
                left = count_working_days(day, found.due_on) if day <= found.due_on else 0
                assert found.working_days_left == left or found.working_days_left <= 0 < day.toordinal()
            if found.due_on is not None:
                # No step makes the time shorter than the law's twenty working days.
                assert count_working_days(RECEIVED_ON, found.due_on) >= 20
            assert found.legal_basis


TestRequests = Requests.TestCase
TestRequests.settings = effort(20, steps=20)


@pytest.fixture(autouse=True, scope="module")
def machine_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('requests') / 'test.db'}")
    set_up(database)
    add_request(database, RECEIPT, RECEIVED_ON)
    Requests.database = database
    yield
    database.close()
