"""Finding a case again: by number or receipt, by who had it, when, how it was rated; lists that a person keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.db import Database, utcnow
from bot.reviews import handling, service
from bot.reviews.reasons import Stars
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from tests.web.console import PASSWORD, Browser, fill, let_in, open_browser, settings_in
from tests.web.test_console_cases import claimed_case, get, open_case, person, shown_numbers
from tests.web.test_console_desk import add_request


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url)


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        accounts.add_person(
            session, login="lisi", name="李四", role=Role.CLERK, password=PASSWORD, who="terminal:root", now=utcnow()
        )
    async with open_browser(settings) as opened:
        yield opened


@pytest.mark.parametrize(
    ("role", "typed", "to"),
    [
        ("clerk", "AJ-000001", "/console/cases/AJ-000001"),
        ("clerk", "aj 1", "/console/cases/AJ-000001"),
        ("clerk", "XXGK-2026-000001", "/console/disclosures/XXGK-2026-000001"),
        ("reviewer", "XXGK-2026-000001", None),
        ("department", "AJ-000001", None),
        ("clerk", "AJ-000099", None),
        ("clerk", "AJ-000001 是谁办的，他说要补材料，给看看", None),
    ],
)
async def test_a_number_or_receipt_leads_to_what_it_names(
    browser: Browser, database: Database, role: str, typed: str, to: str | None
) -> None:
    claimed_case(database)
    add_request(database)
    let_in(browser, database, role)
    response = await browser.get("/console/queue", params={"go": "1", "text": typed}, allow_redirects=False)
    assert response.headers.get("Location") == to


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("owner=lisi", ["theirs"]),
        ("owner=nobody", ["new", "theirs", "rated"]),
        ("stars=5", ["rated"]),
        ("tag=外地人", ["rated"]),
        ("tag=外地", []),
        ("since=2026-03-02", ["rated", "theirs"]),
        ("until=2026-03-01", ["new"]),
        ("since=2026-03-02&until=2026-03-02", ["rated", "theirs"]),
        ("since=0001-01-01&until=9999-12-31", ["new", "theirs", "rated"]),
    ],
)
async def test_cases_are_found_again_by_what_became_of_them(
    browser: Browser, database: Database, query: str, expected: list[str]
) -> None:
    noon = datetime.fromisoformat("2026-03-02T12:00:00+08:00")
    with database.transaction() as session:
        clerk, lisi = person(session, "clerk"), person(session, "lisi")
        names = ("new", "theirs", "rated")
        cases = [open_case(session, at=at) for at in (noon - timedelta(days=1), noon, noon)]
        handling.claim(session, cases[1], lisi, noon)
        handling.snooze(session, cases[1], lisi, noon, utcnow() + timedelta(days=1))
        handling.claim(session, cases[2], clerk, noon)
        handling.tag(session, cases[2], clerk, noon, ["外地人"])
        handling.reply(session, cases[2], clerk, noon, "到派出所办", is_final=True)
        service.rate(session, cases[2], Stars.VERY_SATISFIED, "", noon)
        known = {case.number: name for case, name in zip(cases, names, strict=True)}
    let_in(browser, database, "clerk")
    page = await get(browser, f"/console/queue?{query}")
    assert sorted(known[number] for number in shown_numbers(page)) == sorted(expected)


async def test_a_person_keeps_lists_that_others_do_not_see(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")

    async def save(**fields: str) -> tuple[int, str]:
        response = await browser.post("/console/queue/views", data={"form_token": token, **fields})
        return response.status, await response.text()

    assert (await save(title="", **{"in": "tag=外地人"}))[0] == 422
    assert (await save(title="空的"))[0] == 422
    _, page = await save(title="外地人的", **{"in": "tag=外地人"})
    assert "外地人的</a>" in page
    with database.transaction() as session:
        assert "tag" not in session.execute(text("SELECT query FROM saved_views")).scalar_one()
    view = page.split('name="remove" value="')[1].split('"')[0]
    token = let_in(browser, database, "lisi")
    assert "外地人的" not in await get(browser, "/console/queue")
    await save(remove=view)
    token = let_in(browser, database, "clerk")
    assert "外地人的" in await get(browser, "/console/queue")
    assert "外地人的" not in (await save(remove=view))[1]
