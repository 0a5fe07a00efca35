"""A console to test: an application with a database of its own, and browsers that are signed in or not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.orm import Session

from bot.catalogue.models import City, Department
from bot.db import Database, utcnow
from bot.reviews import handling, service
from bot.reviews.reasons import Reason
from bot.settings import Settings
from bot.staff import accounts, sign_ins
from bot.staff.roles import Role
from bot.web.app import make_app
from tests.databases import set_up

Browser = TestClient[web.Request, web.Application]

PASSWORD = "green tea at 7"


def settings_in(folder: Path, **environ: str) -> Settings:
    """Nobody needs a second factor, unless a test names roles that do."""
    return Settings.from_environment({"VAR_DIR": str(folder), "SECOND_FACTOR_ROLES": "none", **environ})


def fill(database: Database) -> None:
    """A city, a department, and a person of each role, whose login is the role."""
    set_up(database, _with_people)


def _with_people(database: Database) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        session.add(Department(code="GA", name="公安局", short_names=[], phone="0990-1"))
        session.flush()
        add_people(session, Role, department="GA")


def add_people(session: Session, roles: Iterable[Role], *, department: str) -> None:
    """A person of each role, whose login is the role; the one of `Role.DEPARTMENT` is of this department."""
    for role in roles:
        accounts.add_person(
            session,
            login=role.value,
            name="张三",
            role=role,
            department_code=department if role == Role.DEPARTMENT else None,
            password=PASSWORD,
            who="terminal:root",
            now=utcnow(),
        )


def add_answered_case(database: Database) -> None:
    """AJ-000001, which every role that sees cases may see."""
    with database.transaction() as session:
        clerk, now = accounts.get_person(session, Role.CLERK.value), utcnow()
        lines = [{"by": "citizen", "text": "居住证在哪里办"}, {"by": "bot", "text": "没有找到答案。"}]
        case = service.open_case(session, "c1", "rest", Reason.ASKED_FOR_PERSON, lines, now)
        handling.claim(session, case, clerk, now)
        handling.pass_to_department(session, case, clerk, now, "GA")
        handling.reply(session, case, clerk, now, "到居住地派出所办。", is_final=True)


def open_browser(settings: Settings) -> AbstractAsyncContextManager[Browser]:
    return TestClient(TestServer(make_app(settings), host="127.0.0.1"))


def let_in(browser: Browser, database: Database, login: str, ago: timedelta = timedelta(0)) -> str:
    """Signs in without the sign-in pages; returns the token that proves a form."""
    with database.transaction() as session:
        now = utcnow() - ago
        token = sign_ins.begin(session, accounts.get_person(session, login), now)
        current = sign_ins.valid(session, token, now)
        assert current is not None
    browser.session.cookie_jar.update_cookies({"console_sign_in": token}, browser.make_url("/console"))
    return current.csrf_token


def form_token(html: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found, html
    return found[1]
