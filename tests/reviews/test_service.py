from datetime import UTC, datetime, timedelta

import pytest

from bot.db import Database
from bot.reviews import service

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_a_second_reason_joins_the_open_case(database: Database) -> None:
    with database.transaction() as session:
        first = service.open_case(session, "c1", "portal", "asked_for_person", [], NOW)
        again = service.open_case(session, "c1", "portal", "nothing_found", [], NOW + timedelta(minutes=1))
        assert again.id == first.id
        assert again.reasons == ["asked_for_person", "nothing_found"]
        assert again.waiting_since == NOW


def test_the_transcript_in_a_case_is_masked(database: Database) -> None:
    lines = [{"by": "citizen", "text": "我电话13800138000"}]
    with database.transaction() as session:
        case = service.open_case(session, "c1", "portal", "asked_for_person", lines, NOW)
        assert case.transcript == [{"by": "citizen", "text": "我电话[手机号]"}]


def test_who_waits_longest_comes_first(database: Database) -> None:
    with database.transaction() as session:
        late = service.open_case(session, "late", "portal", "x", [], NOW)
        early = service.open_case(session, "early", "portal", "x", [], NOW - timedelta(hours=1))
        assert [case.id for case in service.open_cases(session)] == [early.id, late.id]
        assert early.number == f"AJ-{early.id:06d}"


@pytest.mark.parametrize(
    ("at", "on_duty"),
    [
        (datetime(2026, 3, 2, 1, 0, tzinfo=UTC), True),  # Monday 9:00 in China
        (datetime(2026, 3, 2, 0, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), False),  # 17:30
        (datetime(2026, 3, 1, 3, 0, tzinfo=UTC), False),  # Sunday
        (datetime(2026, 2, 28, 3, 0, tzinfo=UTC), True),  # a Saturday worked for the Spring Festival
        (datetime(2026, 10, 1, 3, 0, tzinfo=UTC), False),  # National Day
    ],
)
def test_staff_are_on_duty_in_the_hours_of_working_days(at: datetime, on_duty: bool) -> None:
    assert service.is_on_duty(at) is on_duty
