"""The page of a case: what stands beside the conversation, suggestions, one stroke to answer, close and go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import Database, utcnow
from bot.reviews import handling
from bot.reviews.models import CannedReply
from bot.reviews.states import CaseState
from bot.running.sample_city import load_sample_city
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from tests.databases import set_up
from tests.web.console import PASSWORD, Browser, add_people, fill, let_in, open_browser, settings_in
from tests.web.test_console_cases import act, claimed_case, get, open_case, person, the_case


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url, ENCODER="off")


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        accounts.add_person(
            session, login="lisi", name="李四", role=Role.CLERK, password=PASSWORD, who="terminal:root", now=utcnow()
        )
    async with open_browser(settings) as opened:
        yield opened


def listed(page: str) -> list[str]:
    """The numbers in the list beside the case."""
    near = page.split('data-part="near"')[1].split("</nav>")[0]
    return [part.split('"')[0].split("?")[0] for part in near.split('href="/console/cases/')[1:]]


async def test_answering_and_closing_is_one_act_that_claims_and_leads_to_the_next_case(
    browser: Browser, database: Database
) -> None:
    with database.transaction() as session:
        now = utcnow()
        numbers = [open_case(session, at=now - timedelta(minutes=minutes)).number for minutes in (30, 20, 10)]
        handling.claim(session, the_case(session, numbers[1]), person(session, "lisi"), now)
    token = let_in(browser, database, "clerk")
    # Whose citizen talks with somebody comes first.
    assert listed(await get(browser, f"/console/cases/{numbers[0]}")) == [numbers[1], numbers[0], numbers[2]]
    status, page = await act(browser, token, numbers[0], "reply", text="到派出所办", kind="close")
    assert status == 303
    assert "已答复并办结，这是下一件" in page
    assert f"<title>{numbers[2]}" in page  # the second one is somebody else's
    _, page = await act(browser, token, numbers[2], "reply", text="到派出所办", kind="close")
    assert "这一列办完了" in page
    with database.transaction() as session:
        case = the_case(session, numbers[0])
        assert (case.state, case.outcome) == (CaseState.CLOSED, "answered")
        assert case.claimed_by is not None
        assert case.claimed_by.login == "clerk"


async def test_the_page_goes_on_with_the_list_from_which_it_was_opened(browser: Browser, database: Database) -> None:
    first, second = claimed_case(database), claimed_case(database)
    with database.transaction() as session:
        open_case(session)
    token = let_in(browser, database, "clerk")
    queue = await get(browser, "/console/queue?mine=1")
    path = f"/console/cases/{first}?in=mine%3D1"
    assert f'href="{path}"' in queue
    assert listed(await get(browser, path)) == [first, second]
    _, page = await act(browser, token, first, "reply", text="到派出所办", kind="close", **{"in": "mine=1"})
    assert listed(page) == [second]


async def test_of_two_who_answer_an_unclaimed_case_only_one_does(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        number = open_case(session).number
    await act(browser, let_in(browser, database, "lisi"), number, "reply", text="到派出所办", kind="final")
    status, page = await act(
        browser, let_in(browser, database, "clerk"), number, "reply", text="到街道办", kind="final"
    )
    assert status == 422
    assert "由李四负责" in page
    assert "到街道办" in page


async def test_a_canned_reply_is_inserted_without_scripts(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    with database.transaction() as session:
        session.add(CannedReply(title="编号", text="您的编号是 {编号}", department_code=None))
        session.flush()
        canned = session.scalars(select(CannedReply)).one().id
    token = let_in(browser, database, "clerk")
    _, page = await act(browser, token, number, "keep", act="reply", text="您好。", canned=str(canned))
    assert f"您好。\n您的编号是 {number}</textarea>" in page
    _, page = await act(browser, token, number, "keep", act="reply", add="再见。")
    assert f"您的编号是 {number}\n再见。</textarea>" in page


async def test_who_is_named_in_a_note_finds_the_case_until_it_is_opened(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "clerk")
    status, page = await act(browser, token, number, "note", text="@zhaoliu 看一下")
    assert status == 422
    assert "没有登录名是“zhaoliu”的同事" in page
    assert (await act(browser, token, number, "note", text="@lisi 看一下"))[0] == 303
    let_in(browser, database, "lisi")
    queue = await get(browser, "/console/queue?named=1")
    assert "有人@我 <strong>1</strong>" in queue
    assert f'data-case="{number}"' in queue
    await get(browser, f"/console/cases/{number}")
    assert f'data-case="{number}"' not in await get(browser, "/console/queue?named=1")


async def test_answers_are_suggested_from_the_citys_records_and_alike_cases(
    settings: Settings, database: Database
) -> None:
    set_up(database, load_sample_city)
    with database.transaction() as session:
        add_people(session, (Role.CLERK, Role.ADMINISTRATOR), department="GA")
        clerk = person(session, "clerk")
        before, case = open_case(session, "居民身份证补领在哪里办"), open_case(session, "居民身份证补领要什么材料")
        handling.claim(session, before, clerk, utcnow())
        handling.reply(session, before, clerk, utcnow(), "带户口簿到派出所。", is_final=True)
        number = case.number
    async with open_browser(settings) as browser:
        token = let_in(browser, database, "clerk")
        part = await get(browser, f"/console/cases/{number}/suggestions?part=list")
        assert "<html" not in part
        assert "居民身份证" in part.split("答过的相近问题")[0]
        assert "来源：" in part
        assert "带户口簿到派出所。" in part.split("答过的相近问题")[1]
        response = await browser.post(
            f"/console/cases/{number}/suggestions", data={"form_token": token, "asked": "公积金提取要什么材料"}
        )
        assert "公积金" in await response.text()
        let_in(browser, database, "administrator")
        assert (await browser.get(f"/console/cases/{number}/suggestions")).status == 403


async def test_a_city_without_any_data_has_nothing_to_suggest(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    let_in(browser, database, "clerk")
    assert "目录和文件里没有找到" in await get(browser, f"/console/cases/{number}/suggestions")
