"""No input whatever breaks a way in: API, socket, form, SMS over HTTP and SMPP, WeChat, pages, console.

The texts are those of `bot.evaluation.hostile`; `tests/effort.py` says how many. Each way in answers without a status
of 500 or more and without a fault in the log, and goes on working. The engine is a fake one; `benchmarks/hostile.py`
asks the real one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from aiohttp import web
from sqlalchemy import func, select

from bot.conversations.models import Message
from bot.conversations.service import new_conversation_id
from bot.db import Database, utcnow
from bot.evaluation.hostile import texts, values
from bot.helpline.models import Inbound
from bot.places import ROOT
from bot.sealing import Sealer
from bot.staff.roles import Role
from bot.web.carriers import smpp_pdus, wechat
from bot.web.carriers.signing import signed_headers
from bot.web.carriers.sms import INBOUND_PATH, STATUS_PATH
from bot.web.carriers.wechat_envelope import sign
from bot.web.console.frame import is_console
from bot.web.keys import DATABASE, SETTINGS
from tests.effort import TIMES
from tests.web.console import Browser, add_answered_case, fill, let_in, open_browser, settings_in
from tests.web.engine import Engine

SECRET, TOKEN = "a-secret-of-the-test", "a token of tests"
LONGEST_FRAME = 8000
FAULT = re.compile(r'Traceback|File "|sqlalchemy|psycopg', re.IGNORECASE)
# Names of fields, as the forms of our own pages have them.
FIELDS = sorted(
    {
        name
        for template in (ROOT / "bot" / "web" / "templates").rglob("*.html")
        for name in re.findall(r'\bname="([a-z_]+)"', template.read_text(encoding="utf-8"))
    }
    - {"form_token"}
)
FRAMES = {
    "say": ("id", "text"),
    "press": ("id", "button"),
    "shown": ("id",),
    "rate": ("case", "stars", "why"),
    "call_back": ("line", "answer"),
    "grade": ("id", "stars"),
    "earlier": ("before",),
    "forget": ("sure",),
    "hello": ("conversation", "lang"),
}
CHARSETS = ("utf-8", "utf-8", "gb18030", "utf-16", "utf-7", "unicode_escape", "raw_unicode_escape", "rot13", "nonsense")


@pytest.fixture
async def town(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    """Everything is on, and nobody is too fast: each request comes from another address (`anywhere`)."""
    monkeypatch.setattr(wechat, "ANSWER_WITHIN_SECONDS", 0)
    async with Engine().serving() as port:
        environ = {
            "DATABASE_URL": database_url,
            "ENGINE_PORT": port,
            "ENCODER": "off",
            "PROXY_COUNT": "1",
            "SMS_GATEWAY_URL": "http://127.0.0.1:9/texts",
            "SMS_SECRET": SECRET,
            "WECHAT_APP_ID": "wx5823bf96d3bd56c7",
            "WECHAT_APP_SECRET": "a secret",
            "WECHAT_TOKEN": TOKEN,
            "WECHAT_ACCEPT_PLAIN": "1",
            "WECHAT_API_URL": "http://127.0.0.1:9",
        }
        settings = settings_in(tmp_path, **environ)
        database = Database(database_url)
        fill(database)
        add_answered_case(database)
        database.close()
        async with open_browser(settings) as opened:
            yield opened


@pytest.fixture(autouse=True)
def no_fault(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that happens is logged as an error, or with a stack trace."""
    yield
    logged = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR or record.exc_info]
    assert not logged, caplog.handler.format(logged[0])[-3000:]


_numbers = count(1)


def anywhere() -> dict[str, str]:
    number = next(_numbers)
    return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


async def asked(town: Browser, method: str, path: str, **more: Any) -> tuple[int, str]:
    """Status and body, which are none of a fault."""
    more["headers"] = {**anywhere(), **more.get("headers", {})}
    async with town.request(method, path, allow_redirects=False, **more) as response:
        # Of a stream of events the first lines are enough.
        is_stream = response.content_type == "text/event-stream"
        text = "" if is_stream else (await response.read()).decode("utf-8", "replace")
    assert response.status < 500, (method, path, more, text[:500])
    assert not FAULT.search(text), text
    return response.status, text


def stored(town: Browser) -> int:
    assert town.app is not None
    return town.app[DATABASE].run(lambda session: session.scalar(select(func.count()).select_from(Message)))


def states(town: Browser) -> Counter[str]:
    """How many texts of citizens are in which state."""
    assert town.app is not None
    return Counter(town.app[DATABASE].run(lambda session: session.scalars(select(Inbound.state)).all()))


def as_body(value: object) -> bytes:
    """JSON with halves of pairs escaped, as browsers and programs write them."""
    return json.dumps(value).encode()


