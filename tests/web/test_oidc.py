"""Signing in with an identity provider, which is a process of its own (`oidc_provider.py`)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pyotp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from playwright.async_api import async_playwright, expect
from sqlalchemy import select

from bot.db import Database, utcnow
from bot.places import ROOT
from bot.running.ports import free_port
from bot.sealing import Sealer
from bot.settings import OidcSettings, Settings, SettingsError
from bot.staff import accounts, second_factor
from bot.staff.models import AuditEntry, Person, SignIn
from bot.staff.roles import Role
from bot.web.app import make_app
from bot.web.console.access import access_of
from bot.web.openid_connect import SignInRefused, id_token_claims
from tests.web.console import Browser, fill, form_token, open_browser, settings_in
from tests.web.oidc_provider import CLIENT_ID, CLIENT_SECRET, FLAWS

pytestmark = pytest.mark.machine_clock

WRONG = [
    flaw for flaw in FLAWS if flaw not in ("userinfo alone", "secret in the form", "calls itself another", "broken")
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Its issuer; of another site than the console, which is at 127.0.0.1."""
    port = free_port()
    command = [sys.executable, "-u", "-m", "tests.web.oidc_provider", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "Running on" in process.stdout.readline()
        yield f"http://localhost:{port}"
        process.terminate()


def settings_with(issuer: str, database_url: str, folder: Path) -> Settings:
    return settings_in(
        folder,
        DATABASE_URL=database_url,
        OIDC_ISSUER=issuer,
        OIDC_CLIENT_ID=CLIENT_ID,
        OIDC_CLIENT_SECRET=CLIENT_SECRET,
        OIDC_REDIRECT_URL=f"http://127.0.0.1:{free_port()}/console/oidc/back",
    )


def open_at_its_address(settings: Settings) -> AbstractAsyncContextManager[Browser]:
    """The browser keeps no cookie of one site for the other."""
    assert settings.oidc
    port = urlsplit(settings.oidc.redirect_url).port
    return TestClient(TestServer(make_app(settings), host="127.0.0.1", port=port))


@pytest.fixture
def settings(provider: str, database_url: str, tmp_path: Path) -> Settings:
    return settings_with(provider, database_url, tmp_path)


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    async with open_at_its_address(settings) as opened:
        yield opened


@pytest.fixture
async def set_flaw(provider: str) -> AsyncIterator[object]:
    async with aiohttp.ClientSession() as session:

        async def set_to(flaw: str) -> None:
            async with session.put(f"{provider}/flaw", data=flaw) as response:
                assert response.status == 204

        yield set_to
        await set_to("")


async def start(browser: Browser, to: str = "") -> str:
    """Where the provider is asked."""
    response = await browser.get("/console/oidc/start", params={"to": to}, allow_redirects=False)
    assert response.status == 303, await response.text()
    return response.headers["Location"]


async def ask_provider(url: str, name: str) -> str:
    """Where the provider sends the browser back to."""
    async with (
        aiohttp.ClientSession() as elsewhere,
        elsewhere.post(url, data={"name": name}, allow_redirects=False) as response,
    ):
        assert response.status == 303
        return response.headers["Location"]


async def come_back(browser: Browser, address: str) -> tuple[int, str]:
    """Status and page."""
    response = await browser.get(urlsplit(address)._replace(scheme="", netloc="").geturl(), allow_redirects=False)
    return response.status, await response.text()


async def sign_in(browser: Browser, name: str = "clerk", to: str = "") -> tuple[int, str]:
    return await come_back(browser, await ask_provider(await start(browser, to), name))


def log(database: Database) -> list[tuple[str, str, str]]:
    with database.transaction() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.who, entry.action, entry.why) for entry in entries if entry.action != "add_person"]


def signed_in(database: Database) -> list[str]:
    with database.transaction() as session:
        return [sign_in.person.login for sign_in in session.scalars(select(SignIn))]


