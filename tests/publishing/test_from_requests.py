"""条例 art. 44: what several applicants got becomes a proposal, an applicant suggests, staff decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.db import Database
from bot.disclosures import service as disclosures
from bot.disclosures.models import Applicant, Request
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Reason, Step
from bot.publishing import from_requests
from bot.publishing.models import Proposal
from bot.publishing.service import PublishingRefused
from tests.publishing.organs import NOW, TODAY, fill

ASKED = "清江区2025年新增公共停车位的位置和数量"
ALIKE = "2025年清江区新增的公共停车位位置和数量"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    fill(database)
    with database.transaction() as opened:
        yield opened


def request(
    session: Session,
    serial: int,
    applicant: str,
    asked: str = ASKED,
    department: str = "GA",
    outcome: Decision | None = Decision.GRANTED,
    digest: str = "",
) -> Request:
    row = disclosures.record_request(
        session,
        receipt=f"XXGK-2026-{serial:06d}",
        query_code="K7M2-9QXD",
        applicant_kind=ApplicantKind.NATURAL_PERSON,
        applicant=applicant,
        description=asked,
        department_code=department,
        received_on=date(2026, 11, 3),
        submitted_via="网上",
    )
    if digest:
        row.applicant = Applicant(sealed="x", digest=digest)
    if outcome is not None:
        reason = Reason.INTERNAL_AFFAIRS if outcome == Decision.REFUSED else None
        step = Step(Kind.ANSWERED, date(2026, 11, 10), outcome=outcome, reason=reason)
        disclosures.record_event(session, row.receipt, step)
    session.flush()
    return row


def proposed(session: Session) -> list[tuple[list[str], int]]:
    from_requests.refresh(session, NOW)
    return [(row.receipts, row.applicants) for row in from_requests.proposals(session)]


def one(session: Session) -> Proposal:
    from_requests.refresh(session, NOW)
    (row,) = from_requests.proposals(session)
    return row


def test_the_same_from_two_applicants_to_one_organ_is_proposed_once(session: Session) -> None:
    request(session, 1, "李明")
    assert proposed(session) == []
    request(session, 2, "王芳", ALIKE)
    both = [(["XXGK-2026-000001", "XXGK-2026-000002"], 2)]
    assert proposed(session) == both
    assert proposed(session) == both


@pytest.mark.parametrize(
    "second",
    [
        {"applicant": "李明"},
        {"applicant": "李强"},  # masked alike, so it may be the same person
        {"applicant": "王芳", "asked": "清江区2024年新增公共停车位的位置和数量"},
        {"applicant": "王芳", "asked": "清江区养老服务设施建设补贴发放名单"},
        {"applicant": "王芳", "department": "MZ"},
        {"applicant": "王芳", "outcome": None},
        {"applicant": "王芳", "outcome": Decision.REFUSED},
        {"applicant": "王芳", "outcome": Decision.PARTLY_GRANTED},
    ],
)
def test_what_is_not_the_same_for_certain_is_not_proposed(session: Session, second: dict[str, object]) -> None:
    request(session, 1, "李明")
    request(session, 2, **second)  # type: ignore[arg-type]
    assert proposed(session) == []


def test_people_of_one_masked_name_are_told_apart_by_what_is_known_of_them(session: Session) -> None:
    request(session, 1, "李明", digest="a")
    request(session, 2, "李明", digest="a")
    assert proposed(session) == []
    request(session, 3, "李强", digest="b")
    assert [count for _, count in proposed(session)] == [2]


def test_requests_of_long_ago_are_not_compared(session: Session) -> None:
    request(session, 1, "李明")
    request(session, 2, "王芳")
    from_requests.refresh(session, NOW + timedelta(days=800))
    assert from_requests.proposals(session) == []


def test_an_accepted_proposal_is_entered_with_the_term_counted_from_today(session: Session) -> None:
    request(session, 1, "李明")
    request(session, 2, "王芳")
    proposal = one(session)
    with pytest.raises(PublishingRefused, match="生成日期"):
        from_requests.accept(session, proposal.id, title="停车位", made_on=None, who="clerk", now=NOW)
    row = from_requests.accept(session, proposal.id, title="停车位", made_on=date(2026, 1, 5), who="clerk", now=NOW)
    assert (row.made_on, row.counted_from, row.due_on) == (date(2026, 1, 5), TODAY, date(2026, 12, 23))
    assert (row.subject, row.receipts) == ("依申请转主动公开", ["XXGK-2026-000001", "XXGK-2026-000002"])
    request(session, 3, "赵强")
    assert proposed(session) == [], "it is being published already"
    with pytest.raises(PublishingRefused, match="办过"):
        from_requests.set_aside(session, proposal.id, why="x", who="clerk", now=NOW)


def test_what_was_set_aside_comes_again_when_one_more_applicant_asks(session: Session) -> None:
    request(session, 1, "李明")
    request(session, 2, "王芳")
    with pytest.raises(PublishingRefused, match="为什么"):
        from_requests.set_aside(session, one(session).id, why=" ", who="clerk", now=NOW)
    with pytest.raises(PublishingRefused, match="不由您"):
        from_requests.set_aside(session, one(session).id, why="x", who="clerk", now=NOW, department_code="MZ")
    from_requests.set_aside(session, one(session).id, why="只和两人有关", who="clerk", now=NOW)
    assert proposed(session) == []
    request(session, 3, "赵强")
    assert [count for _, count in proposed(session)] == [3]


def test_an_applicant_suggests_once_and_says_why(session: Session) -> None:
    own = request(session, 1, "李明", outcome=None)
    for words, said in ((" ", "为什么"), ("字" * 501, "最多"), ("见 javascript:x", "网页")):
        with pytest.raises(PublishingRefused, match=said):
            from_requests.suggest(session, own, words, NOW)
    from_requests.suggest(session, own, "大家都要停车", NOW)
    with pytest.raises(PublishingRefused, match="提过"):
        from_requests.suggest(session, own, "再提一次", NOW)
    assert [(row.kind, row.words) for row in from_requests.proposals(session, "GA")] == [("suggested", "大家都要停车")]
