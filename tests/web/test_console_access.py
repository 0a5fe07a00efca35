"""Each route of the console for each role, as the table of permissions says. New routes are included by themselves."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import hdrs, web

from bot.db import Database
from bot.staff.roles import PERMISSIONS, Role
from bot.web.app import make_app
from bot.web.console.access import access_of
from bot.web.console.frame import is_console
from bot.web.keys import DATABASE
from tests.web.console import Browser, fill, let_in, open_browser, settings_in

# A value for each parameter in a path. It need not exist: then those who may come get 404.
SAMPLES: dict[str, str] = {
    "login": "clerk",
    "number": "AJ-000001",
    "message_id": "1",
    "training_id": "1",
    "receipt": "XXGK-2026-000001",
    "format": "csv",
    "code": "GA-001",
    "document_id": "1",
    "citation_id": "1",
    "notice_id": "1",
    "file_id": "1",
    "contest_id": "1",
    "year": "2025",
    "information_id": "1",
    "task_id": "1",
    "proposal_id": "1",
    "interview_id": "1",
    "question_id": "1",
    "step": "change",
    "change_id": "1",
    "act": "repeal",
    "gap_id": "1",
}
WHO = [None, *Role]


def console_routes() -> list[web.AbstractRoute]:
    app = make_app(settings_in(Path(tempfile.gettempdir())))
    routes = [
        route for route in app.router.routes() if route.resource is not None and is_console(route.resource.canonical)
    ]
    return [route for route in routes if route.method != hdrs.METH_HEAD]


def name_of(value: object) -> str:
    if isinstance(value, web.AbstractRoute):
        assert value.resource is not None
        return f"{value.method} {value.resource.canonical}"
    return str(value or "nobody")


ROUTES = console_routes()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("console")
    database = Database(settings_in(folder).database_url)
    fill(database)
    database.close()
    return folder


@pytest.fixture
async def browser(filled: Path, tmp_path: Path) -> AsyncIterator[Browser]:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    async with open_browser(settings_in(tmp_path)) as opened:
        yield opened


@pytest.fixture
def sign_in(browser: Browser) -> Callable[[Role | None], str]:
    def as_role(role: Role | None) -> str:
        assert browser.app is not None
        return let_in(browser, browser.app[DATABASE], role.value) if role else ""

    return as_role


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_route_says_whom_it_is_for(route: web.AbstractRoute) -> None:
    assert access_of(route.handler) is not None


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
async def test_a_route_is_reached_by_those_whose_role_has_its_permission(
    browser: Browser, sign_in: Callable[[Role | None], str], route: web.AbstractRoute
) -> None:
    # Nobody comes first, before there are cookies.
    for role in WHO:
        await ask_as(browser, route, role, sign_in(role))


async def ask_as(browser: Browser, route: web.AbstractRoute, role: Role | None, token: str) -> None:
    access = access_of(route.handler)
    assert access is not None
    response = await browser.request(
        route.method,
        path_of(route),
        headers={"X-CSRF-Token": token} if role else {},
        allow_redirects=False,
    )
    location = response.headers.get("Location", "")
    if role is None and access.signed_in:
        assert response.status == 303
        assert location.startswith("/console/sign-in?to=")
    elif role is None and route.method != hdrs.METH_GET:
        assert response.status == 403  # without a form of ours
    elif role and access.permission and access.permission not in PERMISSIONS[role]:
        assert response.status == 403, role
        assert "权限" in await response.text()
    else:
        assert response.status in (200, 303, 400, 404, 409, 422, 426), role
        assert not location.startswith("/console/sign-in?to="), role
        if route.method == hdrs.METH_GET and "{" not in name_of(route):
            assert response.status in (200, 303, 426), role


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method != hdrs.METH_GET], ids=name_of)
async def test_nothing_is_changed_without_the_token_of_the_sign_in(
    browser: Browser, sign_in: Callable[[Role | None], str], route: web.AbstractRoute
) -> None:
    access = access_of(route.handler)
    assert access is not None
    role = next(role for role in Role if access.permission is None or access.permission in PERMISSIONS[role])
    sign_in(role)
    for data in ({}, {"form_token": ""}, {"form_token": "x" * 43}):
        response = await browser.request(route.method, path_of(route), data=data, allow_redirects=False)
        assert response.status == 403, data
        assert "刷新" in await response.text()


def path_of(route: web.AbstractRoute) -> str:
    assert route.resource is not None
    path = route.resource.canonical
    missing = set(re.findall(r"{(\w+)[^}]*}", path)) - set(SAMPLES)
    assert not missing, f"give {missing} a value in SAMPLES"
    return re.sub(r"{(\w+)[^}]*}", lambda found: SAMPLES[found[1]], path)
