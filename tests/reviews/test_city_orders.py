"""Cases in the city's own work-order system: what is sent, what comes back in whatever order, and whose work it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy.orm import Session

from bot.doctor import contents as doctor
from bot.doctor.finding import Level
from bot.reviews import city_orders, handling, queue, service, work_orders
from bot.reviews.city_order_states import CityOrderState, ToSend
from bot.reviews.city_orders import Heard, OrderTold, Told
from bot.reviews.desk_news import NewsKind, news_of
from bot.reviews.models import Case, CityOrder
from bot.reviews.order_states import OrderState, lead_order
from bot.reviews.queue import QueueFilter
from bot.reviews.states import CaseActionRefused, CaseState
from bot.settings import CityOrderSettings
from bot.staff.models import Person
from bot.staff.roles import Role
from tests.databases import in_memory
from tests.reviews.town import NOON, add_department, add_person, open_case

HOUR = timedelta(hours=1)
ANSWER = "路灯已经修好。"


@pytest.fixture(autouse=True)
def _system(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch)


def connect(monkeypatch: pytest.MonkeyPatch, *, takes_all: bool = False) -> None:
    system = CityOrderSettings("https://orders.example", "key", "s" * 16, takes_all, HOUR)
    monkeypatch.setattr(city_orders, "in_force", lambda: system)


@pytest.fixture
def session() -> Iterator[Session]:
    with in_memory() as database, database.transaction() as opened:
        yield opened


@pytest.fixture
def clerk(session: Session) -> Person:
    return add_person(session, "李四")


@pytest.fixture
def case(session: Session, clerk: Person) -> Case:
    found = open_case(session, text="路灯坏了，打我电话13800138000")
    handling.claim(session, found, clerk, NOON)
    return found


def told(state: Told, sequence: int, words: str = "", number: str = "AJ-000001") -> OrderTold:
    return OrderTold(number, "GD-1", state, sequence, words)


def hear(session: Session, state: Told, sequence: int, words: str = "") -> Heard:
    return city_orders.hear(session, told(state, sequence, words), HOUR, NOON + sequence * HOUR)[0]


def hand_out(session: Session, case: Case, clerk: Person) -> CityOrder:
    return city_orders.hand_out(session, case, clerk, NOON, "请派人修")


def test_what_is_sent_has_no_personal_data_and_goes_out_once(session: Session, case: Case, clerk: Person) -> None:
    order = hand_out(session, case, clerk)
    assert case.state == CaseState.WITH_DEPARTMENT
    (order_id,) = city_orders.due(session, NOON)
    errand = city_orders.begin(session, order_id, NOON)
    assert errand is not None
    assert (errand.number, errand.to_send, errand.body["request"]) == (case.number, ToSend.ORDER, "请派人修")
    assert "13800138000" not in str(errand.body)
    assert city_orders.begin(session, order.id, NOON) is None, "another process does not send it too"
    with pytest.raises(CaseActionRefused, match="已经在城市工单系统里了"):
        hand_out(session, case, clerk)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_states_may_come_twice_and_in_any_order(
    session: Session, case: Case, clerk: Person, order: tuple[int, ...]
) -> None:
    hand_out(session, case, clerk)
    states = {1: (Told.ACCEPTED, ""), 2: (Told.IN_PROGRESS, ""), 3: (Told.DONE, ANSWER)}
    for sequence in (*order, *order):
        hear(session, states[sequence][0], sequence, states[sequence][1])
    (kept,) = city_orders.orders_of(session, case)
    assert (kept.state, kept.answer, kept.outer_number) == (CityOrderState.DONE, ANSWER, "GD-1")
    (draft,) = service.drafts_of(session, case)
    assert (draft.text, draft.by) == (ANSWER, None)


def test_the_answer_goes_the_way_of_a_departments_answer(session: Session, case: Case, clerk: Person) -> None:
    reviewer = add_person(session, "王五", Role.REVIEWER)
    hand_out(session, case, clerk)
    assert hear(session, Told.DONE, 1, ANSWER) is Heard.TAKEN
    assert NewsKind.TO_APPROVE in {each.kind for each in news_of(session, reviewer, NOON)}
    assert NewsKind.CAME_BACK in {each.kind for each in news_of(session, clerk, NOON)}
    city_orders.see(session, case, clerk, NOON)
    assert NewsKind.CAME_BACK not in {each.kind for each in news_of(session, clerk, NOON)}
    (draft,) = service.drafts_of(session, case)
    handling.approve(session, draft, reviewer, NOON)
    handling.reply(session, case, clerk, NOON, draft.text, is_final=True, draft=draft)
    assert case.state == CaseState.ANSWERED


def test_a_return_is_the_owners_work_again_and_may_go_out_once_more(
    session: Session, case: Case, clerk: Person
) -> None:
    hand_out(session, case, clerk)
    hear(session, Told.RETURNED, 1, "归开发区")
    assert (case.state, case.claimed_by) == (CaseState.CLAIMED, clerk)
    assert queue.count(session, QueueFilter(came_back=True), seen_by=clerk, now=NOON) == 1
    assert hand_out(session, case, clerk).number == "AJ-000001-2"


def test_a_refused_order_comes_back_with_the_reason(session: Session, case: Case, clerk: Person) -> None:
    order = hand_out(session, case, clerk)
    city_orders.refused(session, order.id, "城市工单系统拒收（422）", NOON)
    assert (order.state, order.next_at, case.state) == (CityOrderState.REFUSED, None, CaseState.CLAIMED)
    assert "422" in service.events_of(session, case)[-1].why


def test_where_all_orders_go_there_the_departments_order_follows_their_states(
    session: Session, case: Case, clerk: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, takes_all=True)
    add_department(session)
    work_orders.issue(session, case, clerk, NOON, "GA", "请看看", 2)
    due_at, lead = case.due_at, lead_order(session, case)
    assert lead is not None
    (outside,) = city_orders.orders_of(session, case)
    assert outside.body["department"] == {"code": "GA", "name": "公安局"}
    hear(session, Told.ACCEPTED, 1)
    assert (lead.state, case.due_at) == (OrderState.SIGNED, due_at)
    hear(session, Told.DONE, 2, ANSWER)
    assert lead.state == OrderState.DONE


def test_an_order_taken_back_is_withdrawn_there_and_what_they_say_later_is_kept(
    session: Session, case: Case, clerk: Person
) -> None:
    order = hand_out(session, case, clerk)
    city_orders.begin(session, order.id, NOON)
    city_orders.sent(session, order.id, told(Told.RECEIVED, 1), HOUR, NOON)
    handling.take_back(session, case, clerk, NOON)
    assert (order.state, order.to_send, order.next_at) == (CityOrderState.WITHDRAWN, ToSend.WITHDRAWAL, NOON)
    city_orders.withdrawal_taken(session, order.id)
    assert hear(session, Told.DONE, 2, ANSWER) is Heard.TAKEN
    assert ANSWER in service.events_of(session, case)[-1].why
    assert (case.state, service.drafts_of(session, case)) == (CaseState.CLAIMED, [])


def test_an_order_that_never_left_needs_no_withdrawal(session: Session, case: Case, clerk: Person) -> None:
    order = hand_out(session, case, clerk)
    handling.take_back(session, case, clerk, NOON)
    assert (order.to_send, order.next_at) == (ToSend.NOTHING, None)


def test_trouble_is_told_after_ten_minutes_and_never_ends_an_order(session: Session, case: Case, clerk: Person) -> None:
    order = hand_out(session, case, clerk)
    city_orders.put_off(session, order.id, "连不上", timedelta(minutes=5), NOON)
    session.flush()
    assert city_orders.alarms(session, NOON) == []
    later = NOON + timedelta(minutes=11)
    assert "1 件等着" in city_orders.alarms(session, later)[0]
    assert doctor.city_orders(session, later).level is Level.DOUBTFUL
    assert city_orders.due(session, later) == [order.id]
    city_orders.sent(session, order.id, told(Told.RECEIVED, 1), HOUR, later)
    assert city_orders.alarms(session, later + HOUR) == []


def test_without_the_other_system_nothing_is_handed_out(
    session: Session, case: Case, clerk: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(city_orders, "in_force", lambda: None)
    with pytest.raises(CaseActionRefused, match="没有接"):
        hand_out(session, case, clerk)
