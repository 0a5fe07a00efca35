"""Which messages, cases and ratings are counted, and which are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.figures import service
from bot.figures.period import Period
from bot.figures.questions import alike_together
from bot.figures.service import figures
from bot.reviews import handling
from bot.reviews.reasons import Reason
from tests.figures.month import AFTER, MARCH, NOON, answer_case, close_case, open_case, rate, say
from tests.reviews.town import add_department, add_person

FIRST_INSTANT = datetime(2026, 2, 28, 16, tzinfo=UTC)
LAST_INSTANT = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)


def test_an_empty_month_is_counted_too(database: Database) -> None:
    with database.transaction() as session:
        counted = figures(session, MARCH, AFTER)
    assert (counted.volume, counted.unanswered, counted.items, counted.overdue.first, counted.departments) == (
        [],
        [],
        [],
        [],
        [],
    )
    assert counted.conversations == service.Conversations(0, 0, 0)
    assert counted.conversations.alone_share is None
    assert counted.answers.fallback_share is None
    assert counted.satisfaction.satisfied_share is None
    assert (counted.cases.first_reply.median, counted.cases.closing.kept_share) == (None, None)


def test_days_are_those_of_china(database: Database) -> None:
    with database.transaction() as session:
        for at in (
            FIRST_INSTANT - timedelta(seconds=1),
            FIRST_INSTANT,
            LAST_INSTANT,
            LAST_INSTANT + timedelta(seconds=1),
        ):
            say(session, at=at)
        found = service.volume(session, MARCH)
    assert [(one.day, one.message_count) for one in found] == [(date(2026, 3, 1), 1), (date(2026, 3, 31), 1)]


def test_volume_tells_messages_and_conversations_of_each_channel(database: Database) -> None:
    with database.transaction() as session:
        for conversation in ("a", "a", "b"):
            say(session, conversation_id=conversation)
        say(session, conversation_id="sms-1", channel="sms")
        found = service.volume(session, MARCH)
    assert [(one.channel, one.message_count, one.conversation_count) for one in found] == [
        ("portal", 3, 2),
        ("sms", 1, 1),
    ]


def test_a_conversation_is_handled_without_a_person_if_something_was_answered_and_nobody_came(
    database: Database,
) -> None:
    with database.transaction() as session:
        say(session, conversation_id="answered")
        say(session, conversation_id="answered after all", outcome=Outcome.NOTHING_FOUND)
        say(session, conversation_id="answered after all")
        say(session, conversation_id="only a greeting", outcome=Outcome.SMALLTALK)
        say(session, conversation_id="not answered", outcome=Outcome.NOTHING_FOUND)
        say(session, conversation_id="handed over", outcome=Outcome.HANDED_OVER)
        say(session, conversation_id="with a case")
        open_case(session, "with a case")
        say(session, conversation_id="looked at by sample")
        open_case(session, "looked at by sample", reason=Reason.LOW_CONFIDENCE)
        found = service.conversations(session, MARCH)
    assert (found.total, found.with_person_count, found.unanswered_count) == (7, 2, 1)
    assert found.alone_share == pytest.approx(4 / 7)


def test_fallback_is_a_share_of_what_the_bot_itself_answered(database: Database) -> None:
    with database.transaction() as session:
        for outcome in (
            Outcome.NOTHING_FOUND,
            Outcome.ANSWERED_BY_RECORD,
            Outcome.ANSWERED_BY_RECORD,
            Outcome.FAILED_ENGINE,
            Outcome.WITH_PERSON,
            Outcome.SWITCHED_OFF,
            None,
        ):
            say(session, outcome=outcome)
        found = service.answers(session, MARCH)
    assert (found.bot_count, found.fell_back_count, found.failed_count) == (4, 1, 1)
    assert found.fallback_share == 0.25
    assert found.by_outcome["answered_by_record"] == 2


def test_first_replies_are_judged_by_the_promise_of_the_time_at_which_they_were_asked_for(database: Database) -> None:
    evening = datetime(2026, 3, 2, 13, tzinfo=UTC)
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        # Five minutes on duty; until noon of the next day in the evening.
        for number, (asked_at, minutes) in enumerate([(NOON, 4), (NOON, 6), (evening, 60), (evening, 16 * 60)]):
            case = open_case(session, f"c{number}", asked_at)
            answer_case(session, case, clerk, asked_at + timedelta(minutes=minutes))
        found = figures(session, MARCH, AFTER).cases.first_reply
    assert (found.ended_count, found.kept_count, found.judged_count) == (4, 2, 4)
    assert found.median == timedelta(minutes=33)
    assert found.ninetieth == timedelta(hours=16)


def test_what_waits_still_is_judged_once_its_time_is_over(database: Database) -> None:
    with database.transaction() as session:
        open_case(session)
        before = figures(session, MARCH, NOON + timedelta(minutes=5)).cases.first_reply
        after = figures(session, MARCH, NOON + timedelta(minutes=6)).cases.first_reply
    assert (before.judged_count, before.kept_share) == (0, None)
    assert (after.ended_count, after.judged_count, after.kept_share) == (0, 1, 0)


def test_a_case_looked_at_by_sample_owes_a_first_reply_only_once_its_citizen_asks(database: Database) -> None:
    with database.transaction() as session:
        open_case(session, reason=Reason.LOW_CONFIDENCE)
        assert figures(session, MARCH, AFTER).cases.first_reply.judged_count == 0
        asked_at = NOON + timedelta(hours=1)
        case = open_case(session, at=asked_at)
        answer_case(session, case, add_person(session, "王芳"), asked_at + timedelta(minutes=3))
        found = figures(session, MARCH, AFTER).cases.first_reply
    assert (found.median, found.kept_share) == (timedelta(minutes=3), 1)


def test_closing_is_promised_within_working_days(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        for number, days in enumerate((7, 8)):
            case = open_case(session, f"c{number}")
            answer_case(session, case, clerk, NOON)
            close_case(session, case, clerk, NOON + timedelta(days=days))
        open_case(session, "still open")
        counted = figures(session, MARCH, AFTER)
    # Five working days after Monday the 2nd: Monday the 9th.
    assert (counted.cases.opened_count, counted.cases.closed_count) == (3, 2)
    assert (counted.cases.closing.kept_count, counted.cases.closing.judged_count) == (1, 3)
    assert counted.cases.closing.ninetieth == timedelta(days=8)


def test_a_merged_case_is_counted_with_the_one_that_took_it_in(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        case, other = open_case(session, "c1"), open_case(session, "c2")
        handling.claim(session, case, clerk, NOON)
        handling.merge(session, case, clerk, NOON, other)
        assert figures(session, MARCH, AFTER).cases.opened_count == 1


def test_departments_have_figures_of_their_own(database: Database) -> None:
    with database.transaction() as session:
        add_department(session)
        clerk = add_person(session, "王芳")
        passed_on = open_case(session, "c1")
        open_case(session, "c2")
        handling.claim(session, passed_on, clerk, NOON)
        handling.pass_to_department(session, passed_on, clerk, NOON, "GA")
        counted = figures(session, MARCH, NOON + timedelta(days=20))
    assert [(one.department, one.opened_count) for one in counted.departments] == [(None, 1), ("公安局", 1)]
    assert [(one.department, one.owner) for one in counted.overdue.first] == [(None, None), ("公安局", "王芳")]


def test_satisfaction_counts_ratings_of_the_period(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        for number, stars in enumerate((5, 4, 3, 2, 1)):
            case = open_case(session, f"c{number}")
            answer_case(session, case, clerk, NOON)
            rate(session, case, stars, NOON + timedelta(hours=1) if stars > 1 else AFTER)
        found = service.satisfaction(session, MARCH)
    assert (found.total, found.satisfied_share, found.worst_count) == (4, 0.5, 1)


def test_grades_count_what_the_assistant_answered_in_the_period(database: Database) -> None:
    with database.transaction() as session:
        for stars in (5, 2, None):
            say(session, "居住证多少钱", Outcome.ANSWERED_BY_RECORD).stars = stars
        found = service.grades(session, MARCH)
    assert (found.total, found.counts[5], found.worst_count) == (2, 1, 1)


def test_unanswered_questions_are_masked_and_alike_ones_together(database: Database) -> None:
    with database.transaction() as session:
        for text in ("宠物狗证怎么办", "宠物狗证怎么办", "宠物狗证怎么办理", "我叫王小明，天气怎么样"):
            say(session, text, Outcome.NOTHING_FOUND)
        say(session, "收费", Outcome.NOTHING_FOUND).is_pressed = True
        say(session, "", Outcome.ASKED_BACK)
        say(session, "居住证怎么办", Outcome.ANSWERED_BY_RECORD)
        found = service.unanswered(session, MARCH)
    assert [(one.text, one.count, one.others) for one in found] == [
        ("宠物狗证怎么办", 3, ("宠物狗证怎么办理",)),
        ("我叫[姓名]，天气怎么样", 1, ()),
    ]


def test_no_questions_make_no_groups() -> None:
    assert alike_together({}) == []
    assert [one.text for one in alike_together({"🙂": 3, "怎么办": 1})] == ["怎么办"]


def test_an_item_counts_once_a_message(database: Database) -> None:
    with database.transaction() as session:
        say(session, items=["GA-003", "GA-003", "GA-004"])
        say(session, items=["GA-003"])
        say(session, at=AFTER, items=["GA-009"])
        found = service.asked_items(session, MARCH)
    assert [(one.code, one.name, one.count) for one in found] == [("GA-003", "GA-003", 2), ("GA-004", "GA-004", 1)]


def test_a_period_may_be_of_any_days(database: Database) -> None:
    with database.transaction() as session:
        say(session)
        assert service.volume(session, Period.between("2026-03-02", "2026-03-02")) != []
        assert service.volume(session, Period.between("2026-03-03", "2026-03-31")) == []
