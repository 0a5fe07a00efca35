"""Entering, changing and publishing; tasks of what is late and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import Database
from bot.documents.models import Document
from bot.publishing import service, tasks
from bot.publishing.due import days_late, is_late
from bot.publishing.models import PublishingTask
from bot.publishing.service import DirectoryEntry, PublishingRefused, Show
from bot.staff.models import AuditEntry
from tests.publishing.organs import NOW, TODAY, duty, enter, fill, publish

LATER = datetime(2026, 12, 8, 2, tzinfo=UTC)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    fill(database)
    with database.transaction() as opened:
        yield opened


def add_document(session: Session, title: str = "云河市居住证管理办法", issuer: str = "云河市公安局") -> Document:
    document = Document(
        key=title,
        title=title,
        number="云公规〔2026〕1号",
        issuer=issuer,
        published_on=date(2026, 11, 6),
        effective_on=None,
        in_force=True,
        states_force=True,
        repealed_on=None,
        repealed_by=None,
        url=None,
        current_version=1,
    )
    session.add(document)
    session.flush()
    return document


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_an_entry_gets_an_index_number_of_its_organ_and_a_term(session: Session) -> None:
    first, second = enter(session), enter(session, "另一项", date(2026, 11, 3))
    assert (first.index_number, second.index_number) == ("GA-2026-00001", "GA-2026-00002")
    assert enter(session, organ="MZ").index_number == "MZ-2026-00001"
    assert (first.due_on, second.due_on) == (date(2026, 11, 30), date(2026, 12, 1))
    assert actions(session) == ["enter_information"] * 3


def test_the_term_begins_anew_with_a_change(session: Session) -> None:
    row = enter(session)
    entry = DirectoryEntry("GA", "监督检查", "某项检查结果", row.made_on, changed_on=date(2026, 11, 16))
    service.change(session, row.id, entry, who="clerk", now=NOW)
    assert (row.made_on, row.counted_from, row.due_on) == (date(2026, 11, 2), date(2026, 11, 16), date(2026, 12, 14))
    told = session.scalars(select(AuditEntry).where(AuditEntry.action == "change_information")).one()
    assert "期限 2026-11-30 改为 2026-12-14" in told.why


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"organ_code": "XX"}, "机关"),
        ({"organ_code": "MZ"}, "机关"),
        ({"subject": "别的"}, "主题"),
        ({"title": " "}, "名称"),
        ({"made_on": None}, "生成日期"),
        ({"made_on": date(2026, 11, 26)}, "还没有到"),
        ({"changed_on": date(2026, 11, 1)}, "早于"),
        ({"url": "javascript:alert(1)"}, "网址"),
        ({"document": "没有的文件"}, "没有载入"),
        ({"duty_code": "ZZ"}, "公开要求"),
    ],
)
def test_an_entry_that_is_wrong_is_refused(session: Session, wrong: dict[str, object], said: str) -> None:
    given = {"organ_code": "GA", "subject": "监督检查", "title": "结果", "made_on": date(2026, 11, 2)}
    with pytest.raises(PublishingRefused, match=said):
        service.enter(session, DirectoryEntry(**{**given, **wrong}), who="x", now=NOW, department_code="GA")  # type: ignore[arg-type]


def test_publishing_needs_a_review_and_a_place(session: Session) -> None:
    row = enter(session)

    def publish_with(on: date | None, reviewer: str, url: str, document: str = "") -> None:
        service.publish(
            session, row.id, published_on=on, reviewed_by=reviewer, url=url, document=document, who="clerk", now=NOW
        )

    for on, reviewer, url, said in (
        (None, "张三", "https://x.cn", "公布日期"),
        (date(2026, 11, 26), "张三", "https://x.cn", "还没有到"),
        (date(2026, 11, 1), "张三", "https://x.cn", "不能早于"),
        (TODAY, " ", "https://x.cn", "审查"),
        (TODAY, "张三", "", "网址"),
        (TODAY, "张三", "ftp://x.cn", "网址"),
    ):
        with pytest.raises(PublishingRefused, match=said):
            publish_with(on, reviewer, url)
    add_document(session)
    publish_with(TODAY, "张三", "", "云公规〔2026〕1号")
    assert row.document is not None
    assert (row.published_on, row.reviewed_by, row.document.title) == (TODAY, "张三", "云河市居住证管理办法")
    assert actions(session)[-1] == "publish_information"


def test_what_is_late_is_told_with_its_days(session: Session) -> None:
    row = enter(session)
    assert not is_late(row, date(2026, 11, 30))
    assert is_late(row, date(2026, 12, 1))
    assert days_late(row, date(2026, 12, 8)) == 6
    publish(session, row, date(2026, 12, 2), LATER)
    assert not is_late(row, date(2026, 12, 8))
    assert days_late(row, date(2026, 12, 8)) == 2


def test_a_department_sees_its_own_only(session: Session) -> None:
    row = enter(session)
    assert service.find(session, TODAY, department_code="GA").total == 1
    assert service.find(session, TODAY, department_code="MZ").total == 0
    for act in (
        lambda: service.visible(session, row.id, "MZ"),
        lambda: service.withhold(session, row.id, why="x", who="x", now=NOW, department_code="MZ"),
    ):
        with pytest.raises(PublishingRefused):
            act()


def test_the_list_is_searched_by_words_subject_and_state(session: Session) -> None:
    open_one, done = enter(session, "一百%"), publish(session, enter(session, "第二项"))
    withheld = service.withhold(session, enter(session, "第三项").id, why="涉及商业秘密", who="x", now=NOW)
    by_show = {show: service.find(session, TODAY, show=show).rows for show in Show}
    assert by_show == {Show.OPEN: [open_one], Show.LATE: [], Show.PUBLISHED: [done], Show.WITHHELD: [withheld]}
    assert service.find(session, TODAY, show=None).total == 3
    assert service.find(session, TODAY, show=None, text="%").rows == [open_one]
    assert service.find(session, TODAY, show=None, subject="统计信息").total == 0
    assert service.find(session, TODAY, show=None, page=99).number == 1


def test_documents_that_no_entry_has_are_offered_to_the_first_issuer(session: Session) -> None:
    document = add_document(session)
    add_document(session, "两局的办法", "云河市民政局、云河市公安局")
    add_document(session, "别处的办法", "云河市水利局")
    offered = [
        (organ.code, one.title) for organ, one in service.unlisted_documents(session, service.all_organs(session))
    ]
    assert offered == [("GA", "云河市居住证管理办法"), ("MZ", "两局的办法")]
    enter(session, document=document.title)
    assert len(service.unlisted_documents(session, service.all_organs(session, "GA"))) == 0


def test_what_is_late_is_a_task_until_it_is_published(session: Session) -> None:
    row = enter(session)
    assert tasks.refresh(session, NOW) == 0
    assert tasks.refresh(session, LATER) == tasks.refresh(session, LATER) == 1
    assert [tasks.about(task) for task in tasks.tasks(session, "GA")] == ["云河市公安局：某项检查结果"]
    assert tasks.tasks(session, "MZ") == []
    publish(session, row, date(2026, 12, 2), LATER)
    assert tasks.refresh(session, LATER) == 0
    assert session.scalars(select(PublishingTask)).all() == []


def test_a_task_is_settled_with_a_note_and_is_not_raised_again(session: Session) -> None:
    enter(session)
    tasks.refresh(session, LATER)
    (task,) = tasks.tasks(session)
    for note, department, said in ((" ", None, "写明"), ("等批准", "MZ", "没有这一项"), ("字" * 301, None, "最多")):
        with pytest.raises(PublishingRefused, match=said):
            tasks.settle(session, task.id, note=note, who="x", now=LATER, department_code=department)
    tasks.settle(session, task.id, note="等上级批准", who="clerk", now=LATER)
    assert tasks.refresh(session, LATER) == 0
    assert actions(session)[-1] == "settle_publishing_task"
    with pytest.raises(PublishingRefused, match="写过"):
        tasks.settle(session, task.id, note="再写", who="x", now=LATER)


def test_what_the_table_demands_and_nobody_entered_is_a_task(session: Session) -> None:
    session.add(duty("GA-02", frequency="每月"))
    session.flush()
    assert tasks.refresh(session, NOW) == 1
    (task,) = tasks.tasks(session)
    assert tasks.about(task) == "云河市公安局：抽检结果（2026年10月）"
    enter(session, made_on=date(2026, 10, 30), duty_code="GA-02")
    assert tasks.refresh(session, NOW) == 0
    assert tasks.refresh(session, LATER) == 2, "the entry is late by then, and nothing was made in November"
