from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.catalogue.models import Department
from bot.db import Database
from bot.disclosures import numbering, service
from bot.disclosures.models import LookupAttempt, Request
from bot.disclosures.service import LookUp, StepRefused
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Reason, RequestState, Step

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
RECEIPT, CODE, WRONG = "XXGK-2026-000123", "K7M2-9QXD", "K7M2-9QXE"
UNKNOWN = "XXGK-2026-999999"


def record(
    database: Database,
    receipt: str = RECEIPT,
    applicant: str = "王小明",
    kind: ApplicantKind = ApplicantKind.NATURAL_PERSON,
) -> None:
    with database.transaction() as session:
        session.merge(Department(code="ZG", name="自然资源和规划局", short_names=[], phone="0990-8810590"))
        session.flush()
        service.record_request(
            session,
            receipt=receipt,
            query_code=CODE,
            applicant_kind=kind,
            applicant=applicant,
            description="滨河绿地规划图则",
            department_code="ZG",
            received_on=date(2026, 11, 10),
            submitted_via="网上",
        )


def add(database: Database, step: Step) -> None:
    with database.transaction() as session:
        service.record_event(session, RECEIPT, step)


def look_up(database: Database, code: str, receipt: str = RECEIPT, client: str = "c1", minutes: float = 0) -> LookUp:
    with database.transaction() as session:
        return service.look_up(session, receipt, code, client, NOW + timedelta(minutes=minutes))


def test_receipt_and_query_code_open_the_request(database: Database) -> None:
    record(database)
    found = look_up(database, "k7m2 9qxd", "xxgk2026000123")
    assert found.request is not None
    assert found.request.receipt == RECEIPT
    assert found.request.department.name == "自然资源和规划局"
    assert found.paused_until is None


def test_neither_name_nor_code_is_stored_as_it_is(database: Database) -> None:
    record(database)
    record(database, "XXGK-2026-000124", "云河某某置业有限公司", ApplicantKind.COMPANY)
    with database.transaction() as session:
        person, company = (session.get_one(Request, receipt) for receipt in (RECEIPT, "XXGK-2026-000124"))
        assert (person.applicant_masked, company.applicant_masked) == ("王**", "云河**")
        assert "K7M2" not in person.query_code_hash
        assert person.query_code_hash != company.query_code_hash


def test_a_wrong_code_and_an_unknown_receipt_get_the_very_same_replies(database: Database) -> None:
    record(database)
    for number in range(7):
        known = look_up(database, WRONG, RECEIPT, "c1", minutes=number)
        assert known == look_up(database, WRONG, UNKNOWN, "c2", minutes=number)
        assert known.request is None


