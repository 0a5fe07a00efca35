"""Notices in the console: form, preview, one confirmation, downloads, files, and who may do what."""

from __future__ import annotations

import io
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from docx import Document
from playwright.async_api import Page, expect

from bot.catalogue.models import Department
from bot.db import Database, utcnow
from bot.disclosures.models import Applicant, Request
from bot.disclosures.terms import Decision, Party, Step
from bot.notices import fonts
from bot.notices.models import Notice
from bot.notices.service import notices_of
from bot.sealing import own_sealer
from bot.settings import Settings
from bot.staff import sign_ins
from bot.staff.accounts import get_person
from tests.notices.requests import add_remedy_office
from tests.notices.test_answer_files import PDF
from tests.web.console import Browser, fill, let_in, open_browser, settings_in
from tests.web.pages import chromium
from tests.web.test_console_desk import IDENTITY, add_request, get, logged, post, today, upload

RECEIPT = "XXGK-2026-000001"
PATH = f"/console/disclosures/{RECEIPT}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url, IDENTITY_KEY=os.environ["IDENTITY_KEY"])


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        session.add(Department(code="MZ", name="民政局", short_names=[], phone="0990-2"))
        add_remedy_office(session)
    add_request(database)
    with database.transaction() as session:
        sealed = own_sealer().seal_object(IDENTITY)
        session.add(Applicant(receipt=RECEIPT, sealed=sealed, digest="x"))
        session.get_one(Request, RECEIPT).delivery = "邮寄"
    async with open_browser(settings) as opened:
        yield opened


def steps(database: Database) -> list[Step]:
    with database.transaction() as session:
        return session.get_one(Request, RECEIPT).steps


def notices(database: Database) -> list[Notice]:
    with database.transaction() as session:
        return list(notices_of(session, RECEIPT))


REFUSAL = {"kind": "refused", "reason": "process_information", "text": "该稿件尚在讨论。"}
SEND = {**REFUSAL, "seen_steps": "1", "delivery": "邮寄", "confirmed": "yes"}


