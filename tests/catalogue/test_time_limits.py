"""Promises in the units in which offices make them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.time_limits import TimeLimit, TimeUnit
from bot.replies.approvals import limit_words, promised


@pytest.mark.parametrize(
    ("written", "count", "unit"),
    [
        ("5", 5, TimeUnit.WORKING_DAYS),
        ("20（工作日）", 20, TimeUnit.WORKING_DAYS),
        ("２０ 个工作日", 20, TimeUnit.WORKING_DAYS),
        ("15个自然日", 15, TimeUnit.CALENDAR_DAYS),
        ("15自然日内", 15, TimeUnit.CALENDAR_DAYS),
        ("15 天", 15, TimeUnit.DAYS),
        ("2个月", 2, TimeUnit.MONTHS),
        ("1年", 1, TimeUnit.YEARS),
        ("1小时", 1, TimeUnit.HOURS),
        ("30分钟以内", 30, TimeUnit.MINUTES),
        ("当场办结", 0, TimeUnit.WORKING_DAYS),
    ],
)
def test_a_promise_keeps_the_unit_in_which_it_is_written(written: str, count: int, unit: TimeUnit) -> None:
    assert TimeLimit.parse(written) == TimeLimit(count, unit)


@pytest.mark.parametrize("written", ["", "-1", "3个礼拜", "5-10个工作日", "99999", "尽快", "1.5小时", "1E+3"])
def test_what_is_no_promise_is_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(ValueError, match=r"写成“5个工作日”|不能为空"):
        TimeLimit.parse(written)


@given(st.builds(TimeLimit, st.integers(1, 9999), st.sampled_from(TimeUnit)))
def test_what_is_written_is_read_again(limit: TimeLimit) -> None:
    assert TimeLimit.parse(str(limit)) == limit


def test_citizens_read_that_days_of_the_calendar_include_holidays() -> None:
    assert promised(TimeLimit.parse("15个自然日")) == "承诺 15 个自然日（含节假日）办结"
    assert promised(TimeLimit.parse("5")) == "承诺 5 个工作日办结"
    assert [limit_words(TimeLimit.parse(written)) for written in ("2个月", "1小时", "15天", "0天")] == [
        "2 个月",
        "1 小时",
        "15 天",
        "当场办结",
    ]
