"""条例 art. 26 and the terms of other laws; what a duty demands on a day."""

from datetime import date

import pytest

from bot.publishing.due import Expected, due_on, expected
from tests.publishing.organs import duty


def test_the_term_is_twenty_working_days_after_the_day_of_making() -> None:
    # Twenty working days without holidays are four weeks.
    assert due_on(date(2026, 11, 2), None) == date(2026, 11, 30)
    assert due_on(date(2026, 11, 2), duty()) == date(2026, 11, 30)
    # 国庆节 and 调休 are counted as the State Council arranged them.
    assert due_on(date(2026, 9, 21), None) > date(2026, 10, 19)


@pytest.mark.parametrize(
    ("values", "made_on", "due"),
    [
        ({"days": 20, "unit": "日"}, date(2026, 2, 6), date(2026, 2, 26)),
        ({"days": 7}, date(2026, 11, 2), date(2026, 11, 11)),
        ({"until": "01-31", "frequency": "每年"}, date(2026, 1, 16), date(2026, 1, 31)),
        ({"until": "01-31", "frequency": "每年"}, date(2026, 2, 5), date(2026, 1, 31)),
    ],
)
def test_another_law_sets_another_term(values: dict[str, object], made_on: date, due: date) -> None:
    assert due_on(made_on, duty(**values)) == due


@pytest.mark.parametrize(
    ("values", "today", "wanted"),
    [
        (
            {"frequency": "每月"},
            date(2026, 1, 5),
            ("2025年12月", date(2025, 12, 1), date(2025, 12, 31), date(2025, 12, 31)),
        ),
        (
            {"frequency": "每季度"},
            date(2026, 11, 25),
            ("2026年第三季度", date(2026, 7, 1), date(2026, 9, 30), date(2026, 9, 30)),
        ),
        (
            {"frequency": "每季度"},
            date(2026, 2, 1),
            ("2025年第四季度", date(2025, 10, 1), date(2025, 12, 31), date(2025, 12, 31)),
        ),
        (
            {"frequency": "每年"},
            date(2026, 11, 25),
            ("2025年", date(2025, 1, 1), date(2025, 12, 31), date(2025, 12, 31)),
        ),
        (
            {"frequency": "每年", "until": "03-31"},
            date(2026, 1, 2),
            ("2026年", date(2026, 1, 1), date(2026, 12, 31), date(2026, 3, 31)),
        ),
    ],
)
def test_the_last_whole_period_counts(
    values: dict[str, object], today: date, wanted: tuple[str, date, date, date]
) -> None:
    assert expected(duty(**values), today) == Expected(*wanted)


def test_what_is_published_with_each_change_is_not_expected_on_a_day() -> None:
    assert expected(duty(), date(2026, 11, 25)) is None
    once = expected(duty(frequency="一次"), date(2026, 11, 25))
    assert once is not None
    assert once.due_on is None
