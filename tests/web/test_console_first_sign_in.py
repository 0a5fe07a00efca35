"""What the first sign-in asks for: a password of one's own, and the second factor of roles that need one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from bot.db import Database, utcnow
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from tests.web.console import PASSWORD, Browser, add_answered_case, fill, form_token, let_in, open_browser, settings_in
from tests.web.test_console import cookie, post, sign_in

NEW = "three red lanterns"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, SECOND_FACTOR_ROLES="supervisor,administrator")


@pytest.fixture
def database(settings: Settings) -> Database:
    return Database(settings.database_url)


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    async with open_browser(settings) as opened:
        yield opened


def hidden(page: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]+)"', page)[0]


def give_password(database: Database, login: str) -> None:
    with database.transaction() as session:
        person = accounts.get_person(session, login)
        accounts.set_password(session, person, PASSWORD + "!", who="administrator", now=utcnow(), must_change=True)


def actions(database: Database) -> list[tuple[str, str, str]]:
    with database.transaction() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action != "add_person").order_by(AuditEntry.id))
        return [(entry.who, entry.action, entry.subject) for entry in found]


async def test_a_password_that_somebody_else_made_opens_only_the_page_on_which_it_is_changed(
    browser: Browser, database: Database
) -> None:
    give_password(database, "clerk")
    status, _, page = await sign_in(browser, password=PASSWORD + "!")
    assert (status, "设自己的密码" in page, cookie(browser)) == (200, True, None)
    assert (await browser.get("/console", allow_redirects=False)).status == 303
    token, ticket, path = form_token(page), hidden(page, "ticket"), "/console/sign-in/password"
    for again, new, said in (
        ("other", NEW, "不一样"),
        ("woaini1314", "woaini1314", "容易猜"),
        (PASSWORD + "!", PASSWORD + "!", "和原来的一样"),
    ):
        status, _, page = await post(browser, path, token, ticket=ticket, password=new, again=again)
        assert (status, said in page) == (422, True)
    assert (await post(browser, path, token, ticket=ticket, password=NEW, again=NEW))[:2] == (303, "/console")
    assert (await browser.get("/console")).status == 200
    # The ticket died with the password that it was given for.
    late = await post(browser, path, token, ticket=ticket, password="five red lanterns", again="five red lanterns")
    assert late[0] in (303, 403)
    assert (await sign_in(browser, password=PASSWORD + "!"))[0] != 200


async def test_a_role_that_needs_a_second_factor_sets_it_up_before_it_signs_in(
    browser: Browser, database: Database
) -> None:
    status, _, page = await sign_in(browser, "supervisor")
    assert (status, cookie(browser)) == (200, None)
    assert "<svg" in page
    assert not re.search(r" style=| on\w+=", page)
    secret = re.findall(r"secret=([A-Z2-7]+)", page)[0]
    token, fields = form_token(page), {"ticket": hidden(page, "ticket"), "secret": hidden(page, "secret")}
    path = "/console/sign-in/second-factor"
    wrong = await post(browser, path, token, **fields, code="000000")
    assert (wrong[0], "验证码不对" in wrong[2], cookie(browser)) == (422, True, None)
    # The ticket is good for nothing else.
    for other in ("code", "password"):
        answer = await post(browser, f"/console/sign-in/{other}", token, **fields, password=NEW, again=NEW, code="0")
        assert answer[:2] == (303, "/console/sign-in")
    code = pyotp.TOTP(secret).at(utcnow() - timedelta(seconds=30))
    assert (await post(browser, path, token, **fields, code=code))[:2] == (303, "/console")
    account = await (await browser.get("/console/account")).text()
    assert "不能关闭" in account
    remove = "/console/account/second-factor/remove"
    assert (await post(browser, remove, form_token(account), current=PASSWORD))[0] == 422
    assert ("supervisor", "set_up_second_factor", "supervisor") in actions(database)
    status, _, page = await sign_in_elsewhere(browser, "supervisor")
    assert "手机验证器" in page


async def sign_in_elsewhere(browser: Browser, login: str) -> tuple[int, str, str]:
    browser.session.cookie_jar.clear()
    return await sign_in(browser, login)


async def test_a_role_that_needs_none_signs_in_by_password(browser: Browser) -> None:
    assert (await sign_in(browser, "clerk"))[:2] == (303, "/console")


async def test_a_new_role_that_needs_a_second_factor_ends_the_sign_in(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    assert (await browser.get("/console")).status == 200
    clerk = {morsel.key: morsel.value for morsel in browser.session.cookie_jar}
    token = let_in(browser, database, "administrator")
    assert (await post(browser, "/console/staff/clerk/role", token, role="supervisor"))[0] == 303
    browser.session.cookie_jar.update_cookies(clerk, browser.make_url("/console"))
    assert (await browser.get("/console", allow_redirects=False)).status == 303


async def test_whoever_leaves_with_open_cases_needs_a_successor(browser: Browser, database: Database) -> None:
    add_answered_case(database)
    token = let_in(browser, database, "administrator")
    assert "由谁接手" in await (await browser.get("/console/staff/clerk")).text()
    status, _, page = await post(browser, "/console/staff/clerk/deactivate", token)
    assert (status, "AJ-000001" in page) == (422, True)
    status, _, _ = await post(browser, "/console/staff/clerk/deactivate", token, successor="supervisor")
    assert status == 303
    assert "1 件已移交" in await (await browser.get("/console/staff/clerk")).text()


async def test_what_leaves_the_house_stands_in_the_log_even_if_a_writer_was_at_work(
    browser: Browser, database: Database
) -> None:
    let_in(browser, database, Role.SUPERVISOR)
    with database.engine.connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        assert (await browser.get("/console/disclosures/report.csv")).status == 200
        writer.rollback()
    for path in ("bulletin", "bulletin.docx", "summary.csv"):
        response = await browser.get(f"/console/figures/{path}")
        assert response.status == 200, path
    await browser.close()
    assert sorted(action for _, action, _ in actions(database)) == ["export", "export", "export", "open_bulletin"]