def test_the_tries_are_counted_down_to_a_pause(database: Database) -> None:
    record(database)
    assert [look_up(database, WRONG).attempts_left for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = look_up(database, WRONG, minutes=0.5)
    assert (refused.attempts_left, refused.paused_until) == (0, NOW + timedelta(minutes=1))


def test_each_further_failure_brings_a_longer_pause_in_which_even_the_right_code_is_refused(
    database: Database,
) -> None:
    record(database)
    for _ in range(5):
        look_up(database, WRONG)
    at = 0.0
    for pause in (1, 5, 15, 60, 60):
        assert look_up(database, CODE, minutes=at + pause - 0.1).request is None
        at += pause
        look_up(database, WRONG, minutes=at)
    assert look_up(database, CODE, minutes=at + 60).request is not None


def test_trying_in_the_pause_does_not_lengthen_it(database: Database) -> None:
    record(database)
    for number in range(14):
        look_up(database, WRONG, minutes=number * 0.01)
    assert look_up(database, CODE, minutes=1.1).request is not None


def test_a_stranger_who_guesses_does_not_pause_the_applicant(database: Database) -> None:
    record(database)
    for number in range(100):
        look_up(database, WRONG, client=f"stranger {number}")
    assert look_up(database, CODE, client="applicant", minutes=1).request is not None


def test_a_receipt_that_many_guess_at_leaves_each_newcomer_one_try(database: Database) -> None:
    record(database)
    for number in range(50):
        assert look_up(database, WRONG, client=f"stranger {number}").attempts_left == (4 if number < 49 else 0)
    assert look_up(database, WRONG, client="newcomer").paused_until == NOW + timedelta(minutes=1)


def test_who_goes_through_receipts_may_soon_try_once_a_minute(database: Database) -> None:
    record(database)
    for number in range(30):
        look_up(database, WRONG, receipt=f"XXGK-2026-00{number:04}", client="guesser")
    assert look_up(database, CODE, client="guesser", minutes=0.9).paused_until == NOW + timedelta(minutes=1)
    assert look_up(database, CODE, client="guesser", minutes=1).request is not None
    assert look_up(database, CODE, client="applicant", minutes=0.5).request is not None


def test_an_applicant_behind_a_shared_address_who_was_right_before_is_not_held_up_by_the_others(
    database: Database,
) -> None:
    record(database)
    assert look_up(database, CODE, client="office").request is not None
    for number in range(30):
        look_up(database, WRONG, receipt=f"XXGK-2026-00{number:04}", client="office")
    assert look_up(database, CODE, client="office").request is not None


def test_a_right_code_forgets_the_failures_before_it(database: Database) -> None:
    record(database)
    for _ in range(4):
        look_up(database, WRONG)
        look_up(database, CODE)
    assert look_up(database, WRONG).attempts_left == 4


def test_what_is_left_can_be_asked_before_a_try(database: Database) -> None:
    record(database)
    look_up(database, WRONG, client="c1")
    look_up(database, WRONG, client="c2")
    with database.transaction() as session:
        assert service.attempts_left(session, "c1", NOW) == 5
        assert service.attempts_left(session, "c1", NOW, RECEIPT) == 4
        assert service.attempts_left(session, "c3", NOW, RECEIPT) == 5


def test_guesses_at_once_are_counted_one_after_another(database: Database) -> None:
    record(database)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: look_up(database, WRONG), range(8)))
    assert sorted(reply.attempts_left for reply in replies) == [0, 0, 0, 0, 1, 2, 3, 4]
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(LookupAttempt)) == 5


def test_who_looked_something_up_is_forgotten_after_a_day(database: Database) -> None:
    record(database)
    look_up(database, WRONG)
    look_up(database, CODE, minutes=24 * 60 + 1)
    with database.transaction() as session:
        assert session.scalars(select(LookupAttempt.failed)).all() == [False]


@pytest.mark.parametrize("garbage", ["", " ", "x" * 5000, "'; --", "\U0001f600"])
def test_whatever_is_typed_is_only_a_failure(database: Database, garbage: str) -> None:
    record(database)
    assert look_up(database, garbage, garbage, garbage).attempts_left == 4


def test_events_move_the_clock(database: Database) -> None:
    record(database)
    add(database, Step(Kind.CONSULTATION_STARTED, date(2026, 11, 16), party=Party.AGENCY, consultation_id="1"))
    add(database, Step(Kind.CONSULTATION_ENDED, date(2026, 11, 18), consultation_id="1"))
    add(database, Step(Kind.EXTENDED, date(2026, 11, 20), working_days=5))
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        assert [event.position for event in request.events] == [1, 2, 3, 4]
        assessment = service.assess(request, date(2026, 11, 24))
        assert (assessment.state, assessment.due_on) == (RequestState.EXTENDED, date(2026, 12, 17))
    add(database, Step(Kind.ANSWERED, date(2026, 11, 23), outcome=Decision.REFUSED, reason=Reason.ENFORCEMENT_FILE))
    with database.transaction() as session:
        assert session.get_one(Request, RECEIPT).outcome == "refused"


