from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import City, Department
from bot.db import Database
from bot.documents.importer import import_documents
from bot.laws.importer import import_laws
from bot.laws.models import LawCitation
from bot.laws.standing import Kind
from bot.laws.watch import CLOCK_OWNER, Refreshed, TaskRefused, cited_laws, refresh, settle, settled, tasks
from bot.referrals.models import Route
from bot.staff.models import AuditEntry

MAY, LATER = datetime(2026, 5, 16, 2, tzinfo=UTC), datetime(2026, 11, 28, 2, tzinfo=UTC)
CLOCK_LAWS = (
    "政府信息公开条例,2019-04-03,2019-05-15,有效,国务院,行政法规",
    "中华人民共和国行政复议法,2023-09-01,2024-01-01,有效,全国人大常委会,法律",
    "中华人民共和国行政诉讼法,2017-06-27,2017-07-01,有效,全国人大常委会,法律",
    "中华人民共和国民法典,2020-05-28,2021-01-01,有效,全国人大,法律",
    "行政复议法实施条例,2026-04-29,2026-05-01,有效,国务院,行政法规",
    "最高人民法院关于审理政府信息公开行政案件适用法律若干问题的解释,2025-05-19,2025-06-01,有效,最高人民法院,司法解释",
    "政府信息公开信息处理费管理办法,2020-11-17,2021-01-01,有效,国务院办公厅,规范性文件",
)
OLD, CODE = "中华人民共和国山水法,2014-04-24,2015-01-01,有效,,法律", "山水法典,2026-03-12,2026-08-15,尚未生效,,法律"
CODE_TEXT = """# 山水法典

2026-03-12 公布

<!-- INFO END -->

第一条 为了山水。

第二条 本法自2026年8月15日起施行。《中华人民共和国山水法》同时废止。
"""
GUIDE = """---
title: 云河市爬山指南
issuer: 云河市公安局
published_on: 2025-01-01
in_force: true
---
第一条 按《山水法》第三条、第四条和《云河市养犬办法》办理，填写《爬山登记表》。

第二条 《云河市旧指南规定》同时废止。
"""


def list_laws(session: Session, folder: Path, rows: Iterable[str], now: datetime, **texts: str) -> None:
    path = folder / "status.csv"
    lines = ["title,published_on,effective_on,status,issuer,kind", *CLOCK_LAWS, *rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "texts").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "texts" / f"{name}.md").write_text(text, encoding="utf-8")
    import_laws(session, path, folder / "texts", now)


def route(code: str, basis: str, in_charge: str = "消防队、公安局") -> Route:
    return Route(
        code=code,
        name=f"去处{code}",
        category="生活服务",
        triggers=[],
        exceptions=[],
        answer="请找他们。",
        in_charge=in_charge,
        phone="",
        legal_basis=basis,
        url="",
    )


@pytest.fixture
def city(database: Database, tmp_path: Path) -> Database:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="", portal_url=""))
        session.add(Department(code="GA", name="公安局", short_names=[], phone=""))
        session.add(route("LX-901", "《山水法》第五十七条"))
        list_laws(session, tmp_path, [OLD, CODE], MAY, **{"山水法典(2026-03-12)": CODE_TEXT})
    return database


def at(database: Database, now: datetime) -> Refreshed:
    with database.transaction() as session:
        return refresh(session, now)


def open_tasks(database: Database, department: str | None = None) -> list[tuple[str, str, str, date | None]]:
    with database.transaction() as session:
        return [(one.code, one.law, one.kind, one.since) for one in tasks(session, department)]


def test_a_task_is_raised_once_for_who_keeps_the_record_with_the_day_from_which(city: Database) -> None:
    assert at(city, MAY).raised == 1
    assert at(city, MAY + timedelta(days=1)) == Refreshed(citations=at(city, MAY).citations, raised=0, open=1)
    assert open_tasks(city) == [("LX-901", "山水法", Kind.ENDS, date(2026, 8, 15))]
    assert open_tasks(city, "GA") == open_tasks(city)
    assert open_tasks(city, "MZ") == []
    with city.transaction() as session:
        (task,) = tasks(session)
        assert (task.owner, task.by, task.article, task.raised_at) == ("消防队、公安局", "山水法典", "第二条", MAY)


def test_a_settled_task_stays_settled_until_the_standing_changes(city: Database) -> None:
    at(city, MAY)
    with city.transaction() as session:
        settle(session, tasks(session)[0].id, who="zhang", note="8月再改", now=MAY)
        assert session.scalars(select(AuditEntry.why).where(AuditEntry.action == "settle_law_task")).all() == [
            "8月再改"
        ]
    assert at(city, MAY + timedelta(days=5)).raised == 0
    with city.transaction() as session:
        assert [(one.settled_by, one.note) for one in settled(session)] == [("zhang", "8月再改")]
    assert at(city, LATER).raised == 1
    assert open_tasks(city) == [("LX-901", "山水法", Kind.REPEALED, date(2026, 8, 15))]


