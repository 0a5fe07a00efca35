"""The page of the channels of texts: alarms, what reached nobody, numbers that are not read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.conversations.channels import SMS
from bot.db import Database, utcnow
from bot.helpline import inbox, outbox
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.helpline.subscribers import subscriber_of
from bot.helpline.texts import Arrived
from bot.sealing import Sealer
from bot.staff.models import AuditEntry
from bot.web.keys import DATABASE
from tests.web.console import Browser, fill, form_token, let_in, open_browser, settings_in

NUMBER = "13800138000"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """One text reached nobody, one could not be answered, one went out, of two that may."""
    settings = settings_in(tmp_path, TEXTS_DAILY_CEILING="2")
    database = Database(settings.database_url)
    fill(database)
    now, sealer = utcnow(), Sealer.of(settings)
    with database.transaction() as session:
        citizen = subscriber_of(session, sealer, SMS, NUMBER)
        dead = outbox.put(session, citizen, "请带<户口簿>，他的手机13900139000", now)
        outbox.give_up(dead, "status 400", now)
        outbox.mark_sent(session, outbox.put(session, citizen, "已答", now), "c-1", now)
        kept = inbox.keep(session, sealer, SMS, Arrived("g-1", NUMBER, "没答上的话", now), 60, now)
        for _ in range(inbox.MOST_ATTEMPTS):
            inbox.put_off(session.get_one(Inbound, kept.inbound_id), now)
    async with open_browser(settings) as opened:
        let_in(opened, database, "supervisor")
        yield opened
    database.close()


async def shown(browser: Browser, path: str = "/console/helpline") -> str:
    response = await browser.get(path)
    assert response.status == 200
    return await response.text()


async def submit(browser: Browser, act: str, **fields: str) -> tuple[int, str]:
    token = form_token(await shown(browser))
    response = await browser.post(f"/console/helpline/{act}", data={**fields, "form_token": token})
    return response.status, await response.text()


async def test_it_shows_what_reached_nobody_and_no_number(browser: Browser) -> None:
    html = await shown(browser)
    assert "有 1 条消息没有送到" in html
    assert "有 1 条来信没能答复" in html
    assert "请带&lt;户口簿&gt;，他的手机[手机号]" in html
    assert "138****8000" in html
    assert NUMBER not in html
    assert "没答上的话" not in html
    assert "1 条，上限 2 条" in html


async def test_alarms_stand_on_the_supervisors_first_page_and_on_nobody_elses(browser: Browser) -> None:
    assert "有 1 条消息没有送到" in await shown(browser, "/console")
    assert browser.app is not None
    let_in(browser, browser.app[DATABASE], "clerk")
    assert "没有送到" not in await shown(browser, "/console")


async def test_a_text_is_sent_again_or_dropped(browser: Browser) -> None:
    assert browser.app is not None
    with browser.app[DATABASE].transaction() as session:
        dead = session.scalars(select(Outgoing.id).where(Outgoing.state == "dead")).one()
    status, html = await submit(browser, "again", id=str(dead))
    assert (status, "已重新排队" in html) == (200, True)
    status, html = await submit(browser, "drop", id=str(dead))
    assert (status, "已经不在单子里" in html) == (422, True)
    for id in ("", "x", "99999999999"):
        assert (await submit(browser, "again", id=id))[0] == 422
    with browser.app[DATABASE].transaction() as session:
        assert session.get_one(Outgoing, dead).state == "waiting"


async def test_todays_ceiling_is_raised(browser: Browser) -> None:
    status, html = await submit(browser, "ceiling", texts="21", why_ceiling="停水通知")
    assert (status, "2 到 20 之间" in html, 'value="21"' in html) == (422, True, True)
    status, html = await submit(browser, "ceiling", texts="20", why_ceiling="停水通知")
    assert (status, "上限 20 条（今天调过，平时 2 条）" in html) == (200, True)


async def test_a_text_is_answered_again(browser: Browser) -> None:
    assert browser.app is not None
    with browser.app[DATABASE].transaction() as session:
        (failed,) = session.scalars(select(Inbound.id))
    status, html = await submit(browser, "answer-again", id=str(failed))
    assert (status, "马上再答一次" in html) == (200, True)
    assert "没能答复的来信" not in html


async def test_a_number_is_blocked_and_let_in_again(browser: Browser) -> None:
    assert browser.app is not None
    status, html = await submit(browser, "block", named=NUMBER, why="")
    assert (status, "请写明屏蔽的理由" in html) == (422, True)
    status, html = await submit(browser, "block", named="138 0013 8000", why="骚扰")
    assert (status, "138****8000 已屏蔽" in html, "屏蔽了 1 个号码" in html) == (200, True, True)
    with browser.app[DATABASE].transaction() as session:
        blocked = session.scalars(select(Subscriber.id).where(Subscriber.blocked_at.is_not(None))).one()
    status, html = await submit(browser, "unblock", id=str(blocked))
    assert (status, "138****8000 已解除屏蔽" in html) == (200, True)
    with browser.app[DATABASE].transaction() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("%number%")))
        assert [(one.action, one.subject, one.why) for one in entries] == [
            ("block_number", "138****8000", "骚扰"),
            ("unblock_number", "138****8000", ""),
        ]
