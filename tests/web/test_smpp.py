"""SMPP, against an SMSC of another author in a process of its own (`smsc.py`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.helpline.models import Inbound
from bot.helpline.texts import Arrived, DeliveryReport, Kind, Leaving, TextPart
from bot.running.ports import free_port
from bot.settings import SmppSettings
from bot.web.carriers import smpp_pdus as pdus
from bot.web.carriers.carrier import Refused, TryLater
from bot.web.carriers.smpp import SmppCarrier
from bot.web.carriers.smpp_session import Timers
from tests.patience import WITHIN_SECONDS
from tests.web.console import fill, open_browser, settings_in
from tests.web.engine import Engine
from tests.web.smsc import Smsc

CITIZEN, HELPLINE = "+8613800000001", "10612345"
LONG = "办理居住证需要身份证、居住地住址证明和一张近期照片，𠮷先生，" * 6
RECEIPT = 4
HAS_HEADER = 0x40
THROTTLED, INVALID_DESTINATION, TRY_LATER, OF_THE_OPERATOR = 0x58, 0x0B, 0x64, 0x0423
INVALID_PASSWORD, BIND_TRANSCEIVER, BIND_TRANSCEIVER_RESP, SUBMIT_SM_RESP = 0x0E, 0x9, 0x80000009, 0x80000004
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F


class Helpline:
    """Stores incoming texts. `trouble`: raised at the next text, after it is kept if `keeps_first`."""

    def __init__(self) -> None:
        self.texts: asyncio.Queue[Arrived] = asyncio.Queue()
        self.reports: asyncio.Queue[DeliveryReport] = asyncio.Queue()
        self.trouble: Exception | None = None
        self.may_return = asyncio.Event()
        self.may_return.set()
        self.knows = True

    async def receive(self, arrived: Arrived) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble:
            raise trouble
        self.texts.put_nowait(arrived)
        await self.may_return.wait()

    async def report(self, report: DeliveryReport) -> bool:
        self.reports.put_nowait(report)
        return self.knows

    async def next_text(self) -> Arrived:
        return await asyncio.wait_for(self.texts.get(), WITHIN_SECONDS)

    async def next_report(self) -> DeliveryReport:
        return await asyncio.wait_for(self.reports.get(), WITHIN_SECONDS)


@asynccontextmanager
async def running(port: int, helpline: Helpline, timers: Timers | None = None) -> AsyncIterator[SmppCarrier]:
    settings = SmppSettings("127.0.0.1", port, "city", "secret", "", HELPLINE)
    gateway = SmppCarrier(settings, timers or Timers(first_pause=0.01, longest_pause=0.01))
    task = asyncio.create_task(gateway.run(helpline.receive, helpline.report))
    try:
        yield gateway
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def bound(gateway: SmppCarrier) -> None:
    await asyncio.wait_for(gateway.bound.wait(), WITHIN_SECONDS)


def from_citizen(text: str, **more: Any) -> dict[str, Any]:
    return {
        "deliver": {
            "source_addr": CITIZEN[1:],
            "source_addr_ton": 1,
            "destination_addr": HELPLINE,
            "data_coding": 8,
            "short_message": text.encode("utf-16-be").hex(),
            **more,
        }
    }


async def brought(smsc: Smsc, helpline: Helpline, what: dict[str, Any]) -> Arrived:
    smsc.tell(what)
    arrived = await helpline.next_text()
    assert (await smsc.hear("answered"))["status"] == 0
    return arrived


def receipt(text: str, tlvs: dict[int, str] | None = None) -> dict[str, Any]:
    return from_citizen(
        "", esm_class=RECEIPT, data_coding=0, short_message=text.encode().hex(), tlvs=tlvs if tlvs is not None else {}
    )


async def test_a_short_text_leaves_as_one_and_its_receipt_is_reported() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline) as gateway:
        assert (await smsc.hear("bound"))["system_id"] == "city"
        await bound(gateway)
        assert await gateway.send(Leaving("key", CITIZEN, "您好")) == "1"
        left = await smsc.hear("submitted")
        assert (left["source"], left["to"], left["to_ton"]) == (HELPLINE, CITIZEN[1:], 1)
        assert (bytes.fromhex(left["data"]).decode("utf-16-be"), left["esm_class"], left["data_coding"]) == (
            "您好",
            0,
            8,
        )
        smsc.tell(
            receipt("id:1 sub:001 dlvrd:001 submit date:2511250728 done date:2511250729 stat:DELIVRD err:000 text:id:9")
        )
        assert await helpline.next_report() == DeliveryReport("1", is_delivered=True)
        assert (await smsc.hear("answered"))["status"] == 0


async def test_a_long_text_leaves_in_parts_that_make_it_whole() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline) as gateway:
        await smsc.hear("bound")
        await bound(gateway)
        sending = asyncio.create_task(gateway.send(Leaving("key", CITIZEN, LONG)))
        first = await smsc.hear("submitted")
        total = bytes.fromhex(first["data"])[4]
        parts = [first, *[await smsc.hear("submitted") for _ in range(total - 1)]]
        assert await sending == str(total)
        data = [bytes.fromhex(part["data"]) for part in parts]
        assert {part["esm_class"] for part in parts} == {HAS_HEADER}
        assert [octets[:3] for octets in data] == [b"\5\0\3"] * total
        assert len({octets[3] for octets in data}) == 1
        assert [octets[5] for octets in data] == list(range(1, total + 1))
        assert max(map(len, data)) <= 140
        # Each part is decoded alone, so that a character cut in two would show.
        assert "".join(octets[6:].decode("utf-16-be") for octets in data) == LONG
        assert [part["wants_receipt"] for part in parts] == [0] * (total - 1) + [1]


async def test_parts_that_were_taken_are_not_sent_again() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline) as gateway:
        await smsc.hear("bound")
        await bound(gateway)
        await smsc.will_answer(0, THROTTLED)
        with pytest.raises(TryLater, match="0x00000058"):
            await gateway.send(Leaving("key", CITIZEN, "水" * 130))
        first, refused = await smsc.hear("submitted"), await smsc.hear("submitted")
        assert await gateway.send(Leaving("key", CITIZEN, "水" * 130)) == "2"
        assert (await smsc.hear("submitted"))["data"] == refused["data"] != first["data"]
        assert await gateway.send(Leaving("key", CITIZEN, "水" * 130)) == "2"
        await gateway.send(Leaving("another", CITIZEN, "电"))
        assert (await smsc.hear("submitted"))["data"] == "电".encode("utf-16-be").hex()


@pytest.mark.parametrize(
    ("status", "error"), [(THROTTLED, TryLater), (OF_THE_OPERATOR, TryLater), (INVALID_DESTINATION, Refused)]
)
async def test_an_error_says_whether_to_try_again(status: int, error: type[Exception]) -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline) as gateway:
        await smsc.hear("bound")
        await bound(gateway)
        await smsc.will_answer(status)
        with pytest.raises(error) as raised:
            await gateway.send(Leaving("key", CITIZEN, "您好"))
        assert CITIZEN[1:] not in str(raised.value)


async def test_what_can_never_leave_is_refused_without_a_session() -> None:
    gateway = SmppCarrier(SmppSettings("127.0.0.1", free_port(), "city", "secret", "", HELPLINE))
    with pytest.raises(Refused):
        await gateway.send(Leaving("key", "an openid", "您好"))
    with pytest.raises(Refused):
        await gateway.send(Leaving("key", CITIZEN, "水" * 67 * 256))
    with pytest.raises(TryLater):
        await gateway.send(Leaving("key", CITIZEN, "您好"))


async def test_a_text_is_acknowledged_only_when_it_is_stored() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline) as gateway:
        await smsc.hear("bound")
        helpline.may_return.clear()
        smsc.tell(from_citizen("您好"))
        arrived = await helpline.next_text()
        assert (arrived.user, arrived.text, arrived.part, arrived.kind) == (CITIZEN, "您好", None, Kind.TEXT)
        # The next that the SMSC says is of the text that leaves meanwhile, not of an answer.
        await bound(gateway)
        await gateway.send(Leaving("key", CITIZEN, "稍等"))
        await smsc.hear("submitted")
        helpline.may_return.set()
        assert (await smsc.hear("answered"))["status"] == 0


async def test_a_text_that_cannot_be_stored_is_left_to_the_smsc(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline):
        await smsc.hear("bound")
        helpline.trouble = RuntimeError("database is locked: 秘密")
        smsc.tell(from_citizen("秘密"))
        assert (await smsc.hear("answered"))["status"] == TRY_LATER
        smsc.tell(from_citizen("秘密"))
        assert (await helpline.next_text()).text == "秘密"
        assert (await smsc.hear("answered"))["status"] == 0
    assert "RuntimeError" in caplog.text
    assert "秘密" not in caplog.text
    assert CITIZEN[1:] not in caplog.text


async def test_long_texts_come_in_parts_by_header_and_by_parameters() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline):
        await smsc.hear("bound")
        half = "居住证" * 20
        arrived = []
        for header in (b"\5\0\3\x2a\2\1", b"\6\x08\4\x01\x2a\2\2", b"\5\0\3\x2a\2\0"):
            data = header + half.encode("utf-16-be")
            with_header = from_citizen("", esm_class=HAS_HEADER, short_message=data.hex())
            arrived.append(await brought(smsc, helpline, with_header))
        by_parameters = {SAR_REFERENCE: "1234", SAR_TOTAL: "03", SAR_NUMBER: "02", 0x1401: "ff"}
        arrived.append(await brought(smsc, helpline, from_citizen(half, tlvs=by_parameters)))
        assert {text.text for text in arrived} == {half}
        assert [text.part for text in arrived] == [
            TextPart(42, 2, 1),
            TextPart(298, 2, 2),
            None,
            TextPart(0x1234, 3, 2),
        ]


async def test_other_alphabets_and_what_is_no_text() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline):
        await smsc.hear("bound")
        payload = {0x0424: ("字" * 300).encode("utf-16-be").hex()}
        all_of_them = [
            from_citizen("", data_coding=0, short_message=b"\x00 TD \x1be".hex()),
            from_citizen("", data_coding=3, short_message="é".encode("latin-1").hex()),
            from_citizen("", tlvs=payload),
            from_citizen("", data_coding=4, short_message="ff00"),
        ]
        arrived = [await brought(smsc, helpline, what) for what in all_of_them]
        assert [text.text for text in arrived[:3]] == ["@ TD €", "é", "字" * 300]
        assert [text.kind for text in arrived] == [Kind.TEXT] * 3 + [Kind.NOT_TEXT]


async def test_saying_the_same_twice_is_two_texts() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline):
        await smsc.hear("bound")
        smsc.tell(from_citizen("1"))
        smsc.tell(from_citizen("1"))
        first, second = await helpline.next_text(), await helpline.next_text()
        assert first.gateway_id != second.gateway_id


async def test_a_text_whose_answer_was_lost_is_the_same_text_again_once() -> None:
    helpline, port = Helpline(), free_port()
    async with running(port, helpline) as gateway:
        async with Smsc.listening_on(port) as smsc:
            await smsc.hear("bound")
            helpline.may_return.clear()
            smsc.tell(from_citizen("1"))
            first = await helpline.next_text()
            await smsc.kill()
        helpline.may_return.set()
        async with Smsc.listening_on(port) as smsc:
            await smsc.hear("bound")
            await bound(gateway)
            names = [(await brought(smsc, helpline, from_citizen(text))).gateway_id for text in "211"]
        assert names[1] == first.gateway_id
        assert len({first.gateway_id, *names}) == 3


async def test_a_text_whose_answer_the_smsc_has_is_not_expected_again() -> None:
    helpline, port = Helpline(), free_port()
    async with running(port, helpline) as gateway:
        async with Smsc.listening_on(port) as smsc:
            await smsc.hear("bound")
            await bound(gateway)
            smsc.tell(from_citizen("1"))
            first = await helpline.next_text()
            await smsc.hear("answered")
            await gateway.send(Leaving("key", CITIZEN, "proof"))
            await smsc.hear("submitted")
        async with Smsc.listening_on(port) as smsc:
            await smsc.hear("bound")
            smsc.tell(from_citizen("1"))
            assert (await helpline.next_text()).gateway_id != first.gateway_id


async def test_a_session_that_breaks_is_made_again_and_what_was_under_way_is_tried_later() -> None:
    helpline, port = Helpline(), free_port()
    async with running(port, helpline) as gateway:
        async with Smsc.listening_on(port) as smsc:
            await smsc.hear("bound")
            await bound(gateway)
            await smsc.will_answer(None)
            sending = asyncio.create_task(gateway.send(Leaving("key", CITIZEN, "您好")))
            await smsc.hear("submitted")
            await smsc.kill()
            with pytest.raises(TryLater):
                await asyncio.wait_for(sending, WITHIN_SECONDS)
        async with Smsc.listening_on(port) as smsc:
            await smsc.hear("bound")
            await bound(gateway)
            assert await gateway.send(Leaving("key", CITIZEN, "您好")) == "1"


@asynccontextmanager
async def answering_only_binds(status: int) -> AsyncIterator[tuple[int, asyncio.Queue[int]]]:
    """The port of a peer, and a queue of the first command_id of each session; then the peer stays silent."""
    firsts: asyncio.Queue[int] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(4))
        rest = await reader.readexactly(length - 4)
        firsts.put_nowait(int.from_bytes(rest[:4]))
        writer.write((17).to_bytes(4) + BIND_TRANSCEIVER_RESP.to_bytes(4) + status.to_bytes(4) + rest[8:12] + b"\0")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], firsts


async def test_a_session_in_which_nobody_answers_is_given_up() -> None:
    timers = Timers(response=0.05, enquire=0.01, first_pause=0.01, longest_pause=0.01)
    async with answering_only_binds(0) as (port, firsts), running(port, Helpline(), timers):
        for _ in range(2):
            assert await asyncio.wait_for(firsts.get(), WITHIN_SECONDS) == BIND_TRANSCEIVER


async def test_who_is_not_let_in_tries_again_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with answering_only_binds(INVALID_PASSWORD) as (port, firsts), running(port, Helpline()) as gateway:
        for _ in range(2):
            assert await asyncio.wait_for(firsts.get(), WITHIN_SECONDS) == BIND_TRANSCEIVER
        assert not gateway.bound.is_set()
        with pytest.raises(TryLater):
            await gateway.send(Leaving("key", CITIZEN, "您好"))
    assert "Invalid Password" in caplog.text
    assert "secret" not in caplog.text


def test_what_is_cut_short_is_not_read() -> None:
    whole = pdus.write("deliver_sm", 1, source_addr=CITIZEN, destination_addr=HELPLINE, short_message=b"1")
    assert pdus.read(whole).fields.short_message == b"1"
    for length in range(16, len(whole)):
        assert pdus.read(whole[:length]).fields is None


@pytest.mark.parametrize("body", [b"", b"abc", b"abc\0", b"abc\0\x04\x23\0\3\3\0\1"])
def test_names_of_texts_are_read_however_they_end(body: bytes) -> None:
    header = (16 + len(body)).to_bytes(4) + SUBMIT_SM_RESP.to_bytes(4) + bytes(8)
    assert pdus.message_id(pdus.read(header + body)) == body[:3].decode()


async def test_receipts_by_parameters_of_failures_and_of_what_is_on_the_way() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline):
        await smsc.hear("bound")
        for what in (
            receipt("id:7 stat:ACCEPTD err:000"),
            receipt("", {0x001E: b"abc\0".hex(), 0x0427: "02"}),
            receipt("", {0x001E: b"abd".hex(), 0x0427: "08"}),
            receipt("id:8 sub:001 dlvrd:000 submit date:251125072859 stat:UNDELIV err:0A1 Text:"),
        ):
            smsc.tell(what)
            assert (await smsc.hear("answered"))["status"] == 0
        assert [await helpline.next_report() for _ in range(3)] == [
            DeliveryReport("abc", is_delivered=True),
            DeliveryReport("abd", is_delivered=False, why="REJECTD"),
            DeliveryReport("8", is_delivered=False, why="UNDELIV 0A1"),
        ]


async def test_a_receipt_before_its_text_was_noted_is_asked_for_again() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc, running(port, helpline) as gateway:
        await smsc.hear("bound")
        await bound(gateway)
        name = await gateway.send(Leaving("key", CITIZEN, "您好"))
        await smsc.hear("submitted")
        helpline.knows = False
        smsc.tell(receipt(f"id:{name} stat:DELIVRD"))
        assert (await smsc.hear("answered"))["status"] == TRY_LATER
        smsc.tell(receipt("id:unheard-of stat:DELIVRD"))
        assert (await smsc.hear("answered"))["status"] == 0


async def test_stopping_unbinds() -> None:
    helpline, port = Helpline(), free_port()
    async with Smsc.listening_on(port) as smsc:
        async with running(port, helpline) as gateway:
            await smsc.hear("bound")
            await bound(gateway)
        await smsc.hear("unbound")


async def test_through_the_whole_house_a_citizen_is_answered(tmp_path: Path) -> None:
    port = free_port()
    smpp = {"SMPP_HOST": "127.0.0.1", "SMPP_PORT": str(port), "SMPP_SYSTEM_ID": "city", "SMPP_PASSWORD": "secret"}
    async with Engine().serving() as engine_port, Smsc.listening_on(port) as smsc:
        settings = settings_in(tmp_path, ENGINE_PORT=engine_port, SMPP_SOURCE=HELPLINE, **smpp)
        database = Database(settings.database_url)
        fill(database)
        async with open_browser(settings):
            await smsc.hear("bound")
            smsc.tell(from_citizen("补办身份证"))
            assert (await smsc.hear("answered"))["status"] == 0
            answer, greeting = await smsc.hear("submitted"), await smsc.hear("submitted")
            assert bytes.fromhex(answer["data"]).decode("utf-16-be") == "答：补办身份证"
            assert (answer["to"], greeting["to"]) == (CITIZEN[3:], CITIZEN[3:])
        await smsc.hear("unbound")
        with database.transaction() as session:
            assert session.scalars(select(Inbound.state)).all() == ["answered"]
        database.close()
