from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from bot.catalogue.models import Department
from bot.db import Database
from bot.disclosures import mending, service
from bot.disclosures.desk import NoSuchRequest, NotAccountable
from bot.disclosures.mending import Correction, MendingRefused
from bot.disclosures.models import Applicant, Request
from bot.disclosures.terms import ApplicantKind, Decision, Kind, RequestState, Step
from bot.staff.models import AuditEntry
from tests.disclosures.test_service import CODE, RECEIPT, add, look_up, record

BY = {"clerk": "wang", "why": "登记时看错了", "now": datetime(2026, 11, 24, 3, tzinfo=UTC)}


def correct(database: Database, **changes: object) -> str:
    with database.transaction() as session:
        return mending.correct(session, RECEIPT, Correction(**changes), **BY)  # type: ignore[arg-type]


def last_entry(database: Database) -> tuple[str, str, str, str]:
    with database.transaction() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        return entry.who, entry.action, entry.subject, entry.why


def file_in_chat(database: Database) -> None:
    with database.transaction() as session:
        session.add(Applicant(receipt=RECEIPT, sealed="sealed", digest="d"))


def test_what_was_entered_wrongly_is_corrected_with_a_trace(database: Database) -> None:
    record(database)
    with database.transaction() as session:
        session.add(Department(code="SL", name="水利局", short_names=[], phone="1"))
    told = correct(
        database,
        applicant_kind=ApplicantKind.COMPANY,
        applicant="云河某某有限公司",
        description="滨河绿地施工图，电话13912345678",
        department_code="SL",
        received_on=date(2026, 11, 9),
        submitted_via="邮寄",
    )
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        assert (request.applicant_kind, request.applicant_masked) == ("company", "云河**")
        assert (request.department.name, request.submitted_via) == ("水利局", "邮寄")
        assert request.received_on == request.steps[0].on == date(2026, 11, 9)
    assert last_entry(database)[:3] == ("wang", "correct_request", RECEIPT)
    assert "登记时看错了" in last_entry(database)[3]
    assert "13912345678" not in last_entry(database)[3]
    assert "王**（自然人） → 云河**（商业企业）" in told


def test_a_day_that_the_events_do_not_allow_is_refused_and_nothing_changes(database: Database) -> None:
    record(database)
    add(database, Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 11, 12), respond_by=date(2026, 11, 20)))
    with pytest.raises(MendingRefused, match="要求补正"):
        correct(database, received_on=date(2026, 11, 13), submitted_via="邮寄")
    with database.transaction() as session:
        assert session.get_one(Request, RECEIPT).submitted_via == "网上"


def test_correcting_nothing_or_without_a_reason_is_refused(database: Database) -> None:
    record(database)
    with pytest.raises(MendingRefused, match="没有要改的"):
        correct(database, submitted_via="网上")
    with database.transaction() as session, pytest.raises(NotAccountable):
        mending.correct(session, RECEIPT, Correction(submitted_via="邮寄"), **{**BY, "why": " "})


def test_the_applicants_own_words_are_not_for_staff_to_change_or_strike(database: Database) -> None:
    record(database)
    file_in_chat(database)
    with pytest.raises(MendingRefused, match="申请人自己"):
        correct(database, description="别的内容")
    with database.transaction() as session, pytest.raises(MendingRefused, match="撤回"):
        mending.strike(session, RECEIPT, **BY)


def test_the_last_event_is_taken_back_and_another_may_follow(database: Database) -> None:
    record(database)
    add(database, Step(Kind.ANSWERED, date(2026, 11, 12), outcome=Decision.NOT_HELD))
    with database.transaction() as session:
        assert mending.take_back_last_event(session, RECEIPT, **BY).kind == Kind.ANSWERED
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        assert request.outcome is None
        assert service.assess(request, date(2026, 11, 24)).state == RequestState.IN_PROCESS
    add(database, Step(Kind.ANSWERED, date(2026, 11, 13), outcome=Decision.GRANTED))
    assert last_entry(database)[1] == "take_back_event"


def test_that_it_was_received_cannot_be_taken_back(database: Database) -> None:
    record(database)
    with database.transaction() as session, pytest.raises(MendingRefused, match="作废"):
        mending.take_back_last_event(session, RECEIPT, **BY)


def test_a_request_that_was_struck_out_is_gone_and_comes_back_as_it_was(database: Database) -> None:
    record(database)
    add(database, Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 11, 12), respond_by=date(2026, 11, 20), note="请写明年份"))
    with database.transaction() as session:
        before = session.get_one(Request, RECEIPT).steps
        mending.strike(session, RECEIPT, **BY)
    assert look_up(database, CODE).request is None
    assert last_entry(database) == ("wang", "strike_request", RECEIPT, "登记时看错了")
    with database.transaction() as session:
        mending.restore(session, RECEIPT, **BY)
    found = look_up(database, CODE, minutes=1)
    assert found.request is not None
    assert found.request.steps == before
    assert (found.request.department.name, found.request.received_on) == ("自然资源和规划局", date(2026, 11, 10))


def test_what_was_never_struck_out_or_has_a_successor_does_not_come_back(database: Database) -> None:
    record(database)
    with database.transaction() as session, pytest.raises(NoSuchRequest):
        mending.restore(session, RECEIPT, **BY)
    with database.transaction() as session:
        mending.strike(session, RECEIPT, **BY)
    record(database)
    with database.transaction() as session, pytest.raises(MendingRefused, match="另一件"):
        mending.restore(session, RECEIPT, **BY)


def test_numbers_go_on_from_where_they_are_told_with_a_trace(database: Database) -> None:
    record(database)
    with database.transaction() as session:
        assert mending.renumber(session, 2026, 200_001, **BY) == "XXGK-2026-200001"
    assert last_entry(database)[1:3] == ("renumber", "XXGK-2026-200001")
