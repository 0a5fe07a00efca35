"""On `/answers` an applicant hands in a supplement with files, or withdraws; nobody else does."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientResponse, FormData
from limits import parse
from playwright.async_api import expect
from sqlalchemy import select, text

from bot.db import Database, utcnow
from bot.disclosures.models import Request
from bot.disclosures.service import assess, record_event
from bot.disclosures.terms import Decision, Kind, RequestState, Step
from bot.notices.answer_files import answer_files, content_of, files_of, supplement_files
from bot.notices.file_formats import MOST_BYTES
from bot.notices.models import AnswerFile, AnswerFilePart
from bot.notices.supplements import MOST_FILES
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from bot.web import own_request
from bot.web.tickets import TICKET_LASTS
from bot.workdays import add_working_days, today_in_china
from tests.databases import set_up
from tests.notices.requests import CODE, RECEIPT, add_request, sealer
from tests.notices.test_answer_files import PDF, PNG, with_part, word
from tests.web.console import Browser, add_people, let_in, open_browser, settings_in
from tests.web.pages import chromium

OTHER = "XXGK-2026-000124"
WORDS = "要2024年的规划图则"


def today() -> date:
    return today_in_china(utcnow())


def asked() -> Step:
    return Step(Kind.SUPPLEMENT_REQUESTED, today(), respond_by=today() + timedelta(days=14), note="请写明年份")


@pytest.fixture
async def browser(database_url: str, database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    set_up(database)
    received_on = today() - timedelta(days=1)
    add_request(database, asked(), received_on=received_on)
    add_request(database, received_on=received_on, receipt=OTHER)
    async with open_browser(
        settings_in(tmp_path, DATABASE_URL=database_url, IDENTITY_KEY=os.environ["IDENTITY_KEY"])
    ) as opened:
        yield opened


async def page_of(browser: Browser, receipt: str = RECEIPT, code: str = CODE) -> str:
    return await (await browser.post("/answers", data={"receipt": receipt, "query_code": code})).text()


async def ticket_of(browser: Browser, receipt: str = RECEIPT) -> str:
    (found, *_) = re.findall(r'name="ticket" value="([^"]+)"', await page_of(browser, receipt))
    return str(found)


async def send(
    browser: Browser, ticket: str, words: str = WORDS, files: tuple[tuple[str, bytes], ...] = ()
) -> ClientResponse:
    form = FormData(quote_fields=False, default_to_multipart=True)  # as browsers send it
    form.add_field("ticket", ticket)
    form.add_field("words", words)
    for name, content in files:
        form.add_field("file", content, filename=name)
    return await browser.post("/answers/supplement", data=form)


def state(database: Database, receipt: str = RECEIPT) -> RequestState:
    with database.transaction() as session:
        return assess(session.get_one(Request, receipt), today()).state


async def test_words_and_files_are_taken_sealed_and_the_clock_starts_anew(browser: Browser, database: Database) -> None:
    answer = await send(browser, await ticket_of(browser), files=(("旧批复.pdf", PDF), ("图.png", PNG)))
    told = await answer.text()
    assert answer.status == 200
    assert "补正收到了，答复期限从今天重新算" in told
    assert "旧批复.pdf" in told
    assert "提交补正" not in told
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        now = assess(request, today())
        assert now.due_on == add_working_days(today(), 20)
        assert request.description.endswith(f"补正（{today()}）：{WORDS}（附件：旧批复.pdf、图.png）")
        first, second = supplement_files(session, RECEIPT)
        assert (content_of(session, first, sealer()), second.added_by) == (PDF, "申请人")
        assert all(sealed.startswith("gAAAA") for sealed in session.scalars(select(AnswerFilePart.sealed)))
        assert "批复" not in str(session.execute(text("SELECT name FROM answer_files")).all())
        assert "旧批复" not in str([(one.subject, one.why) for one in session.scalars(select(AuditEntry))])
        assert (list(files_of(session, RECEIPT)), answer_files(session, request)) == ([], [])


async def test_files_alone_or_words_alone_are_enough(browser: Browser, database: Database) -> None:
    ticket = await ticket_of(browser)
    nothing = await send(browser, ticket, words=" 年 ")
    assert (nothing.status, "看不出补正了什么" in await nothing.text()) == (422, True)
    assert (await send(browser, ticket, words="", files=(("图.png", PNG),))).status == 200
    with database.transaction() as session:
        assert session.get_one(Request, RECEIPT).description.endswith("：（附件：图.png）")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((("木马.exe", b"MZ"),), "不是可以收的类型"),
        ((("假.pdf", b"MZ" + PDF),), "对不上"),
        ((("好.pdf", PDF), ("宏.docx", with_part(word(), "word/vbaProject.bin"))), "有宏"),
        ((("大.pdf", PDF + b" " * MOST_BYTES + b"%%EOF"),), "最多 10 MB"),
        (tuple((f"{number}.pdf", PDF) for number in range(MOST_FILES + 1)), "最多 5 个"),
        ((("同.pdf", PDF), ("同.pdf", PDF)), "换个名字"),
    ],
)
async def test_a_file_that_is_not_taken_leaves_nothing_behind_and_the_words_on_the_page(
    browser: Browser, database: Database, files: tuple[tuple[str, bytes], ...], said: str
) -> None:
    answer = await send(browser, await ticket_of(browser), files=files)
    told = await answer.text()
    assert (answer.status, said in told, WORDS in told) == (422, True, True)
    assert state(database) == RequestState.AWAITING_SUPPLEMENT
    with database.transaction() as session:
        assert session.scalars(select(AnswerFile)).all() == []


async def test_a_body_beyond_all_limits_gets_a_sentence(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_request, "MOST_UPLOADED_BYTES", 1000)
    answer = await send(browser, await ticket_of(browser), files=(("大.pdf", PDF + b" " * 2000),))
    assert (answer.status, "文件太大" in await answer.text()) == (413, True)


async def test_words_that_come_without_a_form_for_files_are_taken_and_what_is_broken_gets_a_sentence(
    browser: Browser, database: Database
) -> None:
    broken = await browser.post(
        "/answers/supplement", data=b"--x", headers={"Content-Type": "multipart/form-data; boundary=y"}
    )
    assert (broken.status, "从头再来" in await broken.text()) == (413, True)
    plain = await browser.post("/answers/supplement", data={"ticket": await ticket_of(browser), "words": WORDS})
    assert plain.status == 200
    assert state(database) != RequestState.AWAITING_SUPPLEMENT


async def test_it_is_taken_once(browser: Browser, database: Database) -> None:
    ticket = await ticket_of(browser)
    assert (await send(browser, ticket)).status == 200
    again = await send(browser, ticket, "又想起一件事", files=(("再.pdf", PDF),))
    assert (again.status, "补正已经收到，不用再交" in await again.text()) == (409, True)
    with database.transaction() as session:
        assert "又想起" not in session.get_one(Request, RECEIPT).description
        assert list(supplement_files(session, RECEIPT)) == []


async def test_a_ticket_opens_only_its_own_request_and_not_for_ever(
    browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = await ticket_of(browser, OTHER)
    assert (await send(browser, mine)).status == 409
    for forged in ("", "x", RECEIPT, sealer().seal(RECEIPT), sealer().seal_object({"receipt": RECEIPT})):
        assert (await send(browser, forged)).status == 403
        assert (await browser.post("/answers/withdraw", data={"ticket": forged, "sure": "1"})).status == 403
    good = await ticket_of(browser)
    later = utcnow() + TICKET_LASTS
    monkeypatch.setattr(own_request, "utcnow", lambda: later)
    expired = await send(browser, good)
    assert (expired.status, "重新输入" in await expired.text()) == (403, True)
    assert state(database) == RequestState.AWAITING_SUPPLEMENT


async def test_the_form_is_shown_only_with_the_right_code_and_while_a_supplement_is_awaited(browser: Browser) -> None:
    assert "请写明年份" in await page_of(browser)
    assert "提交补正" not in await page_of(browser, OTHER)
    assert "撤回这件申请" in await page_of(browser, OTHER)
    refused = await page_of(browser, code="2222-222A")
    assert "对不上" in refused
    assert "补正的内容" not in refused
    assert "年份" not in refused


async def test_from_another_site_nothing_is_taken(browser: Browser, database: Database) -> None:
    ticket = await ticket_of(browser)
    for path in ("/answers/supplement", "/answers/withdraw"):
        answer = await browser.post(
            path, data={"ticket": ticket, "words": WORDS, "sure": "1"}, headers={"Origin": "https://elsewhere.example"}
        )
        assert answer.status == 403
    assert state(database) == RequestState.AWAITING_SUPPLEMENT


async def test_too_many_tries_of_one_client_wait(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_request, "PER_CLIENT", parse("1/hour"))
    ticket = await ticket_of(browser)
    assert (await send(browser, ticket, words="短")).status == 422
    assert (await send(browser, ticket)).status == 429


async def test_a_request_is_withdrawn_after_one_confirmation(browser: Browser, database: Database) -> None:
    ticket = await ticket_of(browser, OTHER)
    unsure = await browser.post("/answers/withdraw", data={"ticket": ticket})
    assert (unsure.status, state(database, OTHER)) == (422, RequestState.RECEIVED)
    done = await browser.post("/answers/withdraw", data={"ticket": ticket, "sure": "1"})
    told = await done.text()
    assert (done.status, "已经撤回" in told, "撤回这件申请" in told) == (200, True, False)
    again = await browser.post("/answers/withdraw", data={"ticket": ticket, "sure": "1"})
    assert (again.status, "已经撤回，不能再撤回" in await again.text()) == (409, True)
    assert state(database, OTHER) == RequestState.WITHDRAWN


async def test_an_answered_request_can_no_longer_be_withdrawn(browser: Browser, database: Database) -> None:
    ticket = await ticket_of(browser, OTHER)
    with database.transaction() as session:
        record_event(session, OTHER, Step(Kind.ANSWERED, today(), outcome=Decision.GRANTED))
    late = await browser.post("/answers/withdraw", data={"ticket": ticket, "sure": "1"})
    assert (late.status, "已经答复，不能再撤回" in await late.text()) == (409, True)


async def test_clerks_of_the_department_open_the_files_and_cannot_delete_them(
    browser: Browser, database: Database
) -> None:
    await send(browser, await ticket_of(browser), files=(("旧批复.pdf", PDF),))
    with database.transaction() as session:
        add_people(session, (Role.CLERK, Role.DEPARTMENT), department="JY")
        (file,) = supplement_files(session, RECEIPT)
    path = f"/console/disclosures/{RECEIPT}"
    token = let_in(browser, database, Role.CLERK.value)
    page = await (await browser.get(path)).text()
    assert "申请人补正时交的文件" in page
    opened = await browser.get(f"{path}/files/{file.id}")
    assert (await opened.read(), opened.headers["Content-Disposition"][:10]) == (PDF, "attachment")
    kept = await browser.post(f"{path}/files/{file.id}/remove", data={"form_token": token})
    assert (kept.status, "不能删" in await kept.text()) == (422, True)
    let_in(browser, database, Role.DEPARTMENT.value)
    assert (await browser.get(f"{path}/files/{file.id}")).status == 404, "of another department"


@pytest.mark.parametrize("width", [1280, 375, 320])
async def test_the_page_works_in_a_browser_and_fits_the_screen(
    browser: Browser, database: Database, tmp_path: Path, width: int
) -> None:
    async with chromium(browser, {"width": width, "height": 800}) as open_page:
        page = await open_page()
        await page.goto("/answers")
        await page.get_by_label("回执号").fill(RECEIPT)
        await page.get_by_label("查询码").fill(CODE)
        await page.get_by_role("button", name="查看").click()
        await page.get_by_label("补正的内容").fill(WORDS)
        await page.get_by_text("撤回这件申请").click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.screenshot(path=str(tmp_path / f"supplement-{width}.png"), full_page=True)
        await page.get_by_label(re.compile("^文件")).set_input_files(
            {"name": "批复.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        await page.get_by_role("button", name="提交补正").click()
        await expect(page.get_by_role("status")).to_contain_text("补正收到了")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.screenshot(path=str(tmp_path / f"handed-in-{width}.png"), full_page=True)
