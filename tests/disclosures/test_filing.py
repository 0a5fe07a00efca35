"""What is stored when a draft is confirmed, and which warnings come before."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from actions.filing import ActionFilingDone
from actions.memory import FilingTalk
from bot.catalogue.models import City, Department
from bot.db import Database, utcnow
from bot.disclosures import service
from bot.disclosures.answers import Field
from bot.disclosures.draft import Draft, Said
from bot.disclosures.filing import Filed, earlier_alike, file_request
from bot.disclosures.kept_drafts import drop_draft, keep_draft, load_draft
from bot.disclosures.models import Applicant, KeptDraft, Request
from bot.language.receipts import find_query_code
from bot.replies import filing as replies
from bot.replies.reply import Reply
from bot.sealing import Sealer
from tests.actions.test_approvals import turn

NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)  # already the 25th in China
SEALER = Sealer(Fernet.generate_key())
DRAFT = Draft(
    {
        Field.INFORMATION: "清江区2025年公共停车场建设计划",
        Field.DEPARTMENT: "CG",
        Field.APPLICANT_KIND: "natural_person",
        Field.NAME: "王小明",
        Field.IDENTITY: "11010519491231002X",
        Field.CONTACT: "13900138000",
        Field.FORM: "纸质",
        Field.DELIVERY: "邮寄",
        Field.ADDRESS: "清江区和园路8号3栋201室",
    },
    None,
)


@pytest.fixture
def city(database: Database) -> Database:
    with database.transaction() as session:
        session.add(Department(code="CG", name="城市管理局", short_names=["城管局"], phone="0990-8810670"))
        session.add(Department(code="JY", name="教育局", short_names=[], phone="0990-8810420"))
    return database


def file(database: Database, draft: Draft = DRAFT) -> Filed:
    with database.transaction() as session:
        return file_request(session, draft, SEALER, NOW)


def changed(**answers: str) -> Draft:
    return replace(DRAFT, answers={**DRAFT.answers, **{Field(name): value for name, value in answers.items()}})


def test_receipt_and_query_code_open_what_was_filed(city: Database) -> None:
    filed = file(city)
    with city.transaction() as session:
        found = service.look_up(session, filed.request.receipt, filed.query_code, "c1", NOW).request
        assert found is not None
        assert (found.description, found.form_wanted, found.delivery) == (
            DRAFT.answers[Field.INFORMATION],
            "纸质",
            "邮寄",
        )
        assert service.assess(found, date(2026, 11, 25)).due_on == date(2026, 12, 23)


def test_it_is_received_on_the_day_of_confirmation_in_china(city: Database) -> None:
    assert file(city).request.received_on == date(2026, 11, 25)


def test_nothing_personal_is_stored_as_it_is(city: Database) -> None:
    receipt = file(city).request.receipt
    with city.engine.connect() as connection:
        stored = "\n".join(
            str(row)
            for table in ("disclosure_requests", "disclosure_applicants", "disclosure_events")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608
        )
    for personal in ("王小明", "11010519491231002X", "13900138000", "和园路"):
        assert personal not in stored
    with city.transaction() as session:
        request = session.get_one(Request, receipt)
        assert request.applicant_masked == "王**"
        assert request.applicant is not None
        assert json.loads(SEALER.open(request.applicant.sealed)) == {
            "name": "王小明",
            "identity_kind": "身份证件",
            "identity_number": "11010519491231002X",
            "contact": "13900138000",
            "address": "清江区和园路8号3栋201室",
        }


def test_receipts_of_a_year_follow_one_another(city: Database) -> None:
    assert [file(city).request.receipt for _ in range(3)] == [f"XXGK-2026-{number:06}" for number in (1, 2, 3)]


def test_two_at_once_get_two_receipts(city: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        receipts = {filed.request.receipt for filed in pool.map(lambda _: file(city), range(8))}
    assert len(receipts) == 8


def test_an_earlier_request_of_the_same_applicant_for_the_same_is_pointed_out(city: Database) -> None:
    receipt = file(city).request.receipt
    with city.transaction() as session:
        earlier = earlier_alike(session, changed(information="清江区2025年公共停车场的建设计划"), SEALER)
        assert earlier is not None
        assert earlier.receipt == receipt
        assert earlier_alike(session, changed(information="北岸区学区划分的依据"), SEALER) is None
        assert earlier_alike(session, changed(department="JY"), SEALER) is None


@pytest.mark.parametrize("other", [{"contact": "13700137000"}, {"identity": "护照 E12345678"}])
def test_the_identity_number_alone_does_not_show_what_somebody_asked(city: Database, other: dict[str, str]) -> None:
    file(city)
    with city.transaction() as session:
        assert earlier_alike(session, changed(**other), SEALER) is None


def test_a_draft_is_there_again_for_its_conversation_only(city: Database) -> None:
    with city.transaction() as session:
        keep_draft(session, "one", DRAFT, SEALER, NOW)
        assert load_draft(session, "one", SEALER) == DRAFT
        assert load_draft(session, "two", SEALER) is None
        assert "王小明" not in session.get_one(KeptDraft, "one").sealed
        drop_draft(session, "one")
        assert load_draft(session, "one", SEALER) is None


def test_a_draft_under_a_lost_key_is_written_anew(city: Database) -> None:
    with city.transaction() as session:
        keep_draft(session, "one", DRAFT, SEALER, NOW)
        assert load_draft(session, "one", Sealer(Fernet.generate_key())) is None


def told(database: Database, *, with_code: bool) -> tuple[Filed, Reply]:
    with database.transaction() as session:
        filed = file_request(session, DRAFT, SEALER, NOW)
        assessment = service.assess(filed.request, filed.request.received_on)
        return filed, replies.filed(DRAFT, filed, assessment, "12345", with_code=with_code)


def test_the_portal_shows_the_query_code_this_once(city: Database) -> None:
    filed, reply = told(city, with_code=True)
    assert f"查询码：{filed.query_code}\n" in reply.text
    assert "只显示这一次" in reply.text


def test_by_text_the_query_code_is_not_sent_and_it_is_said_how_to_get_one(city: Database) -> None:
    filed, reply = told(city, with_code=False)
    assert reply.text.splitlines() == [
        "申请已经提交，请记下回执号。",
        "回执号：XXGK-2026-000001",
        "城市管理局今天收到，最迟 2026年12月23日答复。内容不清楚的，会在 7 个工作日内请您补正。",
        "为了安全，查进度要用的查询码不在这里发。请联系城市管理局，或者拨打 12345：核对身份以后，会给您一个。",
        "依据：《政府信息公开条例》第三十条、第三十一条、第三十三条",
    ]
    assert filed.query_code not in str(reply)
    assert reply.custom is not None
    assert (reply.custom["receipt"], reply.custom["due_on"]) == (filed.request.receipt, "2026-12-23")


@pytest.mark.parametrize(("channel", "is_shown"), [("sms", False), ("wechat", False), ("portal", True), ("rest", True)])
def test_the_channel_decides_whether_the_code_is_shown_and_whether_reminders_may_go_there(
    city: Database, monkeypatch: pytest.MonkeyPatch, channel: str, is_shown: bool
) -> None:
    monkeypatch.setattr("actions.filing._sealer", lambda: SEALER)
    with city.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        confirmed = turn(channel=channel, filing=FilingTalk(Said.CONFIRMED))
        keep_draft(session, confirmed.conversation, DRAFT, SEALER, utcnow())
        (reply,) = ActionFilingDone().answer(session, confirmed).replies
        (applicant,) = session.scalars(select(Applicant))
        kept = SEALER.open_object(applicant.sealed).get("text_conversation")
    assert kept == (None if is_shown else confirmed.conversation), "reminders go there"
    assert (find_query_code(reply.text) is not None) is is_shown
    assert reply.custom is not None
    assert reply.custom["kind"] == "filing"
    assert f"回执号：{reply.custom['receipt']}" in reply.text
