"""Writing notices: what fits, what is recorded, numbers, sealing, corrections, delivery."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from docx import Document
from sqlalchemy import delete, select, text

from bot.catalogue.models import RemedyOffice
from bot.db import Database
from bot.disclosures import mending
from bot.disclosures.models import Request
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Reason, Step
from bot.notices import service
from bot.notices.details import Details, NoticeRefused, reasons_of
from bot.notices.kinds import NoticeKind
from bot.notices.models import Notice, NoticeCounter
from bot.notices.service import RequestMoved
from bot.notices.word import as_word
from bot.staff.models import AuditEntry
from tests.notices.requests import NAME, NOW, RECEIPT, TODAY, add_request, sealer

ANSWERS = [kind for kind in NoticeKind if kind.outcome is not None]
GIVEN = Details(
    text="具体情况写在这里。",
    addressee="云河滨河开发有限公司",
    respond_by=date(2026, 12, 16),
    working_days=10,
    amount=1200,
    pay_by=date(2026, 12, 31),
    until=date(2027, 1, 29),
)


# What must have happened before a letter of the kind can be written; nothing for most.
ASKED_AND_DISCLOSED = (
    Step(Kind.CONSULTATION_STARTED, date(2026, 11, 19), party=Party.THIRD_PARTY, consultation_id="1"),
    Step(Kind.ANSWERED, date(2026, 11, 24), outcome=Decision.GRANTED),
)
BEFORE = {NoticeKind.THIRD_PARTY_DECISION: ASKED_AND_DISCLOSED}


def given_for(kind: NoticeKind) -> Details:
    return replace(GIVEN, reason=next(iter(reasons_of(kind)), None))


def issue(
    database: Database,
    kind: NoticeKind,
    given: Details | None = None,
    receipt: str = RECEIPT,
    corrects: Notice | None = None,
    why: str = "",
) -> Notice:
    with database.transaction() as session:
        return service.issue(
            session,
            receipt,
            kind,
            given or given_for(kind),
            sealer(),
            folder=None,
            seen_steps=len(session.get_one(Request, receipt).events),
            delivery="邮寄",
            clerk="clerk",
            now=NOW,
            corrects_id=corrects.id if corrects else None,
            why=why,
        )


def possible(database: Database, corrects: Notice | None = None) -> list[NoticeKind]:
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        return service.possible(session, request, TODAY, corrects and session.merge(corrects))


def steps_of(database: Database) -> list[Step]:
    with database.transaction() as session:
        return session.get_one(Request, RECEIPT).steps


def logged(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as session:
        return [(one.action, one.why) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def text_of(notice: Notice) -> str:
    """What a reader of the Word file sees."""
    document = Document(io.BytesIO(as_word(notice.letter)))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_says_agency_number_article_and_day(database: Database, kind: NoticeKind) -> None:
    add_request(database, *BEFORE.get(kind, ()))
    notice = issue(database, kind)
    words = text_of(notice)
    assert notice.number.startswith("云水信公")
    assert notice.number.endswith("〔2026〕1号")
    for needed in ("云河市水利局", notice.number, "2026年11月25日", "（盖章）", "0990-8810630"):
        assert needed in words
    assert re.search(r"《政府信息公开条例》第.+条", words)
    assert not re.search(r"[{}]|None|。。", words)
    if kind is not NoticeKind.RECEIPT:
        assert "具体情况写在这里。" in words
    if kind.is_for_applicant:
        assert f"{NAME}：" in words
        assert "滨河绿地规划图则" in words
    else:
        assert "云河滨河开发有限公司：" in words


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_tells_the_remedies_that_the_law_gives_against_it(database: Database, kind: NoticeKind) -> None:
    add_request(database)
    words = text_of(issue(database, kind))
    assert "60日内" in words
    assert "云河市人民政府" in words
    assert "https://yunhe.example" in words, "行政复议法 art. 22: an answer sent by internet names the channel"
    assert "云河市司法局（云政大道88号，电话 0990-8810730）" in words
    if kind in (NoticeKind.REFUSED, NoticeKind.PARTLY_GRANTED):
        assert "应当先申请行政复议" in words
        assert "第二十三条第一款第四项" in words
        assert "15日内" in words
    else:
        assert "6个月内" in words
        assert "应当先申请行政复议" not in words


def test_without_the_organ_of_reconsideration_no_answer_is_written(database: Database) -> None:
    add_request(database)
    with database.transaction() as session:
        session.execute(delete(RemedyOffice))
    with pytest.raises(NoticeRefused, match="remedy_offices"):
        issue(database, NoticeKind.GRANTED)
    assert issue(database, NoticeKind.EXTENSION).number


def test_a_third_party_learns_neither_who_asked_nor_in_what_words(database: Database) -> None:
    add_request(database)
    notice = issue(database, NoticeKind.CONSULTATION)
    words = text_of(notice)
    assert "15个工作日内" in words
    assert all(secret not in words for secret in (NAME, "滨河绿地规划图则", RECEIPT))
    assert notice.addressee_masked == "云河**"
    assert steps_of(database)[-1].kind == Kind.RECEIVED, "the time begins when the third party has the letter"


def test_another_agency_is_asked_by_its_whole_name_and_told_that_silence_is_consent(database: Database) -> None:
    add_request(database)
    notice = issue(database, NoticeKind.AGENCY_CONSULTATION, Details(text="联合批复一份。", addressee="云河市教育局"))
    words = text_of(notice)
    for needed in ("第三十四条", "15个工作日内", "视为同意公开", "云河市教育局："):
        assert needed in words
    assert all(secret not in words for secret in (NAME, "滨河绿地规划图则", RECEIPT))
    assert (notice.number, notice.addressee_masked) == ("云水信公函〔2026〕1号", "云河市教育局")


def test_a_third_party_is_told_what_is_disclosed_against_its_wish_with_reasons_and_remedies(database: Database) -> None:
    add_request(database, *ASKED_AND_DISCLOSED)
    assert NoticeKind.THIRD_PARTY_DECISION in possible(database)
    notice = issue(
        database, NoticeKind.THIRD_PARTY_DECISION, Details(text="公开合同价款：用的是公款。", addressee="甲公司")
    )
    words = text_of(notice)
    for needed in (
        "2026年11月24日决定公开",
        "公开合同价款：用的是公款。",
        "《政府信息公开条例》第十五条、第三十二条",
        "60日内向云河市人民政府申请行政复议",
        "6个月内直接向",
        "第一条第四项",
    ):
        assert needed in words
    assert "应当先申请行政复议" not in words
    assert all(secret not in words for secret in (NAME, "滨河绿地规划图则", RECEIPT))


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (ASKED_AND_DISCLOSED[0],),
        (ASKED_AND_DISCLOSED[1],),
        (ASKED_AND_DISCLOSED[0], replace(ASKED_AND_DISCLOSED[1], outcome=Decision.NOT_HELD)),
        (replace(ASKED_AND_DISCLOSED[0], party=Party.AGENCY), ASKED_AND_DISCLOSED[1]),
    ],
)
def test_without_a_third_party_that_was_asked_or_without_disclosure_there_is_nothing_to_tell_it(
    database: Database, steps: tuple[Step, ...]
) -> None:
    add_request(database, *steps)
    assert NoticeKind.THIRD_PARTY_DECISION not in possible(database)


def test_the_notice_records_its_step_and_the_step_names_the_notice(database: Database) -> None:
    add_request(database)
    notice = issue(database, NoticeKind.EXTENSION)
    step = steps_of(database)[-1]
    assert (step.kind, step.on, step.working_days) == (Kind.EXTENDED, TODAY, 10)
    assert notice.number in step.note
    words = text_of(notice)
    assert "不能在原定的2026年12月16日以前答复" in words
    assert "最迟在2026年12月30日答复" in words


def test_a_step_that_is_recorded_already_is_written_up_and_not_recorded_again(database: Database) -> None:
    add_request(database, Step(Kind.ANSWERED, date(2026, 11, 20), outcome=Decision.REFUSED, reason=Reason.CLASSIFIED))
    assert possible(database) == [NoticeKind.REFUSED]
    notice = issue(database, NoticeKind.REFUSED, Details(text="见保密审查意见。"))
    assert "国家秘密" in text_of(notice)
    assert notice.step_on == date(2026, 11, 20)
    assert len(steps_of(database)) == 2
    assert possible(database) == []


def test_only_what_fits_the_state_is_offered(database: Database) -> None:
    add_request(database)
    assert possible(database) == [kind for kind in NoticeKind if kind not in BEFORE]
    issue(database, NoticeKind.RECEIPT)
    issue(database, NoticeKind.SUPPLEMENT)
    assert possible(database) == ANSWERS
    with pytest.raises(NoticeRefused, match="现在不能写"):
        issue(database, NoticeKind.EXTENSION)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (NoticeKind.REFUSED, Details(text="x"), "请选不予公开的理由"),
        (NoticeKind.REFUSED, Details(text="x", reason=Reason.REPEATED), "请选不予公开的理由"),
        (NoticeKind.NOT_HANDLED, Details(text="x"), "必须写明理由"),
        (NoticeKind.GRANTED, Details(text=" "), "请写"),
        (NoticeKind.GRANTED, Details(text="长" * 3001), "最多 3000 个字"),
        (NoticeKind.SUPPLEMENT, Details(text="x"), "请填补正期限"),
        (NoticeKind.SUPPLEMENT, Details(text="x", respond_by=date(2026, 11, 1)), "不能早于"),
        (NoticeKind.EXTENSION, Details(text="x"), "请填延长几个工作日"),
        (NoticeKind.EXTENSION, Details(text="x", working_days=21), "第三十三条"),
        (NoticeKind.FEE, Details(text="x", amount=0), "请填收费金额"),
        (NoticeKind.FEE, Details(text="x", amount=1), "请填缴费期限"),
        (NoticeKind.FEE, Details(text="x", amount=1, pay_by=date(2026, 12, 22)), "第六条"),
        (NoticeKind.POSTPONEMENT, Details(text="x"), "请填延迟到哪天"),
        (NoticeKind.CONSULTATION, Details(text="x"), "请填收件人"),
    ],
)
def test_what_is_missing_or_against_the_law_is_refused_and_leaves_nothing(
    database: Database, kind: NoticeKind, given: Details, message: str
) -> None:
    add_request(database)
    with pytest.raises(NoticeRefused, match=message):
        issue(database, kind, given)
    with database.transaction() as session:
        assert session.scalars(select(Notice)).all() == []
        assert session.scalars(select(NoticeCounter)).all() == []
    assert len(steps_of(database)) == 1
    assert logged(database) == []


def test_the_draft_stores_nothing_and_does_not_open_the_applicant(database: Database) -> None:
    add_request(database)
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        draft = service.draft(session, request, NoticeKind.NOT_HELD, GIVEN, folder=None, on=TODAY)
        assert draft.letter.addressee == "王**"
        assert draft.letter.number == "（发出时编号）"
        assert draft.step is not None
        assert draft.step.outcome == Decision.NOT_HELD
        assert service.notices_of(session, RECEIPT) == []
    assert len(steps_of(database)) == 1
    assert logged(database) == []


def test_what_goes_out_is_what_the_draft_showed_but_for_number_and_name(database: Database) -> None:
    add_request(database)
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        shown = service.draft(
            session, request, NoticeKind.REFUSED, given_for(NoticeKind.REFUSED), folder=None, on=TODAY
        )
    sent = issue(database, NoticeKind.REFUSED).letter
    assert sent == replace(shown.letter, number=sent.number, addressee=NAME)


def test_the_name_is_sealed_and_its_opening_is_in_the_audit_log(database: Database) -> None:
    add_request(database)
    notice = issue(database, NoticeKind.GRANTED)
    with database.engine.connect() as connection:
        stored = connection.execute(text("SELECT content, addressee_masked FROM notices")).one()
    assert NAME not in stored.content
    assert stored.addressee_masked == "王**"
    assert logged(database) == [("open_applicant", f"写文书 {notice.number}"), ("issue_notice", notice.number)]


def test_a_company_on_paper_is_named_by_the_clerk(database: Database) -> None:
    add_request(database, kind=ApplicantKind.COMPANY, is_filed_here=False)
    with pytest.raises(NoticeRefused, match="收件人"):
        issue(database, NoticeKind.GRANTED, Details(text="见附件。"))
    words = text_of(issue(database, NoticeKind.GRANTED, Details(text="见附件。", addressee="云河某某有限公司")))
    assert "云河某某有限公司：" in words
    assert "贵单位" in words
    assert logged(database)[0][0] == "issue_notice"


def test_something_recorded_meanwhile_stops_the_notice(database: Database) -> None:
    add_request(database)
    with pytest.raises(RequestMoved), database.transaction() as session:
        service.issue(
            session,
            RECEIPT,
            NoticeKind.GRANTED,
            GIVEN,
            sealer(),
            folder=None,
            seen_steps=2,
            delivery="邮寄",
            clerk="clerk",
            now=NOW,
        )


def test_a_correction_names_what_it_corrects_and_the_old_notice_stays(database: Database) -> None:
    add_request(database)
    old = issue(database, NoticeKind.REFUSED)
    assert possible(database, old) == [NoticeKind.REFUSED]
    with pytest.raises(NoticeRefused, match="更正的原因"):
        issue(database, NoticeKind.REFUSED, corrects=old)
    new = issue(database, NoticeKind.REFUSED, Details(text="改正后的理由。"), corrects=old, why="引用的文号写错")
    assert new.number == "云水信公告〔2026〕2号"
    assert old.number in new.letter.paragraphs[0]
    assert "引用的文号写错" in new.letter.paragraphs[0]
    assert len(steps_of(database)) == 2, "the answer stands, so nothing is recorded again"
    with database.transaction() as session:
        kept = session.get_one(Notice, old.id)
        assert kept.corrected_by is not None
        assert kept.corrected_by.id == new.id
        assert kept.letter == old.letter
    assert logged(database)[-1] == ("correct_notice", f"{new.number}，更正 {old.number}。缘由：引用的文号写错")
    with pytest.raises(NoticeRefused, match="已经由"):
        issue(database, NoticeKind.REFUSED, Details(text="又改。"), corrects=old, why="又改")


def test_an_answer_that_was_taken_back_is_replaced_by_one_of_another_kind(database: Database) -> None:
    add_request(database)
    old = issue(database, NoticeKind.NOT_HELD)
    with database.transaction() as session:
        mending.take_back_last_event(session, RECEIPT, clerk="clerk", why="后来找到了", now=NOW)
    assert NoticeKind.GRANTED in possible(database, old)
    new = issue(database, NoticeKind.GRANTED, GIVEN, corrects=old, why="后来找到了")
    assert "政府信息不存在告知书" in new.letter.paragraphs[0]
    assert steps_of(database)[-1].outcome == Decision.GRANTED


def test_delivery_is_recorded_once_within_the_days_that_can_be(database: Database) -> None:
    add_request(database)
    notice = issue(database, NoticeKind.GRANTED)

    def deliver(on: date) -> None:
        with database.transaction() as session:
            service.note_delivery(
                session, RECEIPT, notice.id, delivery="邮寄", on=on, note="单号 1", clerk="clerk", now=NOW
            )

    for wrong in (date(2026, 11, 24), date(2026, 11, 26)):
        with pytest.raises(NoticeRefused, match="送达日期"):
            deliver(wrong)
    deliver(TODAY)
    with pytest.raises(NoticeRefused, match="已经记过送达"):
        deliver(TODAY)
    assert logged(database)[-1][0] == "deliver_notice"


def test_numbers_have_no_gap_and_no_double_under_two_writers(database: Database) -> None:
    receipts = [add_request(database, receipt=f"XXGK-2026-{serial:06d}") for serial in range(1, 9)]
    with ThreadPoolExecutor(2) as writers:
        numbers = list(
            writers.map(lambda receipt: issue(database, NoticeKind.GRANTED, receipt=receipt).number, receipts)
        )
    assert sorted(numbers) == [f"云水信公告〔2026〕{serial}号" for serial in range(1, 9)]


def test_each_series_counts_by_itself(database: Database) -> None:
    add_request(database)
    kinds = (NoticeKind.RECEIPT, NoticeKind.EXTENSION, NoticeKind.GRANTED)
    numbers = [issue(database, kind).number for kind in kinds]
    assert numbers == ["云水信公回〔2026〕1号", "云水信公延〔2026〕1号", "云水信公告〔2026〕1号"]
