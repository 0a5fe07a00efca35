"""The list behind each number of the figures: row and column of a table → the page that shows what was counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from bot.figures.appraisal import appraisal
from bot.figures.appraisal_rules import Measure
from bot.figures.behind import DESK_CODE, Behind
from bot.figures.service import Figures
from bot.figures.tables import NOTHING, Table
from bot.reviews.order_list import OrderView
from bot.reviews.reasons import Stars

Links = dict[tuple[int, int], str]

_SUMMARY = {
    "立件": Behind.OPENED,
    "首次回复：件数": Behind.FIRST_REPLIED,
    "首次回复：按时占比": Behind.FIRST_REPLY_LATE,
    "办结：件数": Behind.CLOSED,
    "办结：按时占比": Behind.CLOSING_LATE,
    "评价": Behind.RATED,
}
_DEPARTMENTS = {1: Behind.OPENED, 2: Behind.CLOSED, 4: Behind.FIRST_REPLY_LATE, 7: Behind.CLOSING_LATE}
_ORDERS = {
    1: OrderView.LEADING,
    2: OrderView.SIGNED_LATE,
    3: OrderView.DONE_LATE,
    4: OrderView.DONE_AGAIN,
    6: OrderView.RETURNED,
    7: OrderView.REDO,
}
_SATISFIED = 5
_SHARE = 4
_MEASURES: Mapping[Measure, OrderView | Behind] = {
    Measure.SIGNED_IN_TIME: OrderView.SIGNED_LATE,
    Measure.DONE_IN_TIME: OrderView.DONE_LATE,
    Measure.CLOSED_IN_TIME: Behind.CLOSING_LATE,
    Measure.DONE_AT_ONCE: OrderView.DONE_AGAIN,
    Measure.SATISFIED: Behind.UNSATISFIED,
    Measure.RETURNED: OrderView.RETURNED,
    Measure.REDO: OrderView.REDO,
    Measure.REPLIED_IN_TIME: Behind.FIRST_REPLY_LATE,
}


def links(table: Table, counted: Figures) -> Links:
    """Behind a share stand those that were late, returned or done again: the ones to look at."""
    makers = {
        "summary": _summary,
        "departments": _departments,
        "orders": _orders,
        "appraisal_marks": _appraisal_marks,
        "satisfaction": _satisfaction,
    }
    found = makers[table.name](table, counted) if table.name in makers else ()
    return {(row, column): path for (row, column), path in found if table.rows[row][column] not in (0, NOTHING)}


def _summary(table: Table, counted: Figures) -> Iterator[tuple[tuple[int, int], str]]:
    for place, row in enumerate(table.rows):
        if row[0] in _SUMMARY:
            yield (place, 1), _cases(counted, _SUMMARY[str(row[0])])
    yield (len(table.rows) - 1, 1), "/console/queue?overdue=1"


def _departments(_table: Table, counted: Figures) -> Iterator[tuple[tuple[int, int], str]]:
    for place, one in enumerate(counted.departments):
        for column, which in _DEPARTMENTS.items():
            yield (place, column), _cases(counted, which, department=one.department_code or DESK_CODE)


def _orders(_table: Table, counted: Figures) -> Iterator[tuple[tuple[int, int], str]]:
    for place, one in enumerate(counted.orders):
        of = {"department": one.department_code} if one.department_code else {}
        for column, view in _ORDERS.items():
            yield (place, column), _order_list(counted, view, **of)
        yield (place, _SATISFIED), _cases(counted, Behind.UNSATISFIED, **of)


def _appraisal_marks(_table: Table, counted: Figures) -> Iterator[tuple[tuple[int, int], str]]:
    marks = [(one.code, mark.rule.measure) for one in appraisal(counted).departments for mark in one.marks]
    for place, (code, measure) in enumerate(marks):
        yield (place, _SHARE), _measured(counted, measure, code)


def _measured(counted: Figures, measure: Measure, department: str) -> str:
    behind = _MEASURES[measure]
    if isinstance(behind, OrderView):
        return _order_list(counted, behind, department=department)
    return _cases(counted, behind, department=department)


def _satisfaction(_table: Table, counted: Figures) -> Iterator[tuple[tuple[int, int], str]]:
    for place, stars in enumerate(reversed(Stars)):
        yield (place, 1), _cases(counted, Behind.RATED, stars=str(int(stars)))


def _cases(counted: Figures, which: Behind, **more: str) -> str:
    return f"/console/figures/cases?{urlencode({'which': which, **more, **_days(counted)})}"


def _order_list(counted: Figures, view: OrderView, **more: str) -> str:
    return f"/console/work-orders?{urlencode({'show': view, **more, **_days(counted)})}"


def _days(counted: Figures) -> dict[str, str]:
    return {"from": counted.period.first_on.isoformat(), "to": counted.period.last_on.isoformat()}