@pytest.mark.parametrize("note", ["", "长" * 301, "见 javascript:alert(1)"])
def test_a_task_is_settled_with_a_note_and_once(city: Database, note: str) -> None:
    at(city, MAY)
    with city.transaction() as session:
        number = tasks(session)[0].id
        with pytest.raises(TaskRefused):
            settle(session, number, who="zhang", note=note, now=MAY)
        with pytest.raises(TaskRefused, match="没有这一项"):
            settle(session, number, who="zhang", note="好", now=MAY, department_code="MZ")
        settle(session, number, who="zhang", note="好", now=MAY)
        with pytest.raises(TaskRefused, match="已经核过"):
            settle(session, number, who="li", note="好", now=MAY)


def test_a_mended_record_takes_its_task_along(city: Database) -> None:
    at(city, LATER)
    with city.transaction() as session:
        session.get_one(Route, "LX-901").legal_basis = "《山水法典》第一百零二条"
    assert at(city, LATER).open == 0
    with city.transaction() as session:
        assert [one.law for one in cited_laws(session) if one.code == "LX-901"] == ["山水法典"]


def test_what_is_not_listed_is_a_task_and_a_local_rule_is_not(city: Database) -> None:
    with city.transaction() as session:
        session.add(route("LX-902", "《林木条例》第一条；《海江市林木条例》第二条"))
    at(city, MAY)
    assert ("LX-902", "林木条例", Kind.UNKNOWN, None) in open_tasks(city)
    with city.transaction() as session:
        assert {one.kind for one in cited_laws(session) if one.law == "海江市林木条例"} == {Kind.LOCAL}


def test_documents_are_read_for_laws_and_not_for_forms_or_what_they_repeal(city: Database, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "guide.md").write_text(GUIDE, encoding="utf-8")
    with city.transaction() as session:
        import_documents(session, tmp_path / "ours")
    at(city, LATER)
    with city.transaction() as session:
        cited = {one.law: one for one in cited_laws(session) if one.subject == "document"}
    assert {law: (one.articles, one.kind) for law, one in cited.items()} == {
        "山水法": ("第三条、第四条", Kind.REPEALED),
        "云河市养犬办法": ("", Kind.LOCAL),
    }
    assert (cited["山水法"].department_code, cited["山水法"].written_on) == ("GA", date(2025, 1, 1))


def test_the_clock_s_own_table_is_watched(city: Database, tmp_path: Path) -> None:
    at(city, MAY)
    with city.transaction() as session:
        clock = [one for one in cited_laws(session) if one.subject == "clock"]
        assert {"政府信息公开条例", "行政复议法", "行政诉讼法"} <= {one.law for one in clock}
        assert {(one.kind, one.owner) for one in clock} == {(Kind.IN_FORCE, CLOCK_OWNER)}
        new = "政府信息公开条例,2026-06-01,2026-07-01,尚未生效,国务院,行政法规"
        list_laws(session, tmp_path, [OLD, CODE, new], LATER)
    at(city, LATER)
    with city.transaction() as session:
        kinds = session.scalars(
            select(LawCitation.kind).where(LawCitation.subject == "clock", LawCitation.law == "政府信息公开条例")
        )
        assert set(kinds) == {Kind.AMENDED}


def test_an_amended_law_is_no_task_where_the_cited_article_is_the_same(city: Database, tmp_path: Path) -> None:
    old, new = "溪流条例,2010-01-01,,已修改,,行政法规", "溪流条例,2026-06-01,2026-07-01,有效,,行政法规"
    text = "# 溪流条例\n\n{day} 公布\n\n<!-- INFO END -->\n\n第一条 不得　倾倒。\n\n第二条 罚款{sum}元。\n"
    with city.transaction() as session:
        session.add_all([route("LX-903", "《溪流条例》第一条"), route("LX-904", "《溪流条例》第二条")])
        list_laws(
            session,
            tmp_path,
            [OLD, CODE, old, new],
            MAY,
            **{
                "溪流条例(2010-01-01)": text.format(day="2010-01-01", sum="一百"),
                "溪流条例(2026-06-01)": text.format(day="2026-06-01", sum="二百").replace("　", ""),
            },
        )
    at(city, MAY)
    at(city, LATER)
    assert [one for one in open_tasks(city) if one[1] == "溪流条例"] == [
        ("LX-904", "溪流条例", Kind.AMENDED, date(2026, 7, 1))
    ]
