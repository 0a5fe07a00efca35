"""The console's frame, and the pages for signing in, accounts and the log."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from http.cookies import Morsel

import pyotp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.db import Database, utcnow
from bot.sealing import Sealer
from bot.settings import Settings
from bot.staff import accounts, second_factor
from bot.staff.models import AuditEntry, SignIn
from bot.web.app import make_app
from tests.web.console import PASSWORD, Browser, fill, form_token, let_in, open_browser, settings_in


@pytest.fixture
def settings(database_url: str, tmp_path: object) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url)  # type: ignore[arg-type]


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    async with open_browser(settings) as opened:
        yield opened


async def sign_in(
    browser: Browser, login: str = "clerk", password: str = PASSWORD, to: str = "", **headers: str
) -> tuple[int, str, str]:
    """Returns the status, the redirect target, and the page."""
    form = await (await browser.get("/console/sign-in", params={"to": to})).text()
    response = await browser.post(
        "/console/sign-in",
        data={"form_token": form_token(form), "login": login, "password": password, "to": to},
        headers=headers,
        allow_redirects=False,
    )
    return response.status, response.headers.get("Location", ""), await response.text()


async def post(browser: Browser, path: str, token: str, **fields: str) -> tuple[int, str, str]:
    response = await browser.post(path, data={"form_token": token, **fields}, allow_redirects=False)
    return response.status, response.headers.get("Location", ""), await response.text()


def log(database: Database) -> list[tuple[str, str, str]]:
    with database.transaction() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.who, entry.action, entry.subject) for entry in entries if entry.action != "add_person"]


def cookie(browser: Browser, name: str = "console_sign_in") -> Morsel[str] | None:
    return next((morsel for morsel in browser.session.cookie_jar if morsel.key == name), None)


async def test_a_person_signs_in_sees_the_first_page_and_signs_out(browser: Browser, database: Database) -> None:
    assert (await sign_in(browser))[:2] == (303, "/console")
    home = await (await browser.get("/console")).text()
    assert "张三" in home
    assert "受理员" in home
    assert "/console/staff" not in home
    assert (await post(browser, "/console/sign-out", form_token(home)))[:2] == (303, "/console/sign-in")
    page = await (await browser.get("/console")).text()
    assert "已退出" in page
    assert 'name="password"' in page
    assert log(database) == [("clerk", "sign_in", "127.0.0.1"), ("clerk", "sign_out", "127.0.0.1")]
    with database.transaction() as session:
        assert session.scalars(select(SignIn)).all() == []


async def test_a_sentence_for_the_next_page_is_shown_once(browser: Browser) -> None:
    await sign_in(browser)
    await post(browser, "/console/sign-out", form_token(await (await browser.get("/console")).text()))
    assert "已退出" in await (await browser.get("/console/sign-in")).text()
    assert "已退出" not in await (await browser.get("/console/sign-in")).text()
    browser.session.cookie_jar.update_cookies({"console_flash": "forged"}, browser.make_url("/console"))
    assert "forged" not in await (await browser.get("/console/sign-in")).text()


async def test_the_page_that_was_asked_for_comes_after_signing_in(browser: Browser) -> None:
    response = await browser.get("/console/account?x=1", allow_redirects=False)
    assert response.headers["Location"] == "/console/sign-in?to=%2Fconsole%2Faccount%3Fx%3D1"
    assert (await sign_in(browser, to="/console/account?x=1"))[1] == "/console/account?x=1"


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/console\r\nX: y", "/", "/consoles", "\\"])
async def test_signing_in_leads_to_no_other_site(browser: Browser, to: str) -> None:
    assert (await sign_in(browser, to=to))[:2] == (303, "/console")


async def test_a_refusal_says_the_same_whether_or_not_the_login_exists(browser: Browser, database: Database) -> None:
    answers = set()
    for login in ("clerk", "nobody"):
        for _ in range(6):
            status, _, page = await sign_in(browser, login, "wrong")
            answers.add((status, re.findall(r'role="alert">(.*?)<', page)[0]))
    status, _, page = await sign_in(browser, "clerk", PASSWORD)  # in a pause by now
    answers.add((status, re.findall(r'role="alert">(.*?)<', page)[0]))
    assert len(answers) == 1
    assert "1 分钟才能再试" in page
    assert cookie(browser) is None
    assert len(log(database)) == 13


async def test_too_many_attempts_from_one_address_are_put_off(browser: Browser) -> None:
    token = form_token(await (await browser.get("/console/sign-in")).text())
    statuses = [(await post(browser, "/console/sign-in", token))[0] for _ in range(31)]
    assert statuses == [422] * 30 + [429]


async def test_the_cookie_is_for_the_console_alone_and_out_of_reach_of_scripts(browser: Browser) -> None:
    await sign_in(browser)
    kept = cookie(browser)
    assert kept is not None
    assert (kept["path"], kept["httponly"], kept["samesite"], kept["secure"]) == ("/console", True, "Strict", "")
    assert cookie(browser, "console_form") is None


@pytest.mark.parametrize(
    ("proxies", "said", "secure"),
    [
        (0, "https", False),
        (1, "https", True),
        (1, "http", False),
        (1, "https, http", False),
        (2, "https, http", True),
        (2, "https", True),
        (1, "", False),
    ],
)
async def test_the_cookie_is_secure_when_our_own_proxy_says_https(
    database: Database, database_url: str, tmp_path: object, proxies: int, said: str, secure: bool
) -> None:
    fill(database)
    settings = settings_in(tmp_path, DATABASE_URL=database_url, PROXY_COUNT=str(proxies))  # type: ignore[arg-type]
    async with open_browser(settings) as browser:
        form = await browser.get("/console/sign-in")
        response = await browser.post(
            "/console/sign-in",
            data={"form_token": form_token(await form.text()), "login": "clerk", "password": PASSWORD},
            headers={"X-Forwarded-Proto": said},
            allow_redirects=False,
        )
    assert response.status == 303
    assert bool(response.cookies["console_sign_in"]["secure"]) is secure


@pytest.mark.parametrize("ago", [timedelta(minutes=31), timedelta(hours=13)])
async def test_a_sign_in_that_has_run_out_leads_to_the_sign_in_page(
    browser: Browser, database: Database, ago: timedelta
) -> None:
    let_in(browser, database, "clerk", ago)
    assert (await browser.get("/console", allow_redirects=False)).status == 303


async def test_a_script_without_a_sign_in_gets_401_and_no_page_to_sign_in(browser: Browser) -> None:
    for mode, status in (("cors", 401), ("websocket", 401), ("navigate", 303)):
        response = await browser.get("/console", headers={"Sec-Fetch-Mode": mode}, allow_redirects=False)
        assert response.status == status


async def test_every_page_has_the_strict_policy_and_is_not_kept(browser: Browser, database: Database) -> None:
    let_in(browser, database, "administrator")
    for path in ("/console", "/console/sign-in", "/console/nowhere", "/console/staff", "/console/audit"):
        response = await browser.get(path, allow_redirects=False)
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?! type=\"module\" src=)|<style| style=| on\w+=", await response.text())
    assert "frame-ancestors 'self'" in (await browser.get("/")).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/console/nowhere", 404),
        ("GET", "/console/staff/nobody", 404),
        ("GET", "/console/staff/%00", 400),
        ("GET", "/console/audit?who=%00", 400),
        ("DELETE", "/console", 405),
    ],
)
async def test_errors_are_pages_in_chinese(
    browser: Browser, database: Database, method: str, path: str, status: int
) -> None:
    let_in(browser, database, "administrator")
    response = await browser.request(method, path)
    assert response.status == status
    assert response.content_type == "text/html"
    assert "打不开这一页" in await response.text()


async def test_a_failure_is_a_page_without_its_cause(
    browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret cause")

    let_in(browser, database, "administrator")
    monkeypatch.setattr("bot.web.console.staff._people_and_departments", fail)
    response = await browser.get("/console/staff")
    assert response.status == 500
    assert "请稍后再试" in await response.text()
    assert "secret" not in await response.text()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"\xff\xfe=%ff", "application/x-www-form-urlencoded", 400),
        (b"a=b", "application/x-www-form-urlencoded; charset=klingon", 400),
        (b"nonsense", "multipart/form-data; boundary=x", 400),
        (b"nonsense", "multipart/form-data", 400),
        (b"form_token=" + b"x" * 100_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 403),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    browser: Browser, body: bytes, content_type: str, status: int
) -> None:
    response = await browser.post("/console/sign-in", data=body, headers={"Content-Type": content_type})
    assert response.status == status


async def test_a_route_that_does_not_say_whom_it_is_for_is_reached_by_nobody(
    settings: Settings, database: Database
) -> None:
    async def undeclared(_: web.Request) -> web.Response:
        return web.Response(text="here")

    fill(database)
    app = make_app(settings)
    app.router.add_get("/console/undeclared", undeclared)
    async with TestClient(TestServer(app, host="127.0.0.1")) as browser:
        let_in(browser, database, "supervisor")
        assert (await browser.get("/console/undeclared")).status == 403


async def test_the_second_factor_is_set_up_asked_for_and_removed(
    browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = second_factor.new_secret()
    monkeypatch.setattr("bot.web.console.account.second_factor.new_secret", lambda: secret)
    totp, now = pyotp.TOTP(secret), utcnow()
    await sign_in(browser)
    page = await (await browser.get("/console/account/second-factor")).text()
    assert "otpauth://totp/" in page
    sealed = re.findall(r'name="secret" value="([^"]+)"', page)[0]
    assert secret not in sealed
    token = form_token(page)
    wrong = await post(browser, "/console/account/second-factor", token, secret=sealed, code="000000")
    assert (wrong[0], "验证码不对" in wrong[2]) == (422, True)
    forged = await post(browser, "/console/account/second-factor", token, secret="forged", code="000000")
    assert forged[:2] == (303, "/console/account/second-factor")
    right = await post(
        browser,
        "/console/account/second-factor",
        token,
        secret=sealed,
        code=totp.at(now - timedelta(seconds=30)),  # so that the code of now is still unused
    )
    assert right[:2] == (303, "/console/account")
    await post(browser, "/console/sign-out", token)

    status, _, page = await sign_in(browser)
    assert (status, cookie(browser)) == (200, None)
    token, ticket = form_token(page), re.findall(r'name="ticket" value="([^"]+)"', page)[0]
    wrong = await post(browser, "/console/sign-in/code", token, ticket=ticket, code="000000")
    assert (wrong[0], "验证码不对" in wrong[2]) == (422, True)
    late = await post(browser, "/console/sign-in/code", token, ticket="old", code=totp.at(now))
    assert late[:2] == (303, "/console/sign-in")
    assert cookie(browser) is None
    right = await post(browser, "/console/sign-in/code", token, ticket=ticket, code=totp.at(now))
    assert right[:2] == (303, "/console")

    account = await (await browser.get("/console/account")).text()
    remove = "/console/account/second-factor/remove"
    assert (await post(browser, remove, form_token(account), current="wrong"))[0] == 422
    assert (await post(browser, remove, form_token(account), current=PASSWORD))[0] == 303
    assert [action for _, action, _ in log(database)] == [
        "sign_in",
        "set_up_second_factor",
        "sign_out",
        "sign_in_failed",
        "sign_in",
        "sign_in_failed",
        "remove_second_factor",
    ]


async def test_a_second_factor_sealed_with_another_key_is_said_to_be_so(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        sealer = Sealer(Fernet.generate_key())
        second_factor.set_up(accounts.get_person(session, "clerk"), second_factor.new_secret(), 0, sealer)
    _, _, page = await sign_in(browser)
    ticket = re.findall(r'name="ticket" value="([^"]+)"', page)[0]
    status, _, page = await post(browser, "/console/sign-in/code", form_token(page), ticket=ticket, code="000000")
    assert (status, "换过密钥" in page) == (422, True)


async def test_a_password_is_changed_by_who_knows_it_and_all_browsers_sign_in_again(
    browser: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(browser, database, "clerk")
    async with open_browser(settings) as other:
        let_in(other, database, "clerk")
        for current, new, again, said in (
            ("wrong", "another tea 8", "another tea 8", "现在的密码不对"),
            (PASSWORD, "another tea 8", "another tea 9", "不一样"),
            (PASSWORD, "short", "short", "至少 10 位"),
        ):
            status, _, page = await post(
                browser, "/console/account/password", token, current=current, password=new, again=again
            )
            assert (status, said in page) == (422, True)
        fields = {"current": PASSWORD, "password": "another tea 8", "again": "another tea 8"}
        assert (await post(browser, "/console/account/password", token, **fields))[:2] == (303, "/console/sign-in")
        for each in (browser, other):
            assert (await each.get("/console", allow_redirects=False)).status == 303
    assert (await sign_in(browser, password=PASSWORD))[0] == 422
    assert (await sign_in(browser, password="another tea 8"))[0] == 303


async def test_an_administrator_adds_a_person_whose_password_is_shown_once(
    browser: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(browser, database, "administrator")
    fields = {"login": "li", "name": "李四", "role": "department", "department": "GA"}
    status, _, page = await post(browser, "/console/staff", token, **fields)
    assert status == 200
    password = re.findall(r'class="secret"[^>]*>([^<]+)<', page)[0]
    assert ("administrator", "add_person", "li") in {
        (entry.who, entry.action, entry.subject) for entry in entries(database)
    }
    for path in ("/console/staff", "/console/staff/li"):
        page = await (await browser.get(path)).text()
        assert "李四" in page
        assert password not in page
    async with open_browser(settings) as other:
        status, _, page = await sign_in(other, "li", password)
        assert (status, "设自己的密码" in page) == (200, True)


def entries(database: Database) -> list[AuditEntry]:
    with database.transaction() as session:
        return list(session.scalars(select(AuditEntry)))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"login": "clerk", "name": "李四", "role": "clerk"}, "已经有人用了"),
        ({"login": "李四", "name": "李四", "role": "clerk"}, "登录名要有"),
        ({"login": "li", "name": " ", "role": "clerk"}, "姓名要填"),
        ({"login": "li", "name": "李四", "role": "king"}, "请选角色"),
        ({"login": "li", "name": "李四", "role": "department"}, "要选部门"),
        ({"login": "li", "name": "<b>\0", "role": "king"}, "&lt;b&gt;"),
    ],
)
async def test_what_is_wrong_with_a_new_account_is_said_and_what_was_typed_is_kept(
    browser: Browser, database: Database, fields: dict[str, str], said: str
) -> None:
    token = let_in(browser, database, "administrator")
    status, _, page = await post(browser, "/console/staff", token, **fields)
    assert status == 422
    assert said in page
    assert f'value="{fields["login"]}"' in page


async def test_an_administrator_changes_roles_resets_passwords_and_closes_accounts(
    browser: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(browser, database, "administrator")
    async with open_browser(settings) as clerk:
        let_in(clerk, database, "clerk")
        assert (await clerk.get("/console/audit")).status == 403
        assert (await post(browser, "/console/staff/clerk/role", token, role="supervisor"))[0] == 303
        assert (await clerk.get("/console/audit")).status == 200
        assert (await post(browser, "/console/staff/clerk/deactivate", token))[0] == 303
        assert (await clerk.get("/console", allow_redirects=False)).status == 303
        assert (await sign_in(clerk))[0] == 422
        assert (await post(browser, "/console/staff/clerk/reactivate", token))[0] == 303
        status, _, page = await post(browser, "/console/staff/clerk/password", token)
        assert status == 200
        assert (await sign_in(clerk))[0] == 422
        assert (await sign_in(clerk, password=re.findall(r'class="secret"[^>]*>([^<]+)<', page)[0]))[0] == 200
        assert (await post(browser, "/console/staff/clerk/second-factor/remove", token))[0] == 303
    assert [(who, action) for who, action, _ in log(database) if who == "administrator"] == [
        ("administrator", "change_role"),
        ("administrator", "deactivate_person"),
        ("administrator", "reactivate_person"),
        ("administrator", "reset_password"),
        ("administrator", "remove_second_factor"),
    ]


@pytest.mark.parametrize("act", ["role", "password", "second-factor/remove", "deactivate"])
async def test_administrators_do_not_do_so_to_themselves(browser: Browser, database: Database, act: str) -> None:
    token = let_in(browser, database, "administrator")
    assert (await post(browser, f"/console/staff/administrator/{act}", token, role="supervisor"))[0] == 422


async def test_the_log_is_searched_and_paged(browser: Browser, database: Database) -> None:
    let_in(browser, database, "administrator")
    with database.transaction() as session:
        for number in range(60):
            accounts.audit.record(
                session, who="clerk", action="unmask", subject=f"AJ-{number:06}", why="<核对>", at=utcnow()
            )
    first = await (await browser.get("/console/audit", params={"who": "clerk", "action": "unmask"})).text()
    assert "共 60 条" in first
    assert "&lt;核对&gt;" in first
    assert first.count("<tr>") == 51
    following = re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
    second = await (await browser.get(following)).text()
    assert second.count("<tr>") == 11
    assert "AJ-000000" in second
    for params, count in (
        ({"subject": "AJ-000007"}, 1),
        ({"since": "2999-01-01"}, 0),
        ({"until": "2001-01-01"}, 0),
        ({"since": "0001-01-01", "until": "9999-12-31", "page": "x", "action": "unmask"}, 60),
    ):
        page = await (await browser.get("/console/audit", params=params)).text()
        assert f"共 {count} 条" in page


async def test_a_cookie_of_stray_bytes_is_no_sign_in(browser: Browser) -> None:
    header = "console_sign_in=\udcff; console_form=\udcff; console_flash=\udcff"
    response = await browser.get("/console/sign-in", headers={"Cookie": header})
    assert response.status == 200
