"""Answers on a telephone without internet: over the simulator's carrier, with the real engine and actions."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import requests
from aiohttp import web
from sqlalchemy import select

from bot.db import Database, utcnow
from bot.helpline.models import Outgoing
from bot.reviews import handling
from bot.reviews.service import get_case
from bot.settings import Settings
from bot.sms_simulator.carrier import Assistant, Shown, SimulatedCarrier
from bot.sms_simulator.luck import Faults, Luck
from bot.sms_simulator.server import make_server
from bot.staff import accounts
from bot.staff.roles import Role
from tests.e2e.channels import SMS_SECRET
from tests.e2e.conftest import City
from tests.patience import WITHIN_SECONDS

SMS_UNITS = 3 * 67


class Phone:
    """A telephone: `await phone.ask("…")` is what comes back."""

    def __init__(self) -> None:
        self.number = f"139{uuid.uuid4().int % 10**8:08}"
        self.shown: asyncio.Queue[str] = asyncio.Queue()
        self.carrier: SimulatedCarrier | None = None
        self.all: list[str] = []

    def show(self, shown: Shown) -> None:
        if shown.number == self.number:
            self.all.append(shown.text)
            self.shown.put_nowait(shown.text)

    async def read(self) -> str:
        return await asyncio.wait_for(self.shown.get(), WITHIN_SECONDS)

    async def ask(self, text: str) -> str:
        assert self.carrier is not None
        self.carrier.text(self.number, text)
        return await self.read()


@asynccontextmanager
async def telephone(city: City) -> AsyncIterator[Phone]:
    phone = Phone()
    async with aiohttp.ClientSession() as session:
        carrier = SimulatedCarrier(session, Assistant(city.portal, SMS_SECRET), Luck(Faults()), phone.show)
        phone.carrier = carrier
        runner = web.AppRunner(make_server(carrier), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", city.carrier_port).start()
        try:
            yield phone
        finally:
            await carrier.stop()
            await runner.cleanup()


@pytest.fixture
async def phone(city: City) -> AsyncIterator[Phone]:
    async with telephone(city) as opened:
        yield opened
    assert all(len(text.encode("utf-16-le")) // 2 <= SMS_UNITS for text in opened.all)
    assert all("http" not in text for text in opened.all)


def database_of(city: City) -> Database:
    return Database(Settings.from_environment({"VAR_DIR": str(city.var_dir)}).database_url)


async def test_materials_come_as_numbered_lines_and_a_number_leads_on(phone: Phone) -> None:
    answer = await phone.ask("补办身份证要带什么")
    assert "(1) " in answer
    assert "来源：" in answer + await until_the_end(phone, answer)
    greeting = next(text for text in phone.all if "云河市政务助手" in text)
    assert "TD" in greeting
    menu = "\n".join(phone.all)
    place = re.search(r"(\d) 去哪办", menu)
    assert place
    assert "地址" in await phone.ask(place[1]) or "窗口" in phone.all[-1]


async def until_the_end(phone: Phone, text: str) -> str:
    """What “更多” brings, page by page; the greeting comes with the first answer."""
    rest = ""
    await phone.read()
    while "回复 更多" in text:
        text = await phone.ask("更多")
        rest += text
    return rest


async def test_receipt_and_query_code_come_in_two_texts(phone: Phone) -> None:
    await phone.ask("查一下 XXGK-2026-000123")
    await phone.read()
    answer = await phone.ask("K7M2-9QXD")
    assert "XXGK-2026-000123" in answer
    assert all("K7M2" not in text for text in phone.all)


async def test_a_request_filed_by_text_is_answered_with_the_receipt_and_never_the_code(
    city: City, phone: Phone
) -> None:
    await phone.ask("我要申请信息公开")
    await phone.read()
    for said in ("北岸区2025年老旧小区加装电梯的补贴发放名单", "住建局", "个人", "钱多多", "11010519491231002X"):
        await phone.ask(said)
    assert "(" not in await phone.ask("13900138000")
    await phone.ask("电子")
    summary = await phone.ask("网上查看")
    while "回复 更多" in summary.splitlines()[-1]:
        summary = await phone.ask("更多")
    filed = await phone.ask("确认提交")
    assert re.search(r"XXGK-\d{4}-\d{6}", filed)
    said = "\n".join(phone.all)
    assert "钱多多" not in said
    assert "11010519491231002X" not in said
    assert "13900138000" not in said
    assert not re.search(r"查询码[：:]\s*[A-Z0-9]{4}", said)
    with database_of(city).transaction() as session:
        kept = "\n".join(session.scalars(select(Outgoing.text)))
    assert "11010519491231002X" not in kept


async def test_zero_is_a_person_whose_answer_comes_to_the_telephone_and_is_rated(city: City, phone: Phone) -> None:
    handed = await phone.ask("0")
    await phone.read()
    assert "直接发给您" in handed
    number = re.search(r"AJ-\d{6}", handed)
    assert number
    database = database_of(city)
    with database.transaction() as session:
        login = f"clerk-{uuid.uuid4().hex[:8]}"
        clerk = accounts.add_person(
            session, login=login, name="张三", role=Role.CLERK, password="green tea at 7", who="test", now=utcnow()
        )
        case = get_case(session, number[0])
        handling.claim(session, case, clerk, utcnow())
        handling.reply(session, case, clerk, utcnow(), "带户口簿来就行。", is_final=True)
    answer = await phone.read()
    assert "工作人员：带户口簿来就行。" in answer
    assert "谢谢" in await phone.ask("5")


async def test_who_unsubscribes_reads_that_and_is_answered_when_they_write_again(phone: Phone) -> None:
    assert "已退订" in await phone.ask("TD")
    assert "云河市政务助手" in await phone.ask("帮助")


def test_what_is_not_signed_is_not_taken(city: City) -> None:
    body: dict[str, Any] = {"id": "1", "from": "13900138000", "to": "12345", "text": "你好", "received_at": "x"}
    response = requests.post(f"{city.portal}/helpline/sms/inbound", json=body, timeout=WITHIN_SECONDS)
    assert response.status_code == 401
