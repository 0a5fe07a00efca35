"""Pages that are only read do not wait for a writer such as a large import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import hdrs
from sqlalchemy import select

from bot.db import Database, utcnow
from bot.staff.models import SignIn
from bot.staff.roles import PERMISSIONS, Role
from bot.web.console.access import access_of
from tests.web.console import Browser, add_answered_case, fill, let_in, open_browser, settings_in
from tests.web.test_console_access import ROUTES, name_of, path_of
from tests.web.test_console_desk import add_request

READ = [route for route in ROUTES if route.method == hdrs.METH_GET]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(settings_in(tmp_path).database_url)


@pytest.fixture
async def browser(database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    fill(database)
    add_answered_case(database)
    add_request(database)
    async with open_browser(settings_in(tmp_path)) as opened:
        yield opened


def last_seen(database: Database) -> list[object]:
    with database.transaction() as session:
        return list(session.scalars(select(SignIn.seen_at)))


async def test_every_page_is_read_while_another_connection_holds_the_writers_lock(
    browser: Browser, database: Database
) -> None:
    with database.engine.connect() as writer:
        for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
            # Long enough ago that its use would be noted.
            let_in(browser, database, role, ago=timedelta(minutes=5))
            writer.exec_driver_sql("BEGIN IMMEDIATE")
            for route in READ:
                access = access_of(route.handler)
                assert access is not None
                if access.permission is None or access.permission in PERMISSIONS[role]:
                    response = await browser.get(path_of(route), allow_redirects=False)
                    assert response.status in (200, 303, 404, 422, 426), name_of(route)
            writer.rollback()


async def test_use_is_noted_with_the_first_page_after_the_writer(browser: Browser, database: Database) -> None:
    let_in(browser, database, Role.CLERK, ago=timedelta(minutes=5))
    before = last_seen(database)
    with database.engine.connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        assert (await browser.get("/console/account")).status == 200
        assert last_seen(database) == before
        writer.rollback()
    await browser.get("/console/account")
    (seen_at,) = last_seen(database)
    assert isinstance(seen_at, type(utcnow()))
    assert [seen_at] > before