async def test_without_settings_there_is_no_button_and_no_address(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    database = Database(settings.database_url)
    fill(database)
    database.close()
    async with open_browser(settings) as browser:
        assert "统一身份" not in await (await browser.get("/console/sign-in")).text()
        for path in ("/console/oidc/start", "/console/oidc/back"):
            assert (await browser.get(path)).status == 404


def test_the_addresses_are_for_everybody(settings: Settings) -> None:
    added = [
        route
        for route in make_app(settings).router.routes()
        if route.resource and route.resource.canonical.startswith("/console/oidc/")
    ]
    assert {route.resource.canonical for route in added if route.resource} == {
        "/console/oidc/start",
        "/console/oidc/back",
    }
    for route in added:
        access = access_of(route.handler)
        assert access is not None
        assert not access.signed_in


async def test_the_button_keeps_the_page_that_was_asked_for(browser: Browser) -> None:
    page = await (await browser.get("/console/account?x=1")).text()
    assert 'href="/console/oidc/start?to=%2Fconsole%2Faccount%3Fx%3D1">用统一身份登录</a>' in page


async def test_whoever_has_an_account_gets_in_with_the_role_of_the_account(
    browser: Browser, database: Database
) -> None:
    status, page = await sign_in(browser, "reviewer", to="/console/account?x=1&y=2")
    assert status == 200
    assert '<meta http-equiv="refresh" content="0;url=/console/account?x=1&amp;y=2">' in page
    home = await (await browser.get("/console")).text()
    assert "审核员" in home
    assert log(database) == [("reviewer", "pass_provider", ""), ("reviewer", "sign_in", "")]
    assert signed_in(database) == ["reviewer"]
    response = await browser.get("/console/oidc/start", allow_redirects=False)
    assert response.headers["Location"] == "/console"  # is in already


async def test_the_provider_is_asked_with_pkce_state_and_nonce_and_the_cookie_is_short_lived(
    browser: Browser, provider: str
) -> None:
    response = await browser.get("/console/oidc/start", allow_redirects=False)
    url = urlsplit(response.headers["Location"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{provider}/authorize"
    asked = parse_qs(url.query)
    assert asked["tenant"] == ["city"]  # which the provider's own address holds
    assert asked["code_challenge_method"] == ["S256"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 43
    kept = response.cookies["console_oidc"]
    assert (kept["path"], kept["httponly"], kept["samesite"], kept["max-age"]) == ("/console", True, "Lax", "600")
    assert asked["nonce"][0] not in kept.value
    again = parse_qs(urlsplit(await start(browser)).query)
    assert all(again[name] != asked[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/console\r\nX: y", "/", "\\"])
async def test_signing_in_leads_to_no_other_site(browser: Browser, to: str) -> None:
    _, page = await sign_in(browser, to=to)
    assert 'content="0;url=/console"' in page


@pytest.mark.parametrize("flaw", WRONG)
async def test_what_does_not_prove_who_it_is_is_refused_and_logged(
    browser: Browser, database: Database, set_flaw: object, flaw: str
) -> None:
    await set_flaw(flaw)  # type: ignore[operator]
    status, page = await sign_in(browser)
    assert status == 403
    assert "没有登录成功" in page
    assert [action for _, action, _ in log(database)] == ["sign_in_failed"]
    assert signed_in(database) == []
    assert (await browser.get("/console", allow_redirects=False)).status == 303


async def test_the_login_may_stand_in_userinfo_alone(browser: Browser, database: Database, set_flaw: object) -> None:
    await set_flaw("userinfo alone")  # type: ignore[operator]
    assert (await sign_in(browser))[0] == 200
    assert signed_in(database) == ["clerk"]


async def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    browser: Browser, database: Database, set_flaw: object
) -> None:
    await set_flaw("secret in the form")  # type: ignore[operator]
    assert (await sign_in(browser))[0] == 200
    assert signed_in(database) == ["clerk"]


@pytest.mark.parametrize("name", ["nobody", "Clerk", "clerk ", "王芳", "'; DROP TABLE people"])
async def test_a_person_without_an_account_is_told_so_and_none_is_made(
    browser: Browser, database: Database, name: str
) -> None:
    status, page = await sign_in(browser, name)
    assert status == 403
    assert "没有可用的账号" in page
    assert [entry[1:] for entry in log(database)] == [("sign_in_failed", "统一身份认证：没有这个账号")]
    with database.transaction() as session:
        assert len(session.scalars(select(Person)).all()) == len(Role)


async def test_a_person_who_has_left_is_refused(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        accounts.deactivate(session, accounts.get_person(session, "clerk"), who="administrator", now=utcnow())
    status, page = await sign_in(browser)
    assert status == 403
    assert "没有可用的账号" in page
    assert log(database)[-1] == ("clerk", "sign_in_failed", "统一身份认证：账号已停用")
    assert signed_in(database) == []


async def test_a_code_that_was_set_up_here_is_asked_for_all_the_same(
    browser: Browser, database: Database, settings: Settings
) -> None:
    secret, now = second_factor.new_secret(), utcnow()
    with database.transaction() as session:
        person = accounts.get_person(session, "clerk")
        second_factor.set_up(person, secret, 0, Sealer.of(settings))
    status, page = await sign_in(browser, to="/console/account")
    assert status == 200
    assert signed_in(database) == []
    ticket = re.findall(r'name="ticket" value="([^"]+)"', page)[0]
    response = await browser.post(
        "/console/sign-in/code",
        data={
            "form_token": form_token(page),
            "ticket": ticket,
            "to": "/console/account",
            "code": pyotp.TOTP(secret).at(now),
        },
        allow_redirects=False,
    )
    assert (response.status, response.headers["Location"]) == (303, "/console/account")
    assert signed_in(database) == ["clerk"]


@pytest.mark.parametrize("state", ["", "&state=", "&state=another", "&state=%FF", "&state=%E7%8A%B6"])
async def test_another_state_is_refused(browser: Browser, database: Database, state: str) -> None:
    address = await ask_provider(await start(browser), "clerk")
    code = parse_qs(urlsplit(address).query)["code"][0]
    assert (await come_back(browser, f"/console/oidc/back?code={code}{state}"))[0] == 403
    assert log(database) == [("", "sign_in_failed", "统一身份认证：another state")]
    # That was it: the right one comes too late.
    assert (await come_back(browser, address))[0] == 403
    assert signed_in(database) == []


async def test_another_browser_cannot_come_back_instead(browser: Browser, settings: Settings) -> None:
    address = await ask_provider(await start(browser), "clerk")
    browser.session.cookie_jar.clear()
    status, page = await come_back(browser, address)
    assert status == 403
    assert "不是从这个浏览器开始的" in page


async def test_an_address_that_was_used_is_worth_nothing(browser: Browser, database: Database) -> None:
    url = await start(browser)
    kept = next(morsel for morsel in browser.session.cookie_jar if morsel.key == "console_oidc").value
    address = await ask_provider(url, "clerk")
    assert (await come_back(browser, address))[0] == 200
    browser.session.cookie_jar.clear()
    browser.session.cookie_jar.update_cookies({"console_oidc": kept}, browser.make_url("/console"))
    assert (await come_back(browser, address))[0] == 403
    assert "invalid_grant" in log(database)[-1][2]
    assert signed_in(database) == ["clerk"]


async def test_whoever_takes_longer_than_ten_minutes_begins_again(browser: Browser, settings: Settings) -> None:
    address = await ask_provider(await start(browser), "clerk")
    morsel = next(morsel for morsel in browser.session.cookie_jar if morsel.key == "console_oidc")
    sealer = Sealer.of(settings)
    kept = json.loads(sealer.open(morsel.value))
    browser.session.cookie_jar.clear()
    kept["until"] = (utcnow() - timedelta(seconds=1)).isoformat()
    browser.session.cookie_jar.update_cookies(
        {"console_oidc": sealer.seal(json.dumps(kept))}, browser.make_url("/console")
    )
    status, page = await come_back(browser, address)
    assert status == 403
    assert "等得太久了" in page


@pytest.mark.parametrize("text", ["a sentence", "12", "[]", "{}", '{"oidc": 1}', '{"oidc": {}, "to": "", "until": ""}'])
async def test_what_was_sealed_for_something_else_begins_nothing(
    browser: Browser, settings: Settings, text: str
) -> None:
    for value in (Sealer.of(settings).seal(text), "forged"):
        browser.session.cookie_jar.update_cookies({"console_oidc": value}, browser.make_url("/console"))
        assert (await browser.get("/console/oidc/back?code=1&state=")).status == 403


async def test_whoever_says_no_at_the_provider_is_not_in(browser: Browser, database: Database) -> None:
    assert (await sign_in(browser, ""))[0] == 403
    assert log(database) == [("", "sign_in_failed", "统一身份认证：error 'access_denied'")]


@pytest.mark.parametrize("flaw", ["broken", "calls itself another"])
async def test_a_provider_that_is_not_well_is_said_to_be_out_of_reach(
    browser: Browser, database: Database, set_flaw: object, flaw: str
) -> None:
    address = await ask_provider(await start(browser), "clerk")
    await set_flaw(flaw)  # type: ignore[operator]
    response = await browser.get("/console/oidc/start")
    assert response.status == 503
    assert "现在连不上" in await response.text()
    status, page = await come_back(browser, address)
    assert status == 503
    assert "用登录名和密码登录" in page
    assert signed_in(database) == []


async def test_a_provider_that_is_down_is_said_to_be_out_of_reach(tmp_path: Path) -> None:
    settings = settings_with(f"http://127.0.0.1:{free_port()}", f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    database = Database(settings.database_url)
    fill(database)
    database.close()
    async with open_at_its_address(settings) as browser:
        response = await browser.get("/console/oidc/start")
        assert response.status == 503
        assert "现在连不上" in await response.text()
        assert "密码" in await (await browser.get("/console/sign-in")).text()


async def test_too_many_attempts_from_one_address_are_put_off(browser: Browser) -> None:
    statuses = {(await browser.get("/console/oidc/back")).status for _ in range(30)}
    assert statuses == {403}
    assert (await browser.get("/console/oidc/back")).status == 429
    assert (await browser.get("/console/oidc/start")).status == 429


async def test_chromium_is_let_in_although_it_comes_from_another_site(
    browser: Browser, database: Database, settings: Settings
) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on PATH: the console is not looked at")
    problems: list[str] = []
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = await started.new_page(locale="zh-CN", base_url=str(browser.make_url("/")))
        page.set_default_timeout(10_000)
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        await page.goto("/console/account")
        await page.get_by_role("link", name="用统一身份登录").click()
        await page.get_by_label("Name").fill("clerk")
        await page.get_by_role("button", name="OK").click()
        await expect(page.get_by_role("heading", level=1, name="我的账号")).to_be_visible()
        assert urlsplit(page.url).path == "/console/account"
        await page.get_by_role("button", name="退出").click()
        await expect(page.get_by_text("已退出")).to_be_visible()
        # With a code of our own, the form after the provider's page is still taken as ours.
        secret, now = second_factor.new_secret(), utcnow()
        with database.transaction() as session:
            second_factor.set_up(accounts.get_person(session, "clerk"), secret, 0, Sealer.of(settings))
        await page.get_by_role("link", name="用统一身份登录").click()
        await page.get_by_label("Name").fill("clerk")
        await page.get_by_role("button", name="OK").click()
        await page.get_by_label("6 位数字").fill(pyotp.TOTP(secret).at(now))
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("张三")
        await started.close()
    assert problems == []


KEY = RSAKey.generate_key(2048, parameters={"kid": "one"})
PROVIDER = OidcSettings("https://id.example", CLIENT_ID, CLIENT_SECRET, "https://us.example", "preferred_username")


AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def token() -> str:
    """For five minutes from `AT` on."""
    at = int(AT.timestamp())
    claims = {"iss": PROVIDER.issuer, "sub": "1", "aud": CLIENT_ID, "iat": at, "exp": at + 300, "nonce": "n"}
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)


TOKEN = token()


@pytest.mark.parametrize("seconds", [-60, 0, 359])
def test_a_token_that_is_right_is_taken_though_the_clocks_are_a_minute_apart(seconds: int) -> None:
    claims = id_token_claims(TOKEN, KeySet([KEY]), PROVIDER, "n", AT + timedelta(seconds=seconds))
    assert claims["sub"] == "1"


@pytest.mark.parametrize("seconds", [-61, 360])
def test_a_token_is_refused_before_and_after_its_time(seconds: int) -> None:
    with pytest.raises(SignInRefused):
        id_token_claims(TOKEN, KeySet([KEY]), PROVIDER, "n", AT + timedelta(seconds=seconds))


@given(st.one_of(st.none(), st.integers(), st.text(), st.tuples(st.integers(0, len(TOKEN) - 1), st.characters())))
def test_whatever_is_not_the_token_is_refused_in_order(made: object) -> None:
    given_token = made
    if isinstance(made, tuple):
        place, character = made
        # The last character of a part holds bits that mean nothing.
        if TOKEN[place] == character or TOKEN[place + 1 : place + 2] in (".", ""):
            return
        given_token = TOKEN[:place] + character + TOKEN[place + 1 :]
    with pytest.raises(SignInRefused):
        id_token_claims(given_token, KeySet([KEY]), PROVIDER, "n", AT)


FULL = {
    "OIDC_ISSUER": "https://id.example/city",
    "OIDC_CLIENT_ID": "console",
    "OIDC_CLIENT_SECRET": "secret",
    "OIDC_REDIRECT_URL": "https://city.example/console/oidc/back",
}


@pytest.mark.parametrize("missing", FULL)
def test_half_of_the_settings_is_an_error_that_names_the_rest(tmp_path: Path, missing: str) -> None:
    with pytest.raises(SettingsError, match=f"^{missing} must be set too"):
        settings_in(tmp_path, **{**FULL, missing: ""})
    others = ", ".join(name for name in FULL if name != missing)
    with pytest.raises(SettingsError, match=f"^{others} must"):
        settings_in(tmp_path, **{missing: FULL[missing]})
    with pytest.raises(SettingsError, match="OIDC_ISSUER, "):
        settings_in(tmp_path, OIDC_LOGIN_CLAIM="account")


def test_the_claim_of_the_login_can_be_set(tmp_path: Path) -> None:
    assert settings_in(tmp_path).oidc is None
    for given_claim, claim in ((None, "preferred_username"), ("account", "account")):
        oidc = settings_in(tmp_path, **FULL, **({"OIDC_LOGIN_CLAIM": given_claim} if given_claim else {})).oidc
        assert oidc
        assert oidc.login_claim == claim


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "http://id.example"),
        ("OIDC_ISSUER", "id.example"),
        ("OIDC_ISSUER", "https://"),
        ("OIDC_ISSUER", "https://[id"),
        ("OIDC_ISSUER", "https://id.example?x"),
        ("OIDC_REDIRECT_URL", "http://city.example/console/oidc/back"),
        ("OIDC_REDIRECT_URL", "https://city.example/console"),
    ],
)
def test_an_address_that_will_not_do_is_an_error(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must .*{re.escape(repr(value))}"):
        settings_in(tmp_path, **{**FULL, name: value})
