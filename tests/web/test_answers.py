"""`/answers`: an applicant fetches notices and files with receipt and query code, and nobody else does."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from bot.db import Database, utcnow
from bot.disclosures.models import Request
from bot.notices import service
from bot.notices.answer_files import add_file, files_of
from bot.notices.details import Details
from bot.notices.kinds import NoticeKind
from bot.notices.models import Notice
from bot.web import answers
from bot.web.tickets import TICKET_LASTS
from tests.databases import set_up
from tests.notices.requests import CODE, NOW, RECEIPT, add_request, sealer
from tests.notices.test_answer_files import PDF
from tests.web.console import Browser, open_browser, settings_in


@pytest.fixture
async def browser(database_url: str, database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    set_up(database)
    add_request(database)
    async with open_browser(
        settings_in(tmp_path, DATABASE_URL=database_url, IDENTITY_KEY=os.environ["IDENTITY_KEY"])
    ) as opened:
        yield opened


def send(database: Database, kind: NoticeKind, text: str = "见附件。", **more: object) -> Notice:
    with database.transaction() as session:
        request = session.get_one(Request, RECEIPT)
        name = f"{len(files_of(session, RECEIPT)) + 1}.pdf"
        file = add_file(session, request, name, PDF, sealer(), clerk="clerk", now=NOW)
        return service.issue(
            session,
            RECEIPT,
            kind,
            Details(text=text, addressee="云河某某公司", file_ids=(file.id,)),
            sealer(),
            folder=None,
            seen_steps=len(request.events),
            delivery="网上查看",
            clerk="clerk",
            now=NOW,
            **more,  # type: ignore[arg-type]
        )


async def look(browser: Browser, code: str = CODE, receipt: str = RECEIPT) -> ClientResponse:
    return await browser.post("/answers", data={"receipt": receipt, "query_code": code})


async def listed(browser: Browser) -> tuple[str, list[str]]:
    """The ticket, and what the list offers."""
    page = await (await look(browser)).text()
    return re.findall(r'name="ticket" value="([^"]+)"', page)[0], re.findall(r'name="what" value="([^"]+)"', page)


async def fetch(browser: Browser, ticket: str, what: str) -> ClientResponse:
    return await browser.post("/answers/download", data={"ticket": ticket, "what": what})


async def test_the_applicant_fetches_the_answer_and_its_file_and_opening_counts_as_delivery(
    browser: Browser, database: Database
) -> None:
    page = await (await browser.get("/answers")).text()
    assert 'action="/answers"' in page
    notice = send(database, NoticeKind.GRANTED)
    ticket, offered = await listed(browser)
    assert offered == [f"notice-{notice.id}", f"file-{notice.file_ids[0]}"]
    with database.transaction() as session:
        assert session.get_one(Notice, notice.id).delivered_on is None
    file = await fetch(browser, ticket, offered[1])
    assert (file.status, await file.read()) == (200, PDF)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Cache-Control"] == "no-store"
    letter = await fetch(browser, ticket, offered[0])
    assert letter.status == 200
    assert (await letter.read())[:4] in (b"%PDF", b"PK\x03\x04")
    with database.transaction() as session:
        kept = session.get_one(Notice, notice.id)
        assert (kept.delivered_by, kept.delivery) == ("申请人", "网上查看")


async def test_letters_to_others_and_corrected_ones_cannot_be_had_by_their_number(
    browser: Browser, database: Database
) -> None:
    third = send(database, NoticeKind.CONSULTATION)
    old = send(database, NoticeKind.NOT_HELD)
    new = send(database, NoticeKind.NOT_HELD, "另查了业务系统。", corrects_id=old.id, why="漏写")
    ticket, offered = await listed(browser)
    assert offered[0] == f"notice-{new.id}"
    assert all(f"notice-{notice.id}" not in offered for notice in (third, old))
    for what in (f"notice-{third.id}", f"notice-{old.id}", f"file-{old.file_ids[0]}", "file-x", "", "x-1"):
        assert (await fetch(browser, ticket, what)).status == 404, what


async def test_a_wrong_code_and_a_receipt_that_does_not_exist_are_refused_alike(
    browser: Browser, database: Database
) -> None:
    send(database, NoticeKind.GRANTED)
    wrong, nobody = await look(browser, "2222-222A"), await look(browser, "2222-222A", "XXGK-2026-000999")
    assert (wrong.status, nobody.status) == (403, 403)
    told = [re.findall(r'role="alert">([^<]+)<', await answer.text()) for answer in (wrong, nobody)]
    assert told[0] == told[1]
    assert "对不上" in told[0][0]
    for _ in range(4):
        paused = await look(browser, "2222-222A")
    assert "先停一会儿" in await paused.text()
    assert (await look(browser)).status == 403, "during a pause even the right code waits"


async def test_a_ticket_ends_and_cannot_be_made(
    browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(database, NoticeKind.GRANTED)
    ticket, offered = await listed(browser)
    for forged in ("", "x", sealer().seal("text"), sealer().seal_object({"receipt": RECEIPT})):
        assert (await fetch(browser, forged, offered[0])).status == 403
    later = utcnow() + TICKET_LASTS
    monkeypatch.setattr(answers, "utcnow", lambda: later)
    expired = await fetch(browser, ticket, offered[0])
    assert expired.status == 403
    assert "重新输入" in await expired.text()