async def test_the_api_keeps_and_answers_each_text_and_refuses_what_is_none(town: Browser) -> None:
    kept = 0
    wrong, chance = values(seed=2), random.Random(3)
    json_type = {"Content-Type": "application/json"}
    for text in islice(texts(seed=1), 60 * TIMES):
        body = {"text": text, "id": next(texts(seed=kept))[:64] or "1"}
        status, said = await asked(town, "POST", "/api/chat", data=as_body(body), headers=json_type)
        assert status == (200 if len(text) <= 2000 else 400), text
        assert json.loads(said)["messages"] if status == 200 else re.search("[一-鿿]", json.loads(said)["error"])
        kept += status == 200
        torn = as_body({name: next(wrong) for name in chance.sample(["text", "button", "conversation", "id"], 2)})
        torn = torn[: chance.choice((len(torn), len(torn), len(torn) // 2))] if chance.random() < 0.8 else b"[" * 9000
        status, _ = await asked(town, "POST", "/api/chat", data=torn, headers=json_type)
        kept += status == 200
    assert stored(town) == kept


async def test_a_page_goes_on_whatever_frames_it_sends(town: Browser) -> None:
    wrong, chance, said = values(seed=4), random.Random(5), texts(seed=6)
    for number in range(3 * TIMES):
        wanted = next(wrong) if number % 3 else new_conversation_id()
        hello = json.dumps({"type": "hello", "conversation": wanted, "lang": next(wrong)})
        if len(hello) > LONGEST_FRAME:
            continue  # the line is closed by its length alone
        async with town.ws_connect("/ws", headers=anywhere()) as socket:
            await socket.send_str(hello)
            assert (await socket.receive_json())["type"] == "hello"
            for _ in range(20):
                kind = chance.choice([*FRAMES, "say"])
                frame = {"type": kind} | {name: next(wrong) for name in FRAMES[kind]}
                if kind == "forget":
                    frame["sure"] = False
                text = json.dumps(frame) if chance.random() < 0.9 else next(said).encode("utf-8", "replace").decode()
                await socket.send_str(text[:LONGEST_FRAME])
            await socket.send_json({"type": "say", "id": "the last", "text": "你好"})
            while (frame := await socket.receive_json()).get("id") != "the last" or frame["type"] != "answer":
                assert not FAULT.search(str(frame))
            assert frame["messages"]


async def test_a_hello_that_is_none_is_refused_in_words(town: Browser) -> None:
    for wrong in islice(values(seed=7), 20 * TIMES):
        async with town.ws_connect("/ws", headers=anywhere()) as socket:
            await socket.send_str(json.dumps(wrong)[:LONGEST_FRAME])
            assert (await socket.receive_json())["type"] == "error"


async def test_the_form_without_scripts_shows_what_was_typed_and_runs_none_of_it(town: Browser) -> None:
    chance, said = random.Random(8), texts(seed=9)
    for text in islice(texts(seed=10), 30 * TIMES):
        status, page = await asked(town, "POST", "/talk", data={"text": text.encode("utf-8", "replace").decode()})
        assert status in (200, 422)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        names = ("conversation", "number", "text", "button", "stars", "case", "why", "call_back", "file")
        fields = {name: next(said)[:3000] for name in chance.sample(names, 3)}
        body = urlencode(fields, errors="surrogatepass").encode()
        if chance.random() < 0.3:
            body = b"text=\\ud800\\x00&call_back=" + b"9" * 30 + b":content&stars=" + b"9" * 5000
        form = f"application/x-www-form-urlencoded; charset={chance.choice(CHARSETS)}"
        await asked(town, "POST", "/talk", data=body, headers={"Content-Type": form})


async def test_a_carrier_of_sms_is_answered_and_each_text_that_it_is_told_is_kept_is_kept(town: Browser) -> None:
    wrong, chance, kept = values(seed=11), random.Random(12), 0
    for number, text in enumerate(islice(texts(seed=13), 50 * TIMES)):
        right: dict[str, Any] = {"id": f"in-{number}", "from": f"138{number:08d}", "to": "12345", "text": text}
        right["received_at"] = "2026-03-02T09:30:00+08:00"
        for path, body in ((INBOUND_PATH, right), (STATUS_PATH, {"id": "1", "status": "failed", "why": text})):
            spoilt = body | {chance.choice([*body, "part", "at"]): next(wrong)} if chance.random() < 0.5 else body
            data = json.dumps(spoilt, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
            headers = {**signed_headers(SECRET, f"POST {path}", data, utcnow()), "Content-Type": "application/json"}
            status, _ = await asked(town, "POST", path, data=data, headers=headers)
            kept += path == INBOUND_PATH and status == 200
    assert sum(states(town).values()) == kept
    while states(town)["waiting"]:
        await asyncio.sleep(0.05)
    assert not states(town)["failed"]


async def test_wechat_is_answered_whatever_it_pushes(town: Browser) -> None:
    chance = random.Random(14)
    for number, text in enumerate(islice(texts(seed=15), 40 * TIMES)):
        plain = text.encode("utf-8", "replace").decode()
        fields = {
            "ToUserName": "gh_1",
            "FromUserName": f"openid-{number}",
            "CreateTime": str(int(utcnow().timestamp())),
            "MsgType": "text",
            "Content": plain,
            "MsgId": str(number),
        }
        if chance.random() < 0.3:
            fields[chance.choice(list(fields))] = chance.choice((plain, "", "9" * 30, "-1", "event", "NaN"))
        inner = "".join(
            f"<{name}>{value if chance.random() < 0.3 else f'<![CDATA[{value}]]>'}</{name}>"
            for name, value in fields.items()
        )
        timestamp, nonce = str(int(utcnow().timestamp())), secrets.token_hex(8)
        query = urlencode({"signature": sign(TOKEN, timestamp, nonce), "timestamp": timestamp, "nonce": nonce})
        status, _ = await asked(town, "POST", f"/helpline/wechat?{query}", data=f"<xml>{inner}</xml>".encode())
        assert status in (200, 400)
        query = urlencode(
            {"signature": plain[:500], "timestamp": plain[:50], "nonce": plain[:50], "echostr": plain[:50]}
        )
        assert (await asked(town, "GET", f"/helpline/wechat?{query}"))[0] == 403


def routes(town: Browser, *, of_console: bool) -> list[web.AbstractRoute]:
    assert town.app is not None
    return [
        route
        for route in town.app.router.routes()
        if route.resource is not None
        and is_console(route.resource.canonical) == of_console
        and route.method in ("GET", "POST")
        and not route.resource.canonical.startswith(("/static", "/ws", "/readyz", "/console/live"))
    ]


def path_of(route: web.AbstractRoute, chance: random.Random, said: Iterator[str]) -> str:
    """With something wrong for each part that may vary, and in the query."""
    assert route.resource is not None

    def part(_: re.Match[str]) -> str:
        known = chance.choice(
            ("1", "9" * 30, "0", "AJ-000001", "GA-003", "2026", "csv", "clerk", "\0", "%", "..", "a\0b")
        )
        return quote(chance.choice((known, known, next(said)[:40] or "x")), safe="", errors="surrogatepass")

    path = re.sub(r"{[^}]*}", part, route.resource.canonical)
    names = chance.sample([*FIELDS, "page", "q", "part", "characters", "view", "from", "until"], 4)
    return f"{path}?{urlencode({name: next(said)[:300] for name in names}, errors='surrogatepass')}"


async def test_no_address_of_a_public_page_and_no_form_of_it_ends_in_a_fault(town: Browser) -> None:
    chance, said = random.Random(16), texts(seed=17)
    for _ in range(TIMES):
        for route in routes(town, of_console=False):
            path = path_of(route, chance, said)
            if route.method == "GET":
                await asked(town, "GET", path, headers={"Accept": "text/html"})
                continue
            fields = {name: next(said)[:3000] for name in chance.sample(FIELDS, 12)}
            form = f"application/x-www-form-urlencoded; charset={chance.choice(CHARSETS)}"
            body = urlencode(fields, errors="surrogatepass").encode()
            await asked(town, "POST", path, data=body, headers={"Content-Type": form})


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR])
async def test_no_page_and_no_form_of_the_console_ends_in_a_fault(town: Browser, role: Role) -> None:
    chance, said = random.Random(18), texts(seed=19)
    assert town.app is not None
    database = Database(town.app[SETTINGS].database_url)
    for _ in range(TIMES):
        token = let_in(town, database, role)
        for route in routes(town, of_console=True):
            path = path_of(route, chance, said)
            if "sign-out" in path or "sign-in" in path:
                continue
            if route.method == "GET":
                await asked(town, "GET", path)
                continue
            fields = {name: next(said)[:3000] for name in chance.sample(FIELDS, 40)}
            body = urlencode({**fields, "form_token": token}, errors="surrogatepass").encode()
            form = f"application/x-www-form-urlencoded; charset={chance.choice(CHARSETS[:4])}"
            await asked(town, "POST", path, data=body, headers={"Content-Type": form, "X-CSRF-Token": token})
    database.close()


def test_no_pdu_of_an_smsc_is_beyond_reading(tmp_path: Path) -> None:
    """A text that could not be read would be sent again and again, and those behind it would wait."""
    chance, said, sealer = random.Random(20), texts(seed=21), Sealer.of(settings_in(tmp_path))
    for number in range(400 * TIMES):
        words = next(said).encode("utf-16-be", "surrogatepass")[:250]
        pdu = smpp_pdus.write(
            "deliver_sm",
            number,
            source_addr="8613800000001",
            source_addr_ton=1,
            destination_addr="10612345",
            esm_class=chance.choice((0, 0, 4, 0x40, 0x44)),
            data_coding=chance.choice((0, 1, 3, 8, 8, 0xF0, 0xF4, 255)),
            short_message=words,
        )
        body = bytearray(pdu[16:])
        for _ in range(chance.choice((0, 1, 1, 3, 20))):
            body[chance.randrange(len(body))] = chance.randrange(256)
        body += bytes(chance.randrange(256) for _ in range(chance.choice((0, 0, 4, 9))))
        body = body[: chance.choice((len(body), len(body), chance.randrange(len(body) + 1)))]
        read = smpp_pdus.read((16 + len(body)).to_bytes(4) + pdu[4:16] + bytes(body))
        if read.fields is None:
            continue
        smpp_pdus.digest(read)
        smpp_pdus.report(read)
        arrived = smpp_pdus.arrived(read, "n")
        sealer.seal(arrived.text)
        sealer.seal(arrived.user)
