"""The pages of figures, as a reviewer sees them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docx import Document

from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.figures.charts import CHARTS
from bot.figures.tables import TABLES
from tests.figures.month import open_case, say
from tests.web.console import Browser, fill, let_in, open_browser, settings_in

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path)
    database = Database(settings.database_url)
    fill(database)
    with database.transaction() as session:
        say(session, "宠物狗证怎么办", Outcome.NOTHING_FOUND, items=["GA-003"])
        say(session, "=cmd()，我电话13800138000", Outcome.NOTHING_FOUND)
        open_case(session)
    async with open_browser(settings) as opened:
        let_in(opened, database, "reviewer")
        yield opened
    database.close()


async def test_the_page_shows_all_tables_and_each_chart_with_words_for_it(browser: Browser) -> None:
    response = await browser.get("/console/figures", params=MARCH)
    html = await response.text()
    assert response.status == 200
    assert "宠物狗证怎么办" in html
    assert "13800138000" not in html
    for name in TABLES:
        assert f'/console/figures/{name}.csv?from=2026-03-01&amp;to=2026-03-31"' in html or "没有。" in html
    for name in CHARTS:
        assert f'src="/console/figures/{name}.svg?from=2026-03-01&amp;to=2026-03-31" alt="2026年3月' in html


async def test_the_page_is_of_this_month_unless_asked_otherwise(browser: Browser) -> None:
    assert (await browser.get("/console/figures")).status == 200


@pytest.mark.parametrize("path", ["", "/volume.svg", "/volume.csv"])
async def test_what_are_no_days_is_told(browser: Browser, path: str) -> None:
    response = await browser.get(f"/console/figures{path}", params={"from": "yesterday", "to": "2026-03-31"})
    assert response.status == 422
    assert "日期要写成 2026-11-01 这样" in await response.text()


@pytest.mark.parametrize("name", CHARTS)
async def test_a_chart_is_an_image_of_its_own(browser: Browser, name: str) -> None:
    response = await browser.get(f"/console/figures/{name}.svg", params=MARCH)
    assert (response.status, response.content_type) == (200, "image/svg+xml")
    policies = response.headers.getall("Content-Security-Policy")
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; sandbox"]
    assert (await response.text()).endswith("</svg>")


@pytest.mark.parametrize("name", TABLES)
async def test_every_table_can_be_had_as_csv(browser: Browser, name: str) -> None:
    response = await browser.get(f"/console/figures/{name}.csv", params=MARCH)
    body = (await response.read()).decode()
    assert (response.status, response.content_type, body[0]) == (200, "text/csv", "\ufeff")
    assert "attachment" in response.headers["Content-Disposition"]
    assert "\n=cmd" not in body
    assert ",=cmd" not in body


async def test_the_bulletin_is_a_page_and_a_docx(browser: Browser) -> None:
    html = await (await browser.get("/console/figures/bulletin", params={"month": "2026-03"})).text()
    assert "云河市政务助手简报（2026年3月）" in html
    assert "本期 1 次对话，群众发来 2 条消息。" in html
    response = await browser.get("/console/figures/bulletin.docx", params={"month": "2026-03"})
    assert Document(io.BytesIO(await response.read())).paragraphs[0].text == "云河市政务助手简报（2026年3月）"
    assert (await browser.get("/console/figures/bulletin", params={"month": "3"})).status == 422
    assert (await browser.get("/console/figures/bulletin.docx", params={"month": "3"})).status == 422


async def test_a_number_leads_to_the_cases_behind_it(browser: Browser) -> None:
    html = await (await browser.get("/console/figures", params=MARCH)).text()
    assert "/console/figures/cases?which=opened&amp;from=2026-03-01&amp;to=2026-03-31" in html
    behind = await (await browser.get("/console/figures/cases", params={"which": "opened", **MARCH})).text()
    assert "共 1 件" in behind
    assert "AJ-000001" in behind
    assert (await browser.get("/console/figures/cases", params={"which": "nonsense", **MARCH})).status == 404
    assert (await browser.get("/console/figures/cases", params={"which": "opened", "from": "x"})).status == 422


async def test_the_page_compares_with_the_period_before(browser: Browser) -> None:
    html = await (await browser.get("/console/figures", params={"compare": "1", **MARCH})).text()
    assert "2026年2月</th>" in html


async def test_a_table_can_be_had_as_a_workbook(browser: Browser) -> None:
    response = await browser.get("/console/figures/summary.xlsx", params=MARCH)
    assert response.status == 200
    assert (await response.read())[:2] == b"PK"
