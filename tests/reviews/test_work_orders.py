"""Work orders: their steps, clocks and who sees them; in any order of steps an order follows its table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy.orm import Session

from bot.conversations import staff_messages
from bot.db import Database
from bot.reviews import handling, order_states, service, work_orders
from bot.reviews.desk_news import NewsKind, news_of
from bot.reviews.models import Case, WorkOrder
from bot.reviews.order_list import OrderFilter, OrderView, count_orders, order_list
from bot.reviews.order_states import OPEN_ORDERS, TRANSITIONS, OrderAct, OrderState, lead_order
from bot.reviews.queue import QueueFilter, queue
from bot.reviews.reasons import ClosedAs, Stars
from bot.reviews.states import CaseActionRefused, CaseState
from bot.staff.audit import search
from bot.staff.models import Person
from bot.staff.roles import Role
from tests.databases import set_up
from tests.reviews.town import NOON, add_department, add_person, open_case

LATER = NOON + timedelta(hours=1)


def settle(session: Session) -> None:
    """A clerk, a supervisor, and people of two departments."""
    police, hall = add_department(session), add_department(session, "MZ", "民政局")
    add_person(session, "王芳")
    add_person(session, "周敏", Role.SUPERVISOR)
    add_person(session, "孙亮", Role.DEPARTMENT, police)
    add_person(session, "何青", Role.DEPARTMENT, hall)


@pytest.fixture
def town(database: Database) -> Iterator[Session]:
    """王芳 owns AJ-000001."""
    with database.transaction() as session:
        settle(session)
        handling.claim(session, open_case(session), who(session, "王芳"), NOON)
        yield session


def who(session: Session, name: str) -> Person:
    return session.query(Person).filter_by(name=name).one()


def the_case(session: Session) -> Case:
    return service.get_case(session, "AJ-000001")


def issued(session: Session, days: int | None = None) -> tuple[Case, WorkOrder]:
    case = the_case(session)
    work_orders.issue(session, case, who(session, "王芳"), NOON, "GA", "请查明", days)
    order = lead_order(session, case)
    assert order is not None
    return case, order


def test_an_order_is_signed_for_within_a_working_day_and_handed_in_within_its_own_limit(town: Session) -> None:
    case, order = issued(town, days=2)
    assert order.sign_due_at == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    assert order.due_at == case.due_at == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    work_orders.sign(town, case, order, who(town, "孙亮"), LATER)
    handling.draft_answer(town, case, who(town, "孙亮"), LATER, "到派出所办。")
    assert (order.state, order.signed_at, order.finished_at) == (OrderState.DONE, LATER, LATER)


def test_a_limit_longer_than_the_promise_to_the_citizen_leaves_that_promise_as_it_is(town: Session) -> None:
    case, order = issued(town, days=20)
    assert case.due_at == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    assert order.due_at > case.due_at


def test_a_returned_draft_puts_the_order_in_hand_again(town: Session) -> None:
    case, order = issued(town)
    draft = handling.draft_answer(town, case, who(town, "孙亮"), LATER, "到派出所办。")
    handling.return_draft(town, draft, who(town, "周敏"), LATER, "写明地址")
    assert (order.state, order.finished_at) == (OrderState.SIGNED, None)


def test_an_extension_that_is_granted_puts_off_both_days_and_the_citizen_is_told(town: Session) -> None:
    case, order = issued(town)
    work_orders.sign(town, case, order, who(town, "孙亮"), LATER)
    work_orders.ask_extension(town, case, order, who(town, "孙亮"), LATER, 2, "要去现场")
    work_orders.grant_extension(town, case, order, who(town, "周敏"), LATER)
    assert (order.state, order.extended_days) == (OrderState.SIGNED, 2)
    assert order.due_at == case.due_at == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    told = staff_messages.staff_messages(town, "c1")
    assert "3 月 11 日前" in told[-1].text


def test_an_extension_that_is_refused_or_asked_too_late_changes_no_day(town: Session) -> None:
    case, order = issued(town)
    due_at = order.due_at
    work_orders.sign(town, case, order, who(town, "孙亮"), LATER)
    work_orders.ask_extension(town, case, order, who(town, "孙亮"), LATER, 2, "要去现场")
    work_orders.refuse_extension(town, case, order, who(town, "周敏"), LATER, "不用去")
    with pytest.raises(CaseActionRefused, match="已经过了时限"):
        work_orders.ask_extension(town, case, order, who(town, "孙亮"), due_at + timedelta(hours=1), 2, "要去现场")
    assert order.due_at == due_at


def test_a_department_that_is_not_in_charge_returns_the_order_with_its_reason(town: Session) -> None:
    case, order = issued(town)
    handling.take_back(town, case, who(town, "孙亮"), LATER, "归民政局")
    assert (order.state, case.state) == (OrderState.RETURNED, CaseState.CLAIMED)


@pytest.mark.parametrize("end", ["take_back", "pass_on", "answer", "close"])
def test_what_the_desk_ends_itself_withdraws_the_order(town: Session, end: str) -> None:
    case, order = issued(town)
    clerk = who(town, "王芳")
    if end == "take_back":
        handling.take_back(town, case, clerk, LATER)
    elif end == "pass_on":
        work_orders.issue(town, case, clerk, LATER, "MZ", "", None)
    else:
        handling.reply(town, case, clerk, LATER, "到派出所办。", is_final=True)
    if end == "close":
        handling.close(town, case, clerk, LATER, ClosedAs.ANSWERED)
    assert order.state == OrderState.WITHDRAWN


def test_an_assisting_department_sees_the_case_and_hands_in_for_colleagues(town: Session) -> None:
    case, _ = issued(town)
    other = who(town, "何青")
    assert not service.is_visible_to(case, other)
    order = work_orders.assist(town, case, who(town, "王芳"), NOON, "MZ", "请核对低保", None)
    town.refresh(case)
    assert service.is_visible_to(case, other)
    found = queue(town, QueueFilter(), seen_by=other, now=LATER)
    assert [one.number for one in found.rows] == [case.number]
    work_orders.finish_assisting(town, case, order, other, LATER, "在册")
    assert (order.state, order.result, case.state) == (OrderState.DONE, "在册", CaseState.WITH_DEPARTMENT)


def test_a_second_order_to_a_department_that_has_one_open_is_refused(town: Session) -> None:
    case, _ = issued(town)
    with pytest.raises(CaseActionRefused, match="已经在办"):
        work_orders.assist(town, case, who(town, "王芳"), NOON, "GA", "请核对", None)


def test_after_a_bad_rating_the_department_gets_the_order_again(town: Session) -> None:
    case, order = issued(town)
    clerk = who(town, "王芳")
    draft = handling.draft_answer(town, case, who(town, "孙亮"), LATER, "到派出所办。")
    handling.approve(town, draft, who(town, "周敏"), LATER)
    handling.reply(town, case, clerk, LATER, draft.text, is_final=True, draft=draft)
    with pytest.raises(CaseActionRefused):
        work_orders.redo(town, case, clerk, LATER, "没有办好", None)
    service.rate(town, case, Stars.DISSATISFIED, "", LATER + timedelta(hours=1))
    work_orders.redo(town, case, clerk, LATER + timedelta(hours=2), "没有办好", None)
    again = lead_order(town, case)
    assert again is not None
    assert (again.redo_of_id, again.department_code, again.state) == (order.id, "GA", OrderState.ISSUED)
    assert count_orders(town, OrderFilter(OrderView.DONE_AGAIN), LATER) == 1


def test_pressing_and_supervising_show_in_the_lists(town: Session) -> None:
    case, order = issued(town)
    work_orders.press(town, case, order, who(town, "王芳"), LATER)
    work_orders.supervise(town, case, order, who(town, "周敏"), LATER, "每天报进展")
    with pytest.raises(CaseActionRefused, match="已经在督办"):
        work_orders.supervise(town, case, order, who(town, "周敏"), LATER, "每天报进展")
    for view in (OrderView.PRESSED, OrderView.SUPERVISED, OrderView.TO_SIGN):
        assert [one.id for one in order_list(town, OrderFilter(view), LATER).rows] == [order.id]
    assert count_orders(town, OrderFilter(OrderView.LATE), order.sign_due_at + timedelta(minutes=1)) == 1


def test_of_a_draft_reviewer_author_and_owner_are_told_in_turn(town: Session) -> None:
    case, _ = issued(town)
    clerk, author, reviewer = (who(town, name) for name in ("王芳", "孙亮", "周敏"))

    def told(person: Person) -> set[NewsKind]:
        return {news.kind for news in news_of(town, person, LATER)}

    assert NewsKind.TO_SIGN in told(author)
    draft = handling.draft_answer(town, case, author, LATER, "到派出所办。")
    assert NewsKind.TO_APPROVE in told(reviewer)
    handling.approve(town, draft, reviewer, LATER)
    assert NewsKind.REVIEWED in told(author)
    assert NewsKind.REVIEWED in told(clerk)
    handling.reply(town, case, clerk, LATER, draft.text, is_final=True, draft=draft)
    assert NewsKind.REVIEWED not in told(author) | told(clerk)


def test_each_step_stands_in_the_audit_log_and_in_the_history(town: Session) -> None:
    case, order = issued(town)
    work_orders.sign(town, case, order, who(town, "孙亮"), LATER)
    assert [entry.why for entry in search(town, action="work_order").rows] == ["签收，公安局", "派单，公安局"]
    assert service.events_of(town, case)[-1].action == "sign_order"


def test_days_that_are_none_are_asked_again() -> None:
    assert work_orders.working_days_in(" 5 ", "时限") == 5
    assert work_orders.working_days_in("", "时限") is None
    for text in ("0", "61", "-1", "五", "1.5", "９９９９９９"):
        with pytest.raises(CaseActionRefused, match="时限填 1 到 60"):
            work_orders.working_days_in(text, "时限")


class Orders(RuleBasedStateMachine):
    """A case and its orders under any steps of any people: refused steps change nothing, others follow the table."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.transaction = self.database.transaction()
        self.session = self.transaction.__enter__()
        self.now = NOON
        self.people = list(self.session.query(Person).order_by(Person.id))
        self.case = open_case(self.session, "c1")
        handling.claim(self.session, self.case, self.people[0], NOON)
        self.states: dict[int, str] = {}

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    def attempt(self, act: Callable[[], object]) -> None:
        self.now += timedelta(hours=1)
        try:
            with self.session.begin_nested():
                act()
        except CaseActionRefused:
            pass
        self.session.refresh(self.case)

    def orders(self) -> list[WorkOrder]:
        return work_orders.orders_of(self.session, self.case)

    @rule(person=st.integers(0, 3), code=st.sampled_from(["GA", "MZ"]), days=st.sampled_from([None, 1, 10]))
    def issue(self, person: int, code: str, days: int | None) -> None:
        who = self.people[person]
        self.attempt(lambda: work_orders.issue(self.session, self.case, who, self.now, code, "办", days))

    @rule(person=st.integers(0, 3), code=st.sampled_from(["GA", "MZ"]))
    def assist(self, person: int, code: str) -> None:
        who = self.people[person]
        self.attempt(lambda: work_orders.assist(self.session, self.case, who, self.now, code, "办", None))

    @precondition(lambda self: self.orders())
    @rule(
        person=st.integers(0, 3),
        place=st.integers(0, 9),
        act=st.sampled_from(["sign", "ask", "grant", "refuse", "press", "supervise", "finish", "return", "withdraw"]),
    )
    def step(self, person: int, place: int, act: str) -> None:
        orders = self.orders()
        order, who, session, case = orders[place % len(orders)], self.people[person], self.session, self.case
        steps: dict[str, Callable[[], object]] = {
            "sign": lambda: work_orders.sign(session, case, order, who, self.now),
            "ask": lambda: work_orders.ask_extension(session, case, order, who, self.now, 2, "忙"),
            "grant": lambda: work_orders.grant_extension(session, case, order, who, self.now),
            "refuse": lambda: work_orders.refuse_extension(session, case, order, who, self.now, "不行"),
            "press": lambda: work_orders.press(session, case, order, who, self.now),
            "supervise": lambda: work_orders.supervise(session, case, order, who, self.now, "看"),
            "finish": lambda: work_orders.finish_assisting(session, case, order, who, self.now, "好"),
            "return": lambda: work_orders.return_assisting(session, case, order, who, self.now, "不归"),
            "withdraw": lambda: work_orders.withdraw_assisting(session, case, order, who, self.now),
        }
        self.attempt(steps[act])

    @rule(
        person=st.integers(0, 3),
        act=st.sampled_from(["draft", "return_draft", "back", "answer", "close", "bad", "redo"]),
    )
    def case_step(self, person: int, act: str) -> None:
        who, session, case = self.people[person], self.session, self.case
        steps: dict[str, Callable[[], object]] = {
            "draft": lambda: handling.draft_answer(session, case, who, self.now, "拟"),
            "return_draft": lambda: self.return_newest(who),
            "back": lambda: handling.take_back(session, case, who, self.now, "不归我们"),
            "answer": lambda: handling.reply(session, case, who, self.now, "答", is_final=True),
            "close": lambda: handling.close(session, case, who, self.now, ClosedAs.WITHDRAWN),
            "bad": lambda: service.rate(session, case, Stars.DISSATISFIED, "", self.now),
            "redo": lambda: work_orders.redo(session, case, who, self.now, "再办", None),
        }
        self.attempt(steps[act])

    def return_newest(self, who: Person) -> None:
        drafts = service.drafts_of(self.session, self.case)
        if drafts:
            handling.return_draft(self.session, drafts[-1], who, self.now, "改")

    @invariant()
    def keeps_its_rules(self) -> None:
        orders = self.orders()
        open_leads = [order for order in orders if not order.is_assisting and order.state in OPEN_ORDERS]
        assert len(open_leads) <= 1
        if open_leads:
            assert self.case.state == CaseState.WITH_DEPARTMENT
            assert self.case.department_code == open_leads[0].department_code
        if self.case.state == CaseState.CLOSED:
            assert not any(order.state in OPEN_ORDERS for order in orders)
        for order in orders:
            assert (order.ended_at is None) == (order.state in OPEN_ORDERS)
            assert (order.finished_at is not None) == (order.state == OrderState.DONE)
            assert order.signed_at is not None or order.state not in (OrderState.SIGNED, OrderState.DONE)
            before = self.states.get(order.id, OrderState.ISSUED)
            assert order.state == before or order.state in _REACHED[before]
            self.states[order.id] = order.state


def _reached() -> dict[str, set[str]]:
    """State → the states that one step of the case may lead its order to."""
    found: dict[str, set[str]] = {state: set() for state in OrderState}
    for row in TRANSITIONS.values():
        for state in row.from_states:
            found[state].add(row.to or state)
    return found


_REACHED = _reached()
TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def machine_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('orders') / 'test.db'}")
    set_up(database)
    with database.transaction() as session:
        settle(session)
    Orders.database = database
    yield
    database.close()


def test_every_state_and_act_has_a_title_and_every_act_its_row() -> None:
    assert set(order_states.ORDER_STATE_TITLES) == set(OrderState)
    assert set(order_states.ORDER_ACT_TITLES) == set(OrderAct) == set(TRANSITIONS)
