"""`/interviews` and its pages in the console: asking, moderating, answering live, the record."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from bot.db import Database
from bot.interviews.models import Question
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from bot.web import event_streams
from tests.databases import set_up
from tests.interviews import talks
from tests.interviews.talks import ANSWER, ASKED, GUEST
from tests.test_picture_metadata import photo
from tests.web.console import Browser, fill, let_in, open_browser, settings_in

TALK = "/interviews/1"
DESK = "/console/interviews/1"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(settings_in(tmp_path).database_url)
    set_up(opened, fill)
    return opened


@pytest.fixture
async def browser(database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_browser(settings_in(tmp_path, IDENTITY_KEY=os.environ["IDENTITY_KEY"])) as opened:
        yield opened
    database.close()


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    assert response.status == status, await response.text()
    return await response.text()


async def post(browser: Browser, path: str, status: int = 200, **form: str) -> str:
    response = await browser.post(path, data=form, allow_redirects=status != 303)
    assert response.status == status, await response.text()
    return await response.text()


async def asked(browser: Browser, **form: str) -> tuple[str, str]:
    """Number and query code, as the page after asking shows them."""
    page = await post(browser, f"{TALK}/ask", words=form.pop("words", ASKED), **form)
    number, code = re.findall(r"<dd>(FT-\d{6}|[A-Z2-9]{4}-[A-Z2-9]{4})</dd>", page)
    return number, code


def announced(database: Database, **changes: str) -> None:
    with database.transaction() as session:
        talks.announce(session, **changes)


async def test_a_talk_is_announced_asked_moderated_answered_and_recorded(browser: Browser, database: Database) -> None:
    token = {"form_token": let_in(browser, database, "clerk")}
    page = await post(browser, "/console/interviews/new", 422, **token, **talks.fields(guests="李明"))
    assert "姓名和职务" in page
    assert "医保新政策怎么用" in page
    await post(browser, "/console/interviews/new", 303, **token, **talks.fields())
    assert "预告" in await get(browser, "/interviews")

    number, code = await asked(browser, words=f"{ASKED}我叫王小明，手机13812345678", contact="13900138000")
    other, other_code = await asked(browser, words="加我微信，报销找我")
    assert ASKED not in await get(browser, TALK)
    desk = await get(browser, DESK)
    assert "13812345678" not in desk
    assert "13900138000" not in desk
    assert "问题里有需要核实的用语" in desk
    opened = await post(browser, f"{DESK}/asked/1", **token, why="核实医院")
    assert "13900138000" in opened
    assert "13812345678" in opened

    await post(browser, f"{DESK}/questions/1/take-up", 303, **token, question=ASKED)
    await post(browser, f"{DESK}/questions/2/leave-out", 422, **token, why=" ")
    await post(browser, f"{DESK}/questions/2/leave-out", 303, **token, why="是广告")
    assert "是广告" in await post(browser, "/interviews/mine", number=other, query_code=other_code)
    assert "等嘉宾答复" in await get(browser, TALK)
    await post(browser, f"{DESK}/begin", 303, **token)
    await post(browser, f"{DESK}/questions/1/answer", 303, **token, by=GUEST, answer=ANSWER, keep="1")
    assert ANSWER not in await get(browser, TALK)
    assert ANSWER not in await get(browser, f"{TALK}?part=record")
    await post(browser, f"{DESK}/questions/1/answer", 303, **token, by=GUEST, answer=ANSWER)
    await post(browser, f"{DESK}/questions/1/correct", 303, **token, by=GUEST, answer=ANSWER, note="补充了期限")
    await post(browser, f"{DESK}/end", 303, **token)
    page = await get(browser, TALK)
    for part in ("文字实录", ASKED, ANSWER, GUEST, "更正：补充了期限", "已结束"):
        assert part in page
    assert "我要提问" not in page
    assert number not in page
    assert ANSWER in await post(browser, "/interviews/mine", number=number, query_code=code)
    assert "/interviews/1#q1" in await get(browser, "/interviews?q=异地就医备案")
    assert "没有符合的访谈" in await get(browser, "/interviews?state=live&q=%00")
    assert "/interviews/1<" in await get(browser, "/sitemap.xml")
    with database.transaction() as session:
        acts = set(session.scalars(select(AuditEntry.action)))
    assert acts >= {"announce_interview", "take_up_question", "leave_out_question", "answer_question", "open_question"}


async def test_what_is_wrong_with_a_question_is_said_and_what_was_typed_stays(
    browser: Browser, database: Database
) -> None:
    announced(database)
    page = await post(browser, f"{TALK}/ask", 422, words=ASKED, contact="打我电话")
    assert "请写手机号或者邮箱" in page
    assert ASKED in page
    assert "请写问题" in await post(browser, f"{TALK}/ask", 422, words="？？？？？？")
    for path in (f"{TALK}/ask", "/interviews/mine", "/interviews/mine/delete", f"{TALK}/questions/1/concern"):
        response = await browser.post(path, data={"words": ASKED}, headers={"Origin": "https://evil.example"})
        assert response.status == 403
    await post(browser, "/interviews/9/ask", 404, words=ASKED)
    with database.transaction() as session:
        assert session.scalars(select(Question)).all() == []


async def test_who_asked_deletes_the_question_and_it_is_gone_at_once(browser: Browser, database: Database) -> None:
    announced(database)
    number, code = await asked(browser)
    token = {"form_token": let_in(browser, database, "clerk")}
    await post(browser, f"{DESK}/questions/1/take-up", 303, **token, question=ASKED)
    page = await post(browser, f"{TALK}/questions/1/concern")
    assert "记下了，谢谢" in page
    assert "我也关心 1" in page
    assert "一个问题只算一次" in await post(browser, f"{TALK}/questions/1/concern")
    page = await post(browser, "/interviews/mine", number=number, query_code=code)
    ticket = re.findall(r'name="ticket" value="([^"]+)"', page)[0]
    assert "请先勾选" in await post(browser, "/interviews/mine/delete", 422, ticket=ticket)
    assert "已经删除" in await post(browser, "/interviews/mine/delete", ticket=ticket, sure="1")
    assert ASKED not in await get(browser, TALK)
    await post(browser, "/interviews/mine", 403, number=number, query_code=code)
    await post(browser, "/interviews/mine/delete", 403, ticket="forged", sure="1")
    await post(browser, f"{TALK}/questions/1/concern", 404)


async def test_pictures_are_checked_and_lose_what_the_camera_wrote(browser: Browser, database: Database) -> None:
    announced(database)
    token = let_in(browser, database, "clerk")

    async def send(content: bytes, name: str) -> tuple[int, str]:
        form = aiohttp.FormData({"form_token": token, "caption": "访谈现场"})
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        response = await browser.post(f"{DESK}/pictures", data=form, allow_redirects=False)
        return response.status, await response.text()

    whole = photo()
    assert (await send(whole, "a.jpg"))[0] == 303
    assert "对不上" in (await send(whole, "a.png"))[1]
    assert "不是图片" in (await send(b"%PDF-1.4\n%%EOF", "a.pdf"))[1]
    assert 'alt="访谈现场"' in await get(browser, TALK)
    response = await browser.get(f"{TALK}/pictures/1")
    content = await response.read()
    assert response.content_type == "image/jpeg"
    assert b"SECRET" in whole
    assert b"SECRET" not in content
    await get(browser, "/interviews/2/pictures/1", 404)
    await post(browser, f"{DESK}/remove-picture", 303, form_token=token, picture="1")
    await get(browser, f"{TALK}/pictures/1", 404)


async def test_a_department_holds_its_own_talks_and_no_others(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        other = talks.announce(session)
        other.department_code = None
    token = {"form_token": let_in(browser, database, Role.DEPARTMENT)}
    await get(browser, DESK, 404)
    await post(browser, f"{DESK}/begin", 404, **token)
    await post(browser, "/console/interviews/new", 303, **token, **talks.fields(department="XX"))
    await get(browser, "/console/interviews/2")
    await post(browser, "/console/interviews/2/asked/1", 403, **token, why="看看")


async def test_pages_are_told_of_changes_until_the_talk_is_over(
    browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced(database)
    accept = {"Accept": "text/event-stream"}
    token = {"form_token": let_in(browser, database, "clerk")}
    async with browser.get(f"{TALK}/live", headers=accept) as stream:
        assert await stream.content.readuntil(b"\n\n") == b": hello\n\n"
        async with browser.get("/console/live?interview=1", headers=accept) as desk:
            await desk.content.readuntil(b"\n\n")
            await asked(browser)
            assert b'"question"' in await desk.content.readuntil(b"\n\n")
        await post(browser, f"{DESK}/questions/1/take-up", 303, **token, question=ASKED)
        assert b'"interview"' in await stream.content.readuntil(b"\n\n")
    with database.transaction() as session:
        question = session.get_one(Question, 1)
        talks.begin(session, question.interview)
    monkeypatch.setattr(event_streams, "HEARTBEAT_SECONDS", 0.01)
    async with browser.get(f"{TALK}/live", headers=accept) as stream:
        await stream.content.readuntil(b"still here\n\n")
        await post(browser, f"{DESK}/end", 303, **token)
        await stream.content.read()  # ends
    assert (await browser.get(f"{TALK}/live", headers=accept)).status == 204


async def test_markup_is_shown_as_text(browser: Browser, database: Database) -> None:
    bad = "<script>alert(1)</script>\"'><img src=x>"
    with database.transaction() as session:
        talk = talks.announce(session, title=bad, topic=bad, guests=f"{bad} 局长")
        talks.begin(session, talk)
        question = talks.ask(session, talk, f"{bad} 怎么报销").question
    token = {"form_token": let_in(browser, database, "clerk")}
    await post(browser, f"{DESK}/questions/{question.id}/take-up", 303, **token, question=bad)
    for path in ("/interviews", TALK, f"{TALK}?part=record", DESK, "/console/interviews", "/interviews?q=script"):
        page = await get(browser, path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
