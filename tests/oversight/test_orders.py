"""Orders to correct and complaints: who may do what when, the clock, the code, the history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import Database
from bot.oversight import complaints, orders
from bot.oversight.complaints import ComplaintRefused, FiledComplaint
from bot.oversight.events import OversightAct, events_of
from bot.oversight.models import Complaint, Order
from bot.oversight.orders import NoSuchOrder, OrderRefused, OrderState
from bot.staff.models import AuditEntry
from tests.oversight.register import NOW, TODAY, add_city, answered, request


@pytest.fixture
def filled(database: Database) -> Database:
    with database.transaction() as session:
        add_city(session)
        session.add(request(1, date(2026, 1, 5), answered(date(2026, 1, 9))))
    return database


def issue(session: Session, **changed: object) -> Order:
    given: dict[str, object] = {
        "department_code": "SL",
        "basis": "urged",
        "duty": "申请 XXGK-2026-000001 的答复",
        "wrong": "没有说明理由，请重新答复。",
        "working_days": 5,
        "receipt": "",
        "complaint_number": "",
        "who": "boss",
        "today": TODAY,
        "now": NOW,
    }
    return orders.issue(session, **{**given, **changed})  # type: ignore[arg-type]


def file(session: Session, **changed: str) -> FiledComplaint:
    given = {
        "department_code": "SL",
        "kind": "not_answered",
        "receipt": "",
        "words": "答复没有理由",
        "contact": "13900000001",
    }
    return complaints.file_complaint(session, **{**given, **changed}, now=NOW)


def test_an_order_is_due_so_many_working_days_later_and_overdue_on_the_day_after(filled: Database) -> None:
    with filled.transaction() as session:
        order = issue(session)
        assert (order.number, order.due_on) == ("ZG-2026-0001", date(2026, 3, 9))
        assert orders.standing(order, TODAY).words == "还剩 5 个工作日"
        assert orders.standing(order, date(2026, 3, 9)).words == "今天到期"
        late = orders.standing(order, date(2026, 3, 11))
        assert (late.is_overdue, late.words) == (True, "逾期 2 个工作日")
        assert orders.count_overdue(session, date(2026, 3, 9), None) == 0
        assert orders.count_overdue(session, date(2026, 3, 10), "SL") == 1
        assert orders.count_overdue(session, date(2026, 3, 10), "GA") == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"department_code": "XX"}, "机关"),
        ({"basis": ""}, "依据"),
        ({"duty": " "}, "哪项职责"),
        ({"wrong": ""}, "问题在哪里"),
        ({"working_days": None}, "几个工作日"),
        ({"working_days": 121}, "几个工作日"),
        ({"receipt": "XXGK-2026-000009"}, "没有这个回执号"),
        ({"receipt": "XXGK-2026-000001", "department_code": "GA"}, "不由这个机关办理"),
    ],
)
def test_an_order_says_whom_it_binds_to_what_and_until_when(
    filled: Database, changed: dict[str, object], said: str
) -> None:
    with filled.transaction() as session, pytest.raises(OrderRefused, match=said):
        issue(session, **changed)


def test_an_order_is_reported_sent_back_reported_and_accepted_by_somebody_else(filled: Database) -> None:
    with filled.transaction() as session:
        number = issue(session, receipt="xxgk 2026 000001").number
        with pytest.raises(OrderRefused, match="还没有回报"):
            orders.accept(session, number, "好", who="boss", today=TODAY, now=NOW)
        with pytest.raises(NoSuchOrder):
            orders.report(session, number, "GA", "改了", who="other", now=NOW)
        orders.report(session, number, "SL", "补了理由", who="clerk", now=NOW)
        assert orders.standing(orders.get_order(session, number, None), TODAY + timedelta(days=90)).days_left is None
        with pytest.raises(OrderRefused, match="不用回报"):
            orders.report(session, number, "SL", "又改了", who="clerk", now=NOW)
        orders.send_back(session, number, "理由不对", 3, who="boss", today=date(2026, 3, 6), now=NOW)
        assert orders.get_order(session, number, None).due_on == date(2026, 3, 11)
        orders.report(session, number, "SL", "再改", who="boss", now=NOW)
        with pytest.raises(OrderRefused, match="不能自己认可"):
            orders.accept(session, number, "好", who="boss", today=TODAY, now=NOW)
        orders.accept(session, number, "已看过", who="second", today=TODAY, now=NOW)
        with pytest.raises(OrderRefused, match="已经办结"):
            orders.withdraw(session, number, "不要了", who="boss", today=TODAY, now=NOW)
        acts = [event.act for event in events_of(session, number)]
        assert acts == [
            OversightAct.ISSUED,
            OversightAct.REPORTED,
            OversightAct.SENT_BACK,
            OversightAct.REPORTED,
            OversightAct.ACCEPTED,
        ]
        found = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == number).order_by(AuditEntry.id))
        assert list(found) == ["issue_order", "answer_order", "send_back_order", "answer_order", "accept_order"]


def test_the_list_has_the_overdue_first_and_closed_ones_only_on_wish(filled: Database) -> None:
    with filled.transaction() as session:
        later, sooner, gone = (issue(session, working_days=days).number for days in (9, 2, 1))
        orders.withdraw(session, gone, "发错了", who="boss", today=TODAY, now=NOW)
        found = orders.orders(session, date(2026, 3, 6), organ=None)
        assert [one.order.number for one in found] == [sooner, later]
        assert len(orders.orders(session, TODAY, organ="SL", with_closed=True)) == 3
        assert orders.orders(session, TODAY, organ="GA") == []
        assert orders.get_order(session, gone, "SL").state == OrderState.WITHDRAWN


def test_a_complaint_is_read_with_number_and_code_and_with_nothing_else(filled: Database) -> None:
    with filled.transaction() as session:
        filed = file(session)
        number = filed.complaint.number
        assert number == "TS-2026-000001"
        assert complaints.look_up(session, "ts 2026-1", filed.query_code, "c", NOW).complaint is filed.complaint
        wrong = complaints.look_up(session, number, "ABCD-2345", "c", NOW)
        assert wrong.complaint is None
        assert wrong.attempts_left > 0
        for _ in range(9):
            complaints.look_up(session, number, "ABCD-2345", "c", NOW)
        assert complaints.look_up(session, number, filed.query_code, "c", NOW).attempts_left == 0
        assert complaints.look_up(session, number, filed.query_code, "other", NOW).complaint is filed.complaint
        assert complaints.look_up(session, "TS-2026-000009", filed.query_code, "d", NOW).complaint is None


def test_words_and_contact_are_sealed_in_the_database(filled: Database) -> None:
    with filled.transaction() as session:
        file(session)
        row = session.connection().exec_driver_sql("SELECT words, contact FROM disclosure_complaints").one()
    assert not any(text in str(row) for text in ("答复没有理由", "13900000001"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"department_code": ""}, "机关"),
        ({"kind": "x"}, "事由"),
        ({"words": " "}, "什么事"),
        ({"receipt": "12"}, "回执号不对"),
        ({"words": "啊" * 2001}, "最多"),
    ],
)
def test_a_complaint_says_about_whom_and_what(filled: Database, changed: dict[str, str], said: str) -> None:
    with filled.transaction() as session, pytest.raises(ComplaintRefused, match=said):
        file(session, **changed)


def test_a_complaint_is_taken_up_turned_into_an_order_and_answered_once(filled: Database) -> None:
    with filled.transaction() as session:
        number = file(session).complaint.number
        complaints.take_up(session, number, who="boss", now=NOW)
        with pytest.raises(ComplaintRefused, match="已经有人受理"):
            complaints.take_up(session, number, who="second", now=NOW)
        order = issue(session, complaint_number=number)
        assert order.complaint_id is not None
        assert complaints.count_open(session) == 1
        with pytest.raises(ComplaintRefused, match="结果"):
            complaints.answer(session, number, finding="", words="好", who="boss", now=NOW)
        complaints.answer(session, number, finding="upheld", words="已督促整改。", who="boss", now=NOW)
        with pytest.raises(ComplaintRefused, match="已经答复"):
            complaints.answer(session, number, finding="upheld", words="再答", who="boss", now=NOW)
        assert complaints.count_open(session) == 0
        assert [one.number for one in complaints.complaints(session, answered=True)] == [number]
        acts = [event.act for event in events_of(session, number)]
        assert acts == [OversightAct.FILED, OversightAct.TAKEN_UP, OversightAct.ORDERED, OversightAct.ANSWERED]


def test_words_and_contact_are_opened_for_a_reason_that_is_logged(filled: Database) -> None:
    with filled.transaction() as session:
        number = file(session).complaint.number
        with pytest.raises(ComplaintRefused, match="为什么"):
            complaints.open_complaint(session, number, why=" ", who="boss", now=NOW)
        opened: Complaint = complaints.open_complaint(session, number, why="电话核实", who="boss", now=NOW)
        assert opened.contact == "13900000001"
        assert session.scalars(select(AuditEntry.why).where(AuditEntry.subject == number)).all() == ["电话核实"]
