"""Proofs and names of citizens are in no file in clear text, whichever channel they came through."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from tests.e2e import channels
from tests.e2e.channels import Say
from tests.e2e.conftest import City
from tests.e2e.leaks import leaks_in_folder
from tests.e2e.personal_wordings import WORDINGS

IDENTITY_NUMBER, NAME = "330106198803127715", "阚鹤翎"
# An address of RFC 5737, which belongs to nobody.
ADDRESS = "203.0.113.77"
FILING = ("住建局", "个人", NAME, IDENTITY_NUMBER)
WAYS = ("portal", "api", "engine", "sms", "wechat")


def phone_of(way: str) -> str:
    return f"1355708{4100 + WAYS.index(way)}"


@asynccontextmanager
async def all_ways(city: City) -> AsyncIterator[dict[str, Say]]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        openid = f"o{uuid.uuid4().hex[:27]}"
        yield {
            "portal": channels.portal(session, city.portal, ADDRESS),
            "api": channels.api(session, city.portal, ADDRESS),
            "engine": channels.engine(session, city.engine, ADDRESS),
            "sms": await stack.enter_async_context(
                channels.telephone(session, city.portal, city.carrier_port, phone_of("sms"))
            ),
            "wechat": await stack.enter_async_context(channels.wechat(session, city.portal, city.wechat_port, openid)),
        }


async def say_all(say: Say, *texts: str) -> str:
    """The answer to the last message, page by page."""
    whole = ""
    for text in texts:
        whole = answer = await say(text)
        while "回复 更多" in answer:
            answer = await say("更多")
            whole += answer
    return whole


async def file_a_request(say: Say, way: str) -> tuple[str, str]:
    """Returns receipt and query code; SMS gives no code."""
    description = f"北岸区{uuid.uuid4().hex[:6]}路段的路灯检修记录"
    await say_all(say, "我要申请信息公开", description, *FILING, phone_of(way), "电子", "网上查看")
    filed = await say_all(say, "确认提交")
    receipt, code = re.search(r"XXGK-\d{4}-\d{6}", filed), re.search(r"查询码：([0-9A-Z]{4}-[0-9A-Z]{4})", filed)
    assert receipt, filed
    return receipt[0], code[1] if code else ""


async def leave_a_contact(say: Say, way: str) -> None:
    await say_all(say, "转人工", "留个联系方式", phone_of(way))


@pytest.mark.parametrize("is_code_first", [False, True])
async def test_a_query_code_serves_the_next_message_too(city: City, is_code_first: bool) -> None:
    async with aiohttp.ClientSession() as session:
        receipt, code = await file_a_request(channels.api(session, city.portal, ADDRESS), "api")
        say = channels.api(session, city.portal, ADDRESS)
        first, second = (code, receipt) if is_code_first else (receipt, code)
        assert "disclosure_identity" in await say(first)
        assert "disclosure_status" in await say(second)


async def test_no_file_shows_a_query_code_a_person_or_a_clients_address(city: City) -> None:
    began = time.time()
    secrets = {IDENTITY_NUMBER, NAME, ADDRESS, *map(phone_of, WAYS)}
    secrets |= {needle for _, needles in WORDINGS for needle in needles}

    async with all_ways(city) as ways:
        receipt, code = await file_a_request(ways["portal"], "portal")

        async def use(way: str, say: Say) -> set[str]:
            shown = "" if way == "portal" else (await file_a_request(say, way))[1]
            await say(receipt)
            status = await say_all(say, code.lower())
            assert receipt in status, (way, status)
            await leave_a_contact(say, way)
            for wording, _ in WORDINGS[WAYS.index(way) :: len(WAYS)]:
                await say_all(say, wording)
            return {shown} - {""}

        shown = await asyncio.gather(*(use(way, say) for way, say in ways.items()))
    for one in {code, *(code for codes in shown for code in codes)}:
        secrets |= {one, one.lower(), one.replace("-", ""), one.replace("-", "").lower()}

    assert leaks_in_folder(city.var_dir, secrets, began) == {}
