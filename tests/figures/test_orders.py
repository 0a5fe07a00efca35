"""The rates of departments, the cases behind a number, and the period before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.db import Database
from bot.figures.behind import Behind, Wanted, cases_behind
from bot.figures.orders import order_rates
from bot.figures.period import Period
from bot.figures.service import Figures, figures
from bot.figures.tables import TABLES, compared_summary
from bot.reviews import handling, service, work_orders
from bot.reviews.order_list import OrderFilter, OrderView, count_orders
from bot.reviews.order_states import lead_order
from bot.reviews.reasons import ClosedAs, Stars
from bot.staff.models import Person
from tests.figures.month import AFTER, MARCH, NOON, answer_case, close_case, open_case, rate, say
from tests.reviews.town import add_department, add_person

DAY = timedelta(days=1)


def settle(session: Session) -> tuple[Person, Person]:
    """A clerk and somebody of the police."""
    return add_person(session, "王芳"), add_person(session, "孙亮", department=add_department(session))


def test_the_rates_of_a_department_are_those_of_its_orders(database: Database) -> None:
    with database.transaction() as session:
        clerk, officer = settle(session)

        def send(conversation: str) -> tuple[object, object]:
            case = open_case(session, conversation)
            handling.claim(session, case, clerk, NOON)
            work_orders.issue(session, case, clerk, NOON, "GA", "", 2)
            return case, lead_order(session, case)

        in_time, late, returned, waiting = (send(f"c{number}") for number in range(4))
        work_orders.sign(session, in_time[0], in_time[1], officer, NOON)
        draft = handling.draft_answer(session, in_time[0], officer, NOON + DAY, "好")
        handling.reply(session, in_time[0], clerk, NOON + DAY, draft.text, is_final=True, draft=draft)
        service.rate(session, in_time[0], Stars.DISSATISFIED, "", NOON + 2 * DAY)
        work_orders.redo(session, in_time[0], clerk, NOON + 2 * DAY, "再办", None)
        handling.draft_answer(session, late[0], officer, NOON + 5 * DAY, "好")
        handling.take_back(session, returned[0], officer, NOON, "不归")
        together, police = order_rates(session, MARCH, NOON + 6 * DAY)
        for view, count in {
            OrderView.LEADING: police.issued_count,
            OrderView.SIGNED_LATE: police.signed_late_count,
            OrderView.DONE_LATE: police.done_late_count,
            OrderView.DONE_AGAIN: police.done_again_count,
            OrderView.RETURNED: police.returned_count,
            OrderView.REDO: police.redo_count,
        }.items():
            wanted = OrderFilter(view, "GA", MARCH.starts_at, MARCH.ends_at)
            assert count_orders(session, wanted, NOON + 6 * DAY) == count, view
    assert waiting[0] is not None
    assert (police.department, police.issued_count, police.returned_count, police.redo_count) == ("公安局", 5, 1, 1)
    # Signed: in time, and late by handing in. Not signed and too late: what waits, and what is to be done again.
    assert (police.sign_judged_count, police.signed_late_count) == (4, 3)
    assert (police.done_count, police.done_again_count, police.done_late_count) == (2, 1, 2)
    assert (police.graded_count, police.satisfied_count) == (1, 0)
    assert together.issued_count == police.issued_count


@pytest.mark.parametrize("department", ["", "desk", "GA"])
def test_behind_each_number_stand_as_many_cases(database: Database, department: str) -> None:
    with database.transaction() as session:
        clerk, _ = settle(session)
        for number in range(4):
            case = open_case(session, f"c{number}")
            if number:
                answer_case(session, case, clerk, NOON + timedelta(minutes=3 * number))
            if number == 2:
                close_case(session, case, clerk, NOON + 20 * DAY)
                rate(session, case, 5, NOON + 20 * DAY)
        handling.pass_to_department(session, case, clerk, NOON + DAY, "GA")
        counted = figures(session, MARCH, AFTER)
        names = {"": None, "desk": None, "GA": "公安局"}
        own = [one for one in counted.departments if one.department == names[department]]
        cases = counted.cases if department == "" else own[0]
        times, closing = cases.first_reply, cases.closing
        expected = {
            Behind.OPENED: cases.opened_count,
            Behind.CLOSED: cases.closed_count,
            Behind.FIRST_REPLIED: times.ended_count,
            Behind.FIRST_REPLY_LATE: times.judged_count - times.kept_count,
            Behind.CLOSING_LATE: closing.judged_count - closing.kept_count,
        }
        for which, count in expected.items():
            assert cases_behind(session, Wanted(which, MARCH, department), AFTER).total == count, which
        assert cases_behind(session, Wanted(Behind.RATED, MARCH, stars=5), AFTER).total == 1


def test_the_summary_stands_beside_that_of_the_period_before(database: Database) -> None:
    with database.transaction() as session:
        say(session)
        say(session, at=NOON - 10 * DAY)
        say(session, at=NOON - 10 * DAY)
        shown = compared_summary(Figures(session, MARCH, AFTER))
        assert shown.rows[1] == ("群众消息", 1, 2)
        assert shown.rows[-1][2] == "—"
        assert [row[:2] for row in shown.rows] == TABLES["summary"](Figures(session, MARCH, AFTER)).rows


def test_before_a_month_is_a_month_before_a_quarter_a_quarter_and_before_days_as_many_days() -> None:
    assert str(Period.of_quarter(2026, 1).before) == "2025年第四季度"
    assert MARCH.before == Period.of_month("2026-02")
    week = Period(date(2026, 3, 9), date(2026, 3, 15))
    assert week.before == Period(date(2026, 3, 2), date(2026, 3, 8))


def test_an_order_that_the_desk_took_back_counts_for_nobody(database: Database) -> None:
    with database.transaction() as session:
        clerk, _ = settle(session)
        case = open_case(session, "c1")
        handling.claim(session, case, clerk, NOON)
        work_orders.issue(session, case, clerk, NOON, "GA", "", None)
        handling.take_back(session, case, clerk, NOON)
        handling.close(session, case, clerk, NOON, ClosedAs.WITHDRAWN)
        assert order_rates(session, MARCH, AFTER) == []
