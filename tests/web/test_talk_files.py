"""Files between a citizen and the clerk who answers: both ways, for these two alone, kept sealed, gone in time."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import FormData
from sqlalchemy import func, select

from bot.conversations import service as conversations
from bot.conversations.models import TalkFile, TalkFilePart
from bot.db import Database, utcnow
from bot.notices.file_formats import MOST_BYTES
from bot.privacy import deletion, retention
from bot.privacy.kinds import KEPT, Kind
from bot.reviews import handling, service, takeover
from bot.reviews.reasons import ClosedAs, Reason
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from bot.web import talk_files
from bot.web.keys import LIVE
from tests.notices.test_answer_files import PDF
from tests.test_picture_metadata import photo, pixels
from tests.web.console import PASSWORD, Browser, fill, let_in, open_browser, settings_in
from tests.web.portal import OpenedPage, open_page

NUMBER = "AJ-000001"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, IDENTITY_KEY=os.environ["IDENTITY_KEY"])


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    made = Database(settings.database_url)
    yield made
    made.close()


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        accounts.add_person(
            session, login="lisi", name="李四", role=Role.CLERK, password=PASSWORD, who="terminal:root", now=utcnow()
        )
    async with open_browser(settings) as opened:
        yield opened


@dataclass
class Talk:
    """A conversation that a clerk has taken over, and both sides of it."""

    browser: Browser
    database: Database
    conversation: str

    async def citizen_sends(self, name: str, content: bytes, number: str = "1", conversation: str = "") -> int:
        form = FormData({"conversation": conversation or self.conversation, "number": number}, quote_fields=False)
        form.add_field("file", content, filename=name)
        return (await self.browser.post("/talk/files", data=form)).status

    async def clerk_sends(self, name: str, content: bytes, login: str = "clerk") -> int:
        token = let_in(self.browser, self.database, login)
        form = FormData({"form_token": token}, quote_fields=False)
        form.add_field("file", content, filename=name)
        return (await self.browser.post(f"/console/cases/{NUMBER}/files", data=form, allow_redirects=False)).status

    async def citizen_opens(self, file_id: int, conversation: str = "") -> bytes | None:
        wanted = {"conversation": conversation or self.conversation}
        response = await self.browser.post(f"/talk/files/{file_id}", data=wanted)
        return await response.read() if response.status == 200 else None

    async def clerk_opens(self, file_id: int, login: str = "clerk") -> bytes | None:
        let_in(self.browser, self.database, login)
        response = await self.browser.get(f"/console/cases/{NUMBER}/files/{file_id}")
        return await response.read() if response.status == 200 else None

    def count(self) -> int:
        with self.database.transaction() as session:
            return session.scalar(select(func.count()).select_from(TalkFilePart)) or 0

    def close(self, ago: timedelta = timedelta(0)) -> None:
        now = utcnow() - ago
        with self.database.transaction() as session:
            clerk, case = accounts.get_person(session, "clerk"), service.get_case(session, NUMBER)
            handling.close(session, case, clerk, now, ClosedAs.TOLD_WHERE)


def begin(database: Database, *, is_claimed: bool = True, asks: bool = True) -> str:
    now = utcnow()
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, conversations.new_conversation_id(), "portal", now)
        if asks:
            case = service.open_case(session, conversation.id, "portal", Reason.ASKED_FOR_PERSON, [], now, "办证")
            if is_claimed:
                clerk = accounts.get_person(session, "clerk")
                handling.claim(session, case, clerk, now)
                takeover.take_over(session, case, clerk, now)
        return conversation.id


@pytest.fixture
def talk(browser: Browser, database: Database) -> Talk:
    return Talk(browser, database, begin(database))


async def hear(page: OpenedPage) -> dict[str, object]:
    """The file that the page is told of."""
    return next(line["file"] for line in (await page.receive("staff"))["lines"] if "file" in line)


async def test_a_file_of_the_citizen_is_on_both_pages_and_opens_there(talk: Talk) -> None:
    async with open_page(talk.browser, talk.conversation) as page:
        assert await talk.citizen_sends("户口本.pdf", PDF) == 204
        said = await page.receive("said")
    assert said["text"] == "文件：户口本.pdf"
    assert said["file"] == {"id": 1, "name": "户口本.pdf", "size": "1 KB"}
    assert await talk.citizen_opens(1) == PDF
    assert await talk.clerk_opens(1) == PDF
    html = await (await talk.browser.get(f"/console/cases/{NUMBER}")).text()
    assert "文件：户口本.pdf" in html
    assert f"/console/cases/{NUMBER}/files/1" in html


async def test_a_file_of_the_clerk_comes_with_a_line_to_the_citizen(talk: Talk) -> None:
    async with open_page(talk.browser, talk.conversation) as page:
        assert await talk.clerk_sends("办事指南.pdf", PDF) == 303
        file = await hear(page)
    assert file["name"] == "办事指南.pdf"
    async with open_page(talk.browser, talk.conversation) as page:
        assert [each["staff"]["file"] for each in page.history if "file" in each.get("staff", {})] == [file]
    assert await talk.citizen_opens(1) == PDF


async def test_a_photo_is_kept_without_what_the_camera_wrote_beside_it(talk: Talk) -> None:
    content = photo()
    await talk.citizen_sends("照片.jpg", content)
    kept = await talk.citizen_opens(1)
    assert kept is not None
    assert b"SECRET" in content
    assert b"SECRET" not in kept
    assert pixels(kept) == pixels(content)


async def test_content_and_name_lie_sealed_in_the_database(talk: Talk) -> None:
    await talk.citizen_sends("户口本.pdf", PDF)
    with talk.database.engine.connect() as connection:
        (name,) = connection.exec_driver_sql("SELECT name FROM talk_files").one()
        (sealed,) = connection.exec_driver_sql("SELECT sealed FROM talk_file_parts").one()
    assert name.startswith("gAAAA")
    assert sealed.startswith("gAAAA")


async def test_nobody_else_opens_it(talk: Talk) -> None:
    await talk.citizen_sends("户口本.pdf", PDF)
    assert await talk.citizen_opens(1, begin(talk.database)) is None
    assert await talk.citizen_opens(1, "x" * 24) is None
    assert await talk.clerk_opens(1, "lisi") is None
    assert await talk.clerk_opens(1, Role.ADMINISTRATOR.value) is None
    response = await talk.browser.post(
        "/talk/files/1", data={"conversation": talk.conversation}, headers={"Origin": "https://evil.example"}
    )
    assert response.status == 404


async def test_who_opened_it_is_in_the_audit_log_without_its_name(talk: Talk) -> None:
    await talk.citizen_sends("张三的户口本.pdf", PDF)
    await talk.citizen_opens(1)
    await talk.clerk_opens(1)
    with talk.database.transaction() as session:
        found = select(AuditEntry).where(AuditEntry.action == "open_talk_file").order_by(AuditEntry.id)
        entries = [(entry.who, entry.subject) for entry in session.scalars(found)]
    assert entries == [("本人", "文件 1"), ("clerk", f"{NUMBER} 文件 1")]


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("程序.exe", b"MZ", 422),
        ("假的.pdf", b"MZ", 422),
        ("空.pdf", b"", 422),
        ("断的.jpg", b"\xff\xd8\xff\xe0\xff\xff" + b"x" * 20 + b"\xff\xd9", 422),
        ("大.pdf", b"%PDF-" + b"x" * MOST_BYTES + b"%%EOF", 422),
        ("太大.pdf", b"%PDF-" + b"x" * (MOST_BYTES + 128 * 1024) + b"%%EOF", 413),
    ],
    ids=["kind", "content", "empty", "torn", "large", "too large"],
)
async def test_what_cannot_be_taken_is_refused_with_a_reason(
    talk: Talk, name: str, content: bytes, status: int
) -> None:
    form = FormData({"conversation": talk.conversation, "number": "1"}, quote_fields=False)
    form.add_field("file", content, filename=name)
    response = await talk.browser.post("/talk/files", data=form)
    assert response.status == status
    assert (await response.json())["error"]
    assert talk.count() == 0


async def test_before_a_person_is_asked_for_no_file_is_taken(talk: Talk) -> None:
    assert await talk.citizen_sends("a.pdf", PDF, conversation=begin(talk.database, asks=False)) == 422
    assert await talk.citizen_sends("a.pdf", PDF, conversation="x" * 24) == 422
    assert await talk.citizen_sends("a.pdf", PDF, conversation=begin(talk.database, is_claimed=False)) == 204


async def test_a_file_sent_twice_is_kept_once(talk: Talk) -> None:
    for _ in range(2):
        assert await talk.citizen_sends("户口本.pdf", PDF) == 204
    assert talk.count() == 1


async def test_files_beyond_the_limit_are_refused(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.conversations.talk_files.MOST_FILES", 1)
    assert [await talk.citizen_sends("a.pdf", PDF, str(number)) for number in range(2)] == [204, 422]
    assert await talk.clerk_sends("b.pdf", PDF) == 422
    assert talk.count() == 1


async def test_a_client_that_sends_too_many_has_to_wait(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk_files, "PER_CLIENT", talk_files.parse("1/hour"))
    assert [await talk.citizen_sends("a.pdf", PDF, str(number)) for number in range(2)] == [204, 422]


async def test_only_who_is_responsible_sends_a_file(talk: Talk) -> None:
    assert await talk.clerk_sends("a.pdf", PDF, "lisi") == 422
    assert talk.count() == 0


async def test_files_go_with_the_messages_and_with_the_case(talk: Talk, settings: Settings) -> None:
    await talk.citizen_sends("a.pdf", PDF)
    await talk.clerk_sends("b.pdf", PDF)
    talk.close()
    retention.sweep(talk.database, settings, utcnow() + timedelta(days=KEPT[Kind.MESSAGES].days + 1))
    with talk.database.transaction() as session:
        assert [file.name for file in session.scalars(select(TalkFile))] == ["b.pdf"]
    with talk.database.transaction() as session:
        retention.forget_cases(session, [service.get_case(session, NUMBER).id])
    assert talk.count() == 0


async def test_a_citizen_who_wants_all_deleted_is_rid_of_the_files(talk: Talk, settings: Settings) -> None:
    await talk.citizen_sends("a.pdf", PDF)
    await talk.clerk_sends("b.pdf", PDF)
    talk.close()
    with talk.database.transaction() as session:
        deletion.ask(session, talk.conversation, utcnow())
    deletion.do_what_waits(talk.database, settings, utcnow() + timedelta(minutes=1))
    assert talk.count() == 0


async def test_both_sides_see_that_the_other_types_and_nothing_is_stored(talk: Talk) -> None:
    token = let_in(talk.browser, talk.database, "clerk")
    async with open_page(talk.browser, talk.conversation) as page:
        assert (await page.receive("person"))["stage"] == "talks"
        typed = await talk.browser.post(f"/console/cases/{NUMBER}/writing", headers={"X-CSRF-Token": token})
        assert typed.status == 204
        assert await page.receive("writing") == {"type": "writing"}
        async with talk.browser.get(f"/console/live?case={NUMBER}", headers={"Accept": "text/event-stream"}) as stream:
            assert await stream.content.readline() == b": hello\n"
            await page.send_json({"type": "writing"})
            line = b""
            while not line.startswith(b"data: "):
                line = await stream.content.readline()
            assert json.loads(line.removeprefix(b"data: ")) == {"topic": "writing"}
    with talk.database.transaction() as session:
        assert conversations.history(session, talk.conversation) == []


async def test_a_clerk_who_does_not_talk_with_the_citizen_cannot_seem_to_type(talk: Talk) -> None:
    assert talk.browser.app is not None
    token = let_in(talk.browser, talk.database, "lisi")
    with talk.browser.app[LIVE].listening(f"clerk writes {talk.conversation}") as woken:
        await talk.browser.post(f"/console/cases/{NUMBER}/writing", headers={"X-CSRF-Token": token})
        assert not woken.is_set()


async def test_the_place_in_the_line_is_kept_current(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.open_page.PLACE_EVERY_SECONDS", 0)
    begin(talk.database, is_claimed=False)
    async with open_page(talk.browser, begin(talk.database, is_claimed=False)) as page:
        assert (await page.receive("person"))["place"] == 2
        token = let_in(talk.browser, talk.database, "clerk")
        await talk.browser.post("/console/cases/AJ-000002/claim", headers={"X-CSRF-Token": token})
        assert (await page.receive("person"))["place"] == 1
        await talk.browser.post("/console/cases/AJ-000003/claim-and-take-over", headers={"X-CSRF-Token": token})
        assert (await page.receive("person"))["stage"] == "talks"


async def test_the_citizen_takes_the_talk_home_as_a_text(talk: Talk) -> None:
    await talk.citizen_sends("户口本.pdf", PDF)
    await talk.clerk_sends("指南.pdf", PDF)
    response = await talk.browser.post("/talk/history", data={"conversation": talk.conversation})
    assert "attachment" in response.headers["Content-Disposition"]
    text = (await response.read()).decode("utf-8-sig")
    assert text.startswith("云河市政务助手 对话记录\r\n")
    assert text.index("您：\r\n文件：户口本.pdf") < text.index("工作人员：\r\n发给您一个文件，请看。")
    assert (await talk.browser.post("/talk/history", data={"conversation": "x" * 24})).status == 404
