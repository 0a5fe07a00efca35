"""The link to a conversation, by SMS or mail: it opens it for reading, for some days, and nobody can misuse it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from bot.conversations import talk_links
from bot.conversations.channels import MAIL, SMS
from bot.conversations.models import TalkLink
from bot.db import Database, utcnow
from bot.helpline import desk, subscribers
from bot.helpline.forgetting import ASKED_ONCE_KEPT, forget_asked_once
from bot.helpline.link_to_talk import MOST_IN_ALL, MOST_OF_A_TALK, MOST_TO_ONE
from bot.helpline.models import Outgoing, Subscriber
from bot.helpline.outbox import OutgoingState
from bot.privacy import deletion
from bot.reviews import handling, service
from bot.reviews.reasons import Reason
from bot.sealing import Sealer
from bot.staff import accounts
from bot.staff.roles import Role
from bot.web import talk_link
from bot.web.keys import DATABASE, SETTINGS
from tests.web.console import Browser, add_people
from tests.web.pages import WIDE, chromium, violations
from tests.web.portal import Engine, running_portal
from tests.web.test_portal_page import NARROW
from tests.web.test_talk import carried, hidden

NUMBER, ADDRESS = "13800138000", "wang.fang@example.com"
SITE = "https://assistant.city.gov.cn"
# Nothing listens there, so that what is to be sent waits in the outbox.
CHANNELS = {
    "SMS_GATEWAY_URL": "http://127.0.0.1:9/texts",
    "SMS_SECRET": "a secret of 16 or more",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": "9",
    "SMTP_TLS": "off",
    "SMTP_FROM": "noreply@city.gov.cn",
}
LINK = re.compile(rf"{SITE}(/t/[A-Za-z]{{24}}) ")


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Browser]:
    async with running_portal(Engine(), tmp_path, PUBLIC_URL=SITE, **CHANNELS) as browser:
        yield browser


def database_of(portal: Browser) -> Database:
    assert portal.app is not None
    return portal.app[DATABASE]


async def begun(portal: Browser, text: str = "你好") -> str:
    """The id of a conversation in which that was asked."""
    response = await portal.post("/talk", data={"text": text})
    html = await response.text()
    assert "把对话发给我" in html
    return carried(html)["conversation"]


async def send(portal: Browser, conversation: str, contact: str | None, status: int = 200) -> str:
    fields = {"conversation": conversation} | ({"contact": contact} if contact is not None else {})
    response = await portal.post("/talk/link", data=fields)
    html = await response.text()
    assert response.status == status, html
    return html


def outgoing(portal: Browser) -> list[Outgoing]:
    with database_of(portal).transaction() as session:
        return list(session.scalars(select(Outgoing).order_by(Outgoing.id)))


async def read(portal: Browser, path: str) -> tuple[int, str]:
    response = await portal.get(path)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.headers["Cache-Control"] == "no-store"
    return response.status, await response.text()


@pytest.mark.parametrize(("contact", "channel"), [("138 0013 8000", SMS), (ADDRESS, MAIL)])
async def test_a_link_opens_the_conversation_for_reading_with_personal_data_masked(
    portal: Browser, contact: str, channel: str
) -> None:
    conversation = await begun(portal, "我电话13900139000，看看 https://evil.example/a")
    with database_of(portal).transaction() as session:
        add_people(session, [Role.CLERK], department="GA")
        clerk = accounts.get_person(session, Role.CLERK.value)
        case = service.open_case(session, conversation, "portal", Reason.ASKED_FOR_PERSON, [], utcnow())
        handling.claim(session, case, clerk, utcnow())
        handling.note(session, case, clerk, utcnow(), "内部的话")
        handling.reply(session, case, clerk, utcnow(), "请带身份证。", is_final=True)
    form = await send(portal, conversation, None)
    assert "手机号或者邮箱，只用来发这一次" in form
    sent = await send(portal, hidden(form, "conversation"), contact)
    assert contact not in sent
    (text,) = outgoing(portal)
    assert (text.channel, text.is_asked_once, desk.text_for_lists(text)) == (channel, True, "对话的链接")
    found = LINK.search(text.text)
    assert found, text.text
    assert "evil" not in text.text
    status, html = await read(portal, found[1])
    assert (status, "请带身份证。" in html, "我电话[手机号]，看看 [网址]" in html) == (200, True, True)
    for absent in (conversation, "13900139000", "内部的话", "<form"):
        assert absent not in html
    with database_of(portal).transaction() as session:
        (stored,) = session.scalars(select(TalkLink.token_digest))
        assert found[1].removeprefix("/t/") not in stored


async def test_a_link_ends_with_its_days_and_with_the_conversation(portal: Browser) -> None:
    conversation = await begun(portal)
    with database_of(portal).transaction() as session:
        old = talk_links.make_link(session, conversation, utcnow() - talk_links.LASTS)
        now = talk_links.make_link(session, conversation, utcnow())
    assert '<meta name="robots" content="noindex' in (await read(portal, f"/t/{now}"))[1]
    for gone in (old, "x" * 24, "不是链接"):
        status, html = await read(portal, f"/t/{gone}")
        assert (status, "打不开了" in html) == (404, True)
    assert portal.app is not None
    with database_of(portal).transaction() as session:
        deletion.ask(session, conversation, utcnow() - deletion.SETTLES_WITHIN)
    deletion.do_what_waits(database_of(portal), portal.app[SETTINGS], utcnow())
    assert (await read(portal, f"/t/{now}"))[0] == 404


async def test_nobody_is_flooded_with_links(portal: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk_link, "PER_CLIENT", type(talk_link.PER_CLIENT)(1000))
    conversation = await begun(portal)
    for contact in ("12345", "0990-8810110", f"{ADDRESS}\nBcc: other@example.com", ""):
        assert "请写手机号或者邮箱" in await send(portal, conversation, contact, 422)
    for _ in range(MOST_TO_ONE):
        await send(portal, conversation, NUMBER)
    assert "今天发得太多了" in await send(portal, await begun(portal), f"+86{NUMBER}", 422)
    for number in range(MOST_OF_A_TALK - MOST_TO_ONE):
        await send(portal, conversation, f"1380013900{number}")
    assert "这段对话今天发过几次了" in await send(portal, conversation, ADDRESS, 422)
    with database_of(portal).transaction() as session:
        one = session.scalars(select(Outgoing)).first()
        assert one is not None
        for number in range(MOST_IN_ALL - MOST_OF_A_TALK):
            fields: dict[str, Any] = {"channel": SMS, "subscriber_id": one.subscriber_id, "text": "", "state": "sent"}
            session.add(Outgoing(key=str(number), made_at=utcnow(), due_at=utcnow(), is_asked_once=True, **fields))
    assert "今天发得太多了" in await send(portal, await begun(portal), ADDRESS, 422)
    monkeypatch.setattr(talk_link, "PER_CLIENT", type(talk_link.PER_CLIENT)(1))
    await send(portal, await begun(portal), "1", 422)
    assert "一小时里发得太多了" in await send(portal, await begun(portal), ADDRESS, 429)


async def test_only_the_page_of_a_conversation_can_have_it_sent(portal: Browser) -> None:
    conversation = await begun(portal)
    for other in ("", "x" * 24):
        assert "没有可发的" in await send(portal, other, NUMBER, 422)
    fields = {"conversation": conversation, "contact": NUMBER}
    assert (await portal.post("/talk/link", data=fields, headers={"Origin": "https://evil.example"})).status == 404
    assert outgoing(portal) == []


async def test_who_has_unsubscribed_gets_nothing_and_whoever_asks_learns_nothing(portal: Browser) -> None:
    conversation, (first, other) = await begun(portal), (NUMBER, "13900139000")
    sealer = Sealer.of(portal.app[SETTINGS]) if portal.app is not None else None
    assert sealer is not None
    with database_of(portal).transaction() as session:
        subscribers.unsubscribe(session, subscribers.subscriber_of(session, sealer, SMS, first), utcnow())
    said = [await send(portal, conversation, contact) for contact in (first, other)]
    assert said[0].replace("138****8000", "") == said[1].replace("139****9000", "")
    assert len(outgoing(portal)) == 1


async def test_a_contact_that_was_left_for_a_link_alone_is_gone_after_a_day(portal: Browser) -> None:
    conversation = await begun(portal)
    assert portal.app is not None
    with database_of(portal).transaction() as session:
        known = subscribers.subscriber_of(session, Sealer.of(portal.app[SETTINGS]), SMS, NUMBER)
        subscribers.consent(session, known, subscribers.Deed.LEFT_CONTACT, utcnow())
    for contact in (NUMBER, ADDRESS):
        await send(portal, conversation, contact)
    day_later = utcnow() + ASKED_ONCE_KEPT
    with database_of(portal).transaction() as session:
        forget_asked_once(session, day_later)
        texts = session.scalars(select(Outgoing)).all()
        assert len(texts) == 2  # they wait to be sent
        for text in texts:
            text.state = OutgoingState.SENT
        session.flush()
        forget_asked_once(session, day_later - timedelta(hours=1))
        assert len(session.scalars(select(Outgoing)).all()) == 2
        forget_asked_once(session, day_later)
        assert session.scalars(select(Outgoing)).all() == []
        assert session.scalars(select(Subscriber.id)).all() == [known.id]


async def test_the_button_of_the_chat_opens_the_form_beside_it_and_axe_finds_nothing(
    portal: Browser,
) -> None:
    async with chromium(portal) as open_page:
        page = await open_page()
        await page.goto("/")
        # Before the scripts are ready, the form is sent as it is without scripts, and leads to `/talk`.
        await page.wait_for_selector("html[data-ready]")
        await page.locator("#text").fill("你好")
        await page.get_by_role("button", name="发送").click()
        await expect(page.get_by_text("答：你好")).to_be_visible()
        async with page.context.expect_page() as opened:
            await page.get_by_role("button", name="把对话发给我").click()
        form = await opened.value
        found = await seen_at_both_widths(form)
        await form.get_by_label("发到哪里").fill(ADDRESS)
        await form.get_by_role("button", name="发给我").click()
        await expect(form.get_by_role("status")).to_contain_text("链接会发到 wan****.com")
        found += await seen_at_both_widths(form)
        link = LINK.search(outgoing(portal)[0].text)
        assert link is not None
        await form.goto(link[1])
        await expect(form.get_by_text("答：你好")).to_be_visible()
        found += await seen_at_both_widths(form)
        await expect(page.get_by_text("答：你好")).to_be_visible()
    assert not found, "\n".join(found)


async def seen_at_both_widths(page: Page) -> list[str]:
    found = []
    for viewport in (WIDE, NARROW):
        await page.set_viewport_size(viewport)
        found += await violations(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return found


@pytest.mark.parametrize("environ", [CHANNELS, {"PUBLIC_URL": SITE}])
async def test_without_an_address_or_a_way_to_send_it_is_not_offered(tmp_path: Path, environ: dict[str, str]) -> None:
    async with running_portal(Engine(), tmp_path, **environ) as portal:
        html = await (await portal.post("/talk", data={"text": "你好"})).text()
        assert "把对话发给我" not in html
        assert "把对话发给我" not in await (await portal.get("/")).text()
        assert (await portal.post("/talk/link", data=carried(html))).status == 404