@pytest.mark.parametrize(
    "step",
    [
        Step(Kind.RECEIVED, date(2026, 11, 12)),
        Step(Kind.EXTENDED, date(2026, 11, 9), working_days=5),  # before the last event
        Step(Kind.EXTENDED, date(2026, 11, 12), working_days=21),
        Step(Kind.EXTENDED, date(2026, 11, 12)),
        Step(Kind.SUPPLEMENT_RECEIVED, date(2026, 11, 12)),
        Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 11, 12), respond_by=date(2026, 11, 11)),
        Step(Kind.CONSULTATION_ENDED, date(2026, 11, 12), consultation_id="1"),
        Step(Kind.ANSWERED, date(2026, 11, 12)),
        Step(Kind.WITHDRAWN, date(2026, 11, 12), outcome=Decision.GRANTED),
        Step(Kind.WITHDRAWN, date(2026, 11, 12), reason=Reason.OTHER),
        Step(Kind.ANSWERED, date(2026, 11, 12), outcome=Decision.REFUSED),  # without a reason
        Step(Kind.ANSWERED, date(2026, 11, 12), outcome=Decision.REFUSED, reason=Reason.REPEATED),
        Step(Kind.ANSWERED, date(2026, 11, 12), outcome=Decision.GRANTED, reason=Reason.CLASSIFIED),
    ],
)
def test_a_step_that_cannot_follow_is_refused(database: Database, step: Step) -> None:
    record(database)
    with pytest.raises(StepRefused):
        add(database, step)


def test_nothing_follows_an_answer(database: Database) -> None:
    record(database)
    add(database, Step(Kind.ANSWERED, date(2026, 11, 12), outcome=Decision.GRANTED))
    with pytest.raises(StepRefused):
        add(database, Step(Kind.EXTENDED, date(2026, 11, 12), working_days=5))


def test_the_reason_that_an_outcome_implies_is_stored(database: Database) -> None:
    record(database)
    add(database, Step(Kind.ANSWERED, date(2026, 11, 12), outcome=Decision.NOT_HELD))
    with database.transaction() as session:
        assert session.get_one(Request, RECEIPT).steps[-1].reason == Reason.NOT_HELD


def test_the_next_receipt_follows_the_highest_of_its_year(database: Database) -> None:
    record(database)
    with database.transaction() as session:
        assert numbering.next_receipt(session, 2026) == "XXGK-2026-000124"
        assert numbering.next_receipt(session, 2027) == "XXGK-2027-000001"


def test_two_at_once_get_two_receipts(database: Database) -> None:
    record(database)

    def file_one(number: int) -> str:
        with database.transaction() as session:
            receipt = numbering.next_receipt(session, 2026)
            service.record_request(
                session,
                receipt=receipt,
                query_code=CODE,
                applicant_kind=ApplicantKind.NATURAL_PERSON,
                applicant=f"第{number}人",
                description="滨河绿地规划图则",
                department_code="ZG",
                received_on=date(2026, 11, 10),
                submitted_via="网上",
            )
            return receipt

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(file_one, range(8)))
    assert sorted(receipts) == [f"XXGK-2026-{serial:06d}" for serial in range(124, 132)]


def allowed(database: Database, on: date) -> set[Kind]:
    with database.transaction() as session:
        kinds = service.recordable(session.get_one(Request, RECEIPT), on)
        return {kind for kind, why in kinds.items() if why is None}


def test_what_may_come_next_is_told_as_the_law_has_it(database: Database) -> None:
    record(database)
    anytime = {
        Kind.EXTENDED, Kind.CONSULTATION_STARTED, Kind.FEE_NOTIFIED, Kind.POSTPONED, Kind.ANSWERED, Kind.WITHDRAWN,
    }  # fmt: skip
    assert allowed(database, date(2026, 11, 12)) == {*anytime, Kind.SUPPLEMENT_REQUESTED}
    assert allowed(database, date(2026, 11, 24)) == anytime  # the seven working days are over
    add(database, Step(Kind.CONSULTATION_STARTED, date(2026, 11, 24), party=Party.AGENCY, consultation_id="1"))
    assert allowed(database, date(2026, 11, 24)) == {*anytime, Kind.CONSULTATION_ENDED}
    add(database, Step(Kind.WITHDRAWN, date(2026, 11, 24)))
    assert allowed(database, date(2026, 11, 24)) == set()