async def test_a_notice_is_looked_at_then_confirmed_once_and_recorded(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    page = await get(browser, PATH)
    assert f"{PATH}/notices/new?kind=refused" in page
    page = await get(browser, f"{PATH}/notices/new?kind=refused")
    assert "为什么不公开" in page
    status, page = await post(browser, token, f"{PATH}/notices/preview", **REFUSAL)
    assert status == 200
    for shown in (
        "云河市公安局",
        "政府信息不予公开告知书",
        "（发出时编号）",
        "王**：",
        "该稿件尚在讨论。",
        "应当先申请行政复议",
    ):
        assert shown in page
    assert "王小明" not in page
    assert (len(steps(database)), notices(database), logged(database, "open_applicant")) == (1, [], [])
    status, page = await post(browser, token, f"{PATH}/notices", **{**SEND, "confirmed": ""})
    assert (status, "请先勾选" in page, notices(database)) == (422, True, [])
    status, page = await post(browser, token, f"{PATH}/notices", **SEND)
    assert status == 303, page
    (notice,) = notices(database)
    assert notice.number in page
    assert "王小明" not in page
    assert steps(database)[-1].outcome == Decision.REFUSED
    assert [who for who, _, _ in logged(database, "open_applicant")] == ["clerk"]
    assert logged(database, "issue_notice") == [("clerk", RECEIPT, notice.number)]
    assert logged(database, "open_notice") == [("clerk", f"{RECEIPT} {notice.number}", "")]
    status, page = await post(browser, token, f"{PATH}/notices", **SEND)
    assert (status, len(notices(database))) == (422, 1), "the request is answered: nothing goes out twice"


async def test_what_is_typed_wrongly_comes_back_with_words_and_is_kept(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    status, page = await post(browser, token, f"{PATH}/notices/preview", **{**REFUSAL, "reason": ""})
    assert (status, "请选不予公开的理由" in page, "该稿件尚在讨论。" in page) == (422, True, True)
    status, page = await post(browser, token, f"{PATH}/notices/preview", **REFUSAL, again="1")
    assert (status, "该稿件尚在讨论。</textarea>" in page) == (200, True)
    status, page = await post(browser, token, f"{PATH}/notices/preview", kind="supplement", text="x", respond_by="x")
    assert (status, "请填补正期限" in page) == (422, True)
    for query in ("kind=nonsense", "", "kind=refused&corrects=7"):
        assert (await browser.get(f"{PATH}/notices/new?{query}")).status in (404, 422), query
    assert notices(database) == []


async def test_a_step_recorded_meanwhile_stops_the_notice(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    await post(browser, token, f"{PATH}/record", kind="extended", on=str(today()), working_days="5")
    status, page = await post(browser, token, f"{PATH}/notices", **SEND)
    assert (status, "又有新的记录" in page, notices(database)) == (409, True, [])


async def test_word_and_pdf_have_the_name_for_those_who_may_see_it(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    await post(browser, token, f"{PATH}/notices", **SEND)
    (notice,) = notices(database)
    path = f"{PATH}/notices/{notice.id}/notice"
    for login, name in (("clerk", "王小明："), ("department", "王**：")):
        let_in(browser, database, login)
        response = await browser.get(f"{path}.docx")
        assert notice.number in unquote(response.headers["Content-Disposition"])
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        texts = [one.text for one in Document(io.BytesIO(await response.read())).paragraphs]
        assert name in texts
    response = await browser.get(f"{path}.pdf")
    assert response.status == (200 if fonts.has_chinese_font() else 422)
    assert (await browser.get(f"{path}.exe")).status == 404
    opened = [who for who, _, _ in logged(database, "open_notice")]
    assert opened.count("department") >= 1


async def test_another_department_cannot_even_learn_that_there_is_one(browser: Browser, database: Database) -> None:
    other = add_request(database, "XXGK-2026-000002", department="MZ")
    token = let_in(browser, database, "clerk")
    path = f"/console/disclosures/{other}"
    await post(browser, token, f"{path}/notices", **{**SEND, "addressee": "李四"})
    await upload(browser, token, f"{path}/files", "file", {"批复.pdf": PDF})
    token = let_in(browser, database, "department")
    for inside in ("notices/new?kind=granted", "notices/1", "notices/1/notice.docx", "files/1"):
        assert (await browser.get(f"{path}/{inside}")).status == 404, inside
    for inside in ("notices/1", "notices/1/notice.docx", "files/1"):
        assert (await browser.get(f"{PATH}/{inside}")).status == 404, "nor through a request of its own"
    for inside in ("notices/preview", "notices", "notices/1/delivered", "files/1/remove"):
        status, _ = await post(browser, token, f"{path}/{inside}", **SEND)
        assert status == 404, inside


async def test_files_are_checked_kept_and_sent_with_safe_headers(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    for name, content, said in (
        ("包.zip", b"PK", "不是可以收的类型"),
        ("假.pdf", b"<html>", "对不上"),
        ("大.pdf", PDF + b" " * 10 * 1024 * 1024, "太大"),
    ):
        status, page = await upload(browser, token, f"{PATH}/files", "file", {name: content})
        assert (status, said in page) == (422, True), name
    status, page = await upload(browser, token, f"{PATH}/files", "file", {"huge.pdf": b" " * 11 * 1024 * 1024})
    assert status == 413
    status, page = await upload(browser, token, f"{PATH}/files", "file", {"<b>批复.pdf": PDF})
    assert (status, "&lt;b&gt;批复.pdf" in page) == (303, True)
    response = await browser.get(f"{PATH}/files/1")
    assert (response.status, await response.read()) == (200, PDF)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert logged(database, "open_answer_file") == [("clerk", f"{RECEIPT} <b>批复.pdf", "")]
    form = await get(browser, f"{PATH}/notices/new?kind=granted")
    assert re.search(r'name="file-1" value="1" checked', form)
    await post(browser, token, f"{PATH}/notices", **{**SEND, "kind": "granted", "reason": "", "file-1": "1"})
    (notice,) = notices(database)
    assert notice.letter.attachments == ("<b>批复.pdf",)
    status, page = await post(browser, token, f"{PATH}/files/1/remove")
    assert (status, "已经随文书发出" in page) == (422, True)


async def test_a_correction_is_written_from_the_notice_that_it_corrects(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    await post(browser, token, f"{PATH}/notices", **SEND)
    (old,) = notices(database)
    page = await get(browser, f"{PATH}/notices/new?corrects={old.id}")
    assert "更正的原因" in page
    correction = {**SEND, "corrects": str(old.id), "text": "改正后的理由。", "seen_steps": "2"}
    status, page = await post(browser, token, f"{PATH}/notices", **correction)
    assert (status, "请写明更正的原因" in page) == (422, True)
    status, page = await post(browser, token, f"{PATH}/notices", **correction, why="文号写错")
    assert (status, "这一份更正 <a" in page) == (303, True)
    page = await get(browser, f"{PATH}/notices/{old.id}")
    assert "文号写错" in page
    assert "写一份更正" not in page


async def test_delivery_is_recorded_on_the_page_of_the_notice(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    await post(browser, token, f"{PATH}/notices", **SEND)
    path = f"{PATH}/notices/{notices(database)[0].id}"
    status, page = await post(browser, token, f"{path}/delivered", on="2020-01-01", delivery="邮寄")
    assert (status, "送达日期" in page) == (422, True)
    status, page = await post(browser, token, f"{path}/delivered", on=str(today()), delivery="邮寄", note="单号 1")
    assert (status, "单号 1" in page) == (303, True)
    assert f"{today()} 送达（邮寄）" in await get(browser, PATH)


async def test_a_city_s_wrong_template_is_told_to_the_clerk(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    fill(database)
    add_request(database)
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "granted.txt").write_text("标题：告知书\n字号：告\n---\n{错}\n", encoding="utf-8")
    own = settings_in(tmp_path, DATABASE_URL=database_url, NOTICES_DIR=str(folder))
    async with open_browser(own) as browser:
        token = let_in(browser, database, "clerk")
        given = {"kind": "granted", "text": "见附件。", "addressee": "王小明"}
        status, page = await post(browser, token, f"{PATH}/notices/preview", **given)
    assert (status, "granted.txt 第 4 行：没有“错”这个字段" in page) == (422, True)


@pytest.mark.parametrize("width", [1280, 375])
async def test_the_pages_fit_the_screen(browser: Browser, database: Database, width: int) -> None:
    let_in(browser, database, "clerk")
    with database.transaction() as session:
        token = sign_ins.begin(session, get_person(session, "clerk"), utcnow())
    async with chromium(browser, {"width": width, "height": 800}) as open_page:
        page = await open_page()
        await page.context.add_cookies(
            [{"name": "console_sign_in", "value": token, "url": str(browser.make_url("/console"))}]
        )
        await page.goto(PATH)
        await fits(page, width)
        await page.get_by_text("写文书").click()
        await page.get_by_role("link", name="不予公开告知书").click()
        await page.get_by_label("理由", exact=True).select_option("process_information")
        await page.get_by_label("为什么不公开：事实和理由").fill("该稿件尚在讨论。https://yunhe.example/" + "x" * 90)
        await fits(page, width)
        await page.get_by_role("button", name="看样子").click()
        await expect(page.get_by_role("article")).to_contain_text("政府信息不予公开告知书")
        await fits(page, width)
        await page.get_by_label("内容已经核对").check()
        await page.get_by_role("button", name="确认发出").click()
        await expect(page.get_by_text("已发出：")).to_be_visible()
        await fits(page, width)


async def fits(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    folder = os.environ.get("PICTURES")
    if folder:
        name = f"{width}-{len(list(Path(folder).iterdir())):02d}.png"
        await page.screenshot(path=Path(folder) / name, full_page=True)


async def test_the_delivery_of_a_letter_to_another_agency_begins_the_consultation(
    browser: Browser, database: Database
) -> None:
    token = let_in(browser, database, "clerk")
    assert "被征求意见的机关" in await get(browser, f"{PATH}/notices/new?kind=agency_consultation")
    sent = {**SEND, "kind": "agency_consultation", "addressee": "云河市民政局", "text": "联合批复一份", "reason": ""}
    status, page = await post(browser, token, f"{PATH}/notices", **sent)
    assert (status, len(steps(database))) == (303, 1), page
    (notice,) = notices(database)
    delivered = f"{PATH}/notices/{notice.id}/delivered"
    status, page = await post(browser, token, delivered, on=str(today()), delivery="邮寄")
    assert (status, "经过里记了“开始征求意见”" in page) == (303, True)
    assert (steps(database)[-1].party, steps(database)[-1].consultation_id) == (Party.AGENCY, notice.number)
    assert "开始征求意见" in await get(browser, PATH)
