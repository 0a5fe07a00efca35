"""Questions without a good answer: grouped by week, given to the department in charge, mended, and gone with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.answering.service import NearUnits
from bot.answering.units import Sort, Unit
from bot.catalogue.models import Department
from bot.conversations import forgetting
from bot.conversations import service as conversations
from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.subjects import ApprovalItem, written
from bot.documents.models import Document
from bot.gaps import finding, service
from bot.gaps.models import Gap
from bot.gaps.service import GapRefused, GapState, NoSuchGap
from bot.staff.models import Person
from bot.staff.roles import Role
from tests.databases import in_memory
from tests.lessons.classroom import add_items
from tests.reviews.town import NOON, add_person

WEEK = timedelta(days=7)
LOST = ("身份证丢了要拿什么来补", "补身份证要拿什么", "身份证丢了补要拿什么")
ITEM = Unit("item:GA-003:overview", "item:GA-003", Sort.ITEM, "GA-003", "居民身份证补领", "", ("居民身份证补领",))


class _NearTheCard:
    """An index in which questions about a card are near the item, and others near it by chance."""

    def near(self, text: str) -> NearUnits:
        return NearUnits((ITEM,), 0.7 if "身份证" in text else 0.1)


@pytest.fixture(autouse=True)
def _index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "newest_answering", lambda _: _NearTheCard())


@pytest.fixture
def session() -> Iterator[Session]:
    with in_memory() as database, database.transaction() as opened:
        add_items(opened)
        opened.add(Department(code="MZ", name="民政局", short_names=["民政"], phone=""))
        opened.flush()
        yield opened


@pytest.fixture
def officer(session: Session) -> Person:
    return add_person(session, "何青", Role.DEPARTMENT, session.get_one(Department, "GA"))


@pytest.fixture
def reviewer(session: Session) -> Person:
    return add_person(session, "王五", Role.REVIEWER)


def ask(session: Session, text: str, at: datetime = NOON, stars: int | None = None) -> Message:
    """Nothing was found; or, with `stars`, an item was shown and graded so."""
    conversation = conversations.open_conversation(session, conversations.new_conversation_id(), "portal", at)
    message = conversations.store_message(session, conversation, text, at)
    shown = {"text": "补领。", "custom": written(ApprovalItem("GA-006", "居住证申领", "fee", {}))}
    outcome, replies = (Outcome.NOTHING_FOUND, []) if stars is None else (Outcome.ANSWERED_BY_RECORD, [shown])
    conversations.store_answer(session, message.id, replies, Provenance(outcome), at)
    message.stars = stars
    session.flush()
    return message


def open_gap(session: Session) -> Gap:
    for text in LOST:
        ask(session, text)
    finding.refresh(session, NOON)
    (gap,) = service.gaps(session, "GA")
    return gap


def test_similar_questions_of_a_week_are_one_gap_of_the_department_of_the_nearest_item(session: Session) -> None:
    gap = open_gap(session)
    assert (gap.week_on, gap.unit, gap.state) == (date(2026, 3, 2), "item:GA-003", GapState.OPEN)
    ask(session, LOST[0], NOON + timedelta(hours=1))
    ask(session, LOST[0], NOON + WEEK)
    finding.refresh(session, NOON + WEEK)
    finding.refresh(session, NOON + WEEK)
    counts = [service.asked_in(session, [one.id])[one.id].count for one in service.gaps(session, "GA")]
    assert counts == [4, 1], "the same question of the next week is asked again"
    nearest = service.nearest_of(session, gap)
    assert nearest is not None
    assert (nearest.title, nearest.item_code) == ("居民身份证补领", "GA-003")


def test_a_bad_grade_counts_for_the_item_that_was_shown_and_a_good_one_does_not(session: Session) -> None:
    ask(session, "居住证要钱吗", stars=1)
    ask(session, "居住证贵不贵", stars=4)
    finding.refresh(session, NOON)
    (gap,) = service.gaps(session, "GA")
    asked = service.asked_in(session, [gap.id])[gap.id]
    assert (gap.unit, asked.count, asked.badly_graded) == ("item:GA-006", 1, 1)


def test_a_department_that_is_named_has_it_and_what_is_near_nothing_is_nobodys(session: Session) -> None:
    ask(session, "民政局周末上班吗")
    ask(session, "今天天气怎么样")
    finding.refresh(session, NOON)
    assert [gap.department_code for gap in service.gaps(session, None)] == ["MZ"]
    (lost,) = service.without_department(session)
    assert lost.unit == ""


def test_an_answer_is_published_by_somebody_else_and_by_nobody_twice(
    session: Session, officer: Person, reviewer: Person
) -> None:
    gap = open_gap(session)
    assert service.waiting_count(session, officer) == 1
    service.write_answer(session, gap, officer, "补身份证带什么？", "带户口簿。", NOON)
    assert (service.waiting_count(session, officer), service.waiting_count(session, reviewer)) == (0, 1)
    with pytest.raises(GapRefused, match="由别人审核"):
        service.publish(session, gap, officer, gap.question, gap.answer, NOON)
    service.return_answer(session, gap, reviewer, "请写明几寸照片", NOON)
    service.write_answer(session, gap, officer, "补身份证带什么？", "带户口簿，不用照片。", NOON)
    service.publish(session, gap, reviewer, gap.question, gap.answer, NOON)
    (document,) = session.query(Document)
    assert (document.title, document.issuer, document.in_force) == ("问答：补身份证带什么？", "公安局", True)
    with pytest.raises(GapRefused, match="答案已公开"):
        service.publish(session, gap, reviewer, gap.question, gap.answer, NOON)
    assert service.week_told(session, "GA", gap.week_on) == service.WeekTold(3, 1, 1)


def test_what_is_not_the_departments_goes_to_reviewers_who_give_it_to_another(
    session: Session, officer: Person, reviewer: Person
) -> None:
    gap = open_gap(session)
    service.give_back(session, gap, officer, "归民政局", NOON)
    assert (service.waiting_count(session, reviewer), gap.why) == (1, "归民政局")
    service.assign(session, gap, reviewer, "MZ", NOON)
    assert [one.id for one in service.gaps(session, "MZ")] == [gap.id]
    with pytest.raises(NoSuchGap):
        service.get_gap(session, gap.id, officer)


def test_a_gap_goes_with_its_messages(session: Session) -> None:
    gap = open_gap(session)
    forgetting.forget_messages(session, [message.id for message in session.query(Message)])
    assert service.gaps(session, "GA") == []
    finding.refresh(session, NOON)
    session.expire_all()
    assert session.get(Gap, gap.id) is None
