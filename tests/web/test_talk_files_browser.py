"""A citizen and a clerk at their pages: the line, who types, files both ways, the talk to take home."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page, expect
from sqlalchemy import select

from bot.catalogue.models import Department
from bot.conversations.models import Conversation
from bot.db import utcnow
from bot.reviews import service
from bot.reviews.reasons import Reason
from bot.staff.roles import Role
from bot.web.keys import DATABASE, LIVE
from tests.clock import NOW
from tests.notices.test_answer_files import PDF
from tests.web.console import add_people
from tests.web.engine import Engine
from tests.web.pages import chromium, sign_in, violations
from tests.web.portal import running_portal


async def ask_for_person(page: Page) -> None:
    await page.goto("/")
    await expect(page.locator("html[data-ready=true]")).to_have_count(1)
    await page.get_by_label("想问什么").fill("居住证丢了怎么办")
    await page.get_by_role("button", name="发送").click()
    await expect(page.get_by_text("答：居住证丢了怎么办")).to_be_visible()


async def test_both_sides_see_each_other_type_and_pass_files(tmp_path: Path) -> None:
    file = tmp_path / "户口本.pdf"
    file.write_bytes(PDF)
    async with running_portal(Engine(), tmp_path) as portal, chromium(portal) as open_page:
        assert portal.app is not None
        citizen, desk = await open_page(), await open_page()
        await ask_for_person(citizen)
        with portal.app[DATABASE].transaction() as session:
            session.add(Department(code="GA", name="公安局", short_names=[], phone="0990-1"))
            session.flush()
            add_people(session, [Role.CLERK], department="GA")
            conversation = session.scalars(select(Conversation.id)).one()
            case = service.open_case(session, conversation, "portal", Reason.ASKED_FOR_PERSON, [], utcnow(), "居住证")
            number = case.number
        await portal.app[LIVE].changed(conversation)
        await expect(citizen.get_by_text("下一位就是您")).to_be_visible()

        await sign_in(desk, Role.CLERK)
        await desk.goto(f"/console/cases/{number}")
        await desk.get_by_role("button", name="认领并接管").click()
        await expect(citizen.get_by_text("工作人员在和您对话")).to_be_visible()

        async with citizen.expect_file_chooser() as choosing:
            await citizen.get_by_role("button", name="发文件").click()
        await (await choosing.value).set_files(file)
        await expect(desk.get_by_role("link", name="下载（1 KB）")).to_be_visible()

        await desk.get_by_text("给对方发文件").click()
        await desk.get_by_label("文件：PDF").set_input_files(file)
        await desk.get_by_role("button", name="发文件").click()
        async with citizen.expect_download() as downloading:
            await citizen.get_by_role("button", name="户口本.pdf 下载").last.click()
        assert Path(await (await downloading.value).path()).read_bytes() == PDF

        # The pages say only for seconds that somebody types. Their clocks are stopped, so that a slow machine sees it.
        for page in (citizen, desk):
            await page.clock.pause_at(NOW + timedelta(hours=1))
        await desk.get_by_label("回复", exact=True).fill("请把")
        await expect(citizen.get_by_text("工作人员正在输入")).to_be_visible()
        await citizen.get_by_label("想问什么").fill("好的")
        await expect(desk.get_by_text("对方正在输入")).to_be_visible()
        for page in (citizen, desk):
            await page.clock.resume()
        async with citizen.expect_download() as downloading:
            await citizen.get_by_role("button", name="下载对话").click()
        assert "文件：户口本.pdf" in Path(await (await downloading.value).path()).read_text("utf-8-sig")
        assert [*await violations(citizen), *await violations(desk)] == []
