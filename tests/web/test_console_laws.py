"""The page of legal bases: tasks by department, both texts of an article, settling with a note."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.laws.models import Law, LawArticle, LawCitation, LawText
from bot.laws.standing import Kind
from bot.settings import Settings
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from tests.web.console import Browser, fill, let_in, open_browser, settings_in

RAISED = datetime(2026, 8, 15, 2, tzinfo=UTC)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url)


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        session.add(law("无关法", date(2010, 1, 1)))
        session.add(
            task("GA", "公安局", "山水法", Kind.REPEALED, date(2026, 8, 15), "中华人民共和国山水法典", "第九条")
        )
        session.add(task("MZ", "民政局", "溪流条例", Kind.AMENDED, date(2026, 7, 1), "溪流条例"))
    async with open_browser(settings) as opened:
        yield opened


def task(department: str, owner: str, name: str, kind: Kind, since: date, by: str, article: str = "") -> LawCitation:
    return LawCitation(
        subject="item",
        code=f"{department}-001",
        title=f"{owner}的事项",
        department_code=department,
        owner=owner,
        law=name,
        short_title=name,
        version="",
        articles="第二条",
        written_on=date(2026, 1, 1),
        kind=kind.value,
        since=since,
        by=by,
        article=article,
        raised_at=RAISED,
        note="",
    )


def law(title: str, published_on: date) -> Law:
    return Law(
        title=title,
        short_title=title,
        published_on=published_on,
        effective_on=None,
        status="有效",
        issuer="",
        kind="",
        changed_at=RAISED,
    )


def two_texts(database: Database) -> None:
    with database.transaction() as session:
        for day, text in ((date(2010, 1, 1), "罚款一百元。"), (date(2026, 7, 1), "罚款二百元。<b>")):
            version = law("溪流条例", day)
            session.add(version)
            session.flush()
            held = LawText(law_id=version.id, name=str(day), digest=str(day))
            session.add(held)
            session.flush()
            session.add(LawArticle(text_id=held.id, key="2", number="第二条", text=text))


def number_of(database: Database, law: str) -> int:
    with database.transaction() as session:
        return session.scalars(select(LawCitation.id).where(LawCitation.law == law)).one()


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    assert response.status == status, await response.text()
    return await response.text()


async def test_the_tasks_stand_by_department_with_what_cites_them_and_since_when(
    browser: Browser, database: Database
) -> None:
    let_in(browser, database, "reviewer")
    page = await get(browser, "/console/laws")
    assert "有 2 件要核" in page
    assert page.index("<h2>公安局</h2>") < page.index("《山水法》") < page.index("<h2>民政局</h2>")
    assert "2026-08-15 起，依据《山水法典》第九条" in page
    assert '<a href="/console/catalogue/GA-001">公安局的事项</a>' in page
    assert "<style" not in page
    assert "style=" not in page


async def test_both_texts_of_an_amended_article_stand_side_by_side(browser: Browser, database: Database) -> None:
    let_in(browser, database, "reviewer")
    path = f"/console/laws/{number_of(database, '溪流条例')}"
    assert "没有都载入" in await get(browser, path)
    two_texts(database)
    page = await get(browser, path)
    assert page.index("罚款一百元。") < page.index("罚款二百元。&lt;b&gt;")


async def test_a_task_is_settled_with_a_note_that_is_kept(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "reviewer")
    path = f"/console/laws/{number_of(database, '山水法')}/settle"
    refused = await browser.post(path, data={"form_token": token, "note": " "})
    assert (refused.status, "请写明怎么核的" in await refused.text()) == (422, True)
    done = await browser.post(path, data={"form_token": token, "note": "只作历史说明"})
    assert "《山水法》已核过" in await done.text()
    assert "只作历史说明" in await get(browser, "/console/laws?show=settled")
    with database.transaction() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "settle_law_task")).one()
        assert (entry.who, entry.subject, entry.why) == ("reviewer", "公安局的事项：《山水法》第二条", "只作历史说明")


async def test_a_department_sees_and_settles_its_own_only(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, Role.DEPARTMENT.value)
    page = await get(browser, "/console/laws")
    assert "山水法" in page
    assert "溪流条例" not in page
    assert "溪流条例" not in await get(browser, "/console/laws?show=all")
    other = f"/console/laws/{number_of(database, '溪流条例')}"
    await get(browser, other, 404)
    response = await browser.post(f"{other}/settle", data={"form_token": token, "note": "好"})
    assert response.status == 404


async def test_comparing_again_drops_what_is_cited_no_longer(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "reviewer")
    page = await (await browser.post("/console/laws/refresh", data={"form_token": token})).text()
    assert "核对了" in page
    assert "山水法" not in page


@pytest.mark.parametrize("role", [Role.CLERK, Role.ADMINISTRATOR])
async def test_who_has_nothing_to_do_with_it_does_not_see_it(browser: Browser, database: Database, role: Role) -> None:
    let_in(browser, database, role.value)
    await get(browser, "/console/laws", 403)
    await get(browser, "/console/laws/abc", 403)
