"""Citizens who sign in see what they filed, without codes; nobody needs to, and nobody is named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.citizens import service as citizens
from bot.citizens.models import CitizenMatter, CitizenSignIn
from bot.citizens.service import MatterKind
from bot.conversations import service as conversations
from bot.db import Database, utcnow
from bot.places import ROOT
from bot.reviews import service
from bot.reviews.reasons import Reason
from bot.running.ports import free_port
from bot.sealing import Sealer
from bot.settings import Settings, SettingsError
from bot.web.app import make_app
from tests.databases import set_up
from tests.notices.requests import ASKED, CODE, RECEIPT, add_request
from tests.web.console import Browser, open_browser, settings_in
from tests.web.engine import Engine
from tests.web.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.web.portal import open_page
from tests.web.test_oidc import ask_provider

pytestmark = pytest.mark.machine_clock

OTHER = "XXGK-2026-000124"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The issuer of a provider that is a process of its own, of another site than ours."""
    port = free_port()
    command = [sys.executable, "-u", "-m", "tests.web.oidc_provider", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "Running on" in process.stdout.readline()
        yield f"http://localhost:{port}"
        process.terminate()


def oidc(issuer: str) -> dict[str, str]:
    return {
        "CITIZEN_OIDC_ISSUER": issuer,
        "CITIZEN_OIDC_CLIENT_ID": CLIENT_ID,
        "CITIZEN_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "CITIZEN_OIDC_REDIRECT_URL": f"http://127.0.0.1:{free_port()}/me/back",
    }


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.answers["确认提交"] = [
        {
            "text": f"申请已经提交。\n回执号：{OTHER}",
            "custom": {"kind": "filing", "step": 9, "of": 9, "receipt": OTHER},
            "turn": {"outcome": "filed"},
        }
    ]
    return made


@pytest.fixture
async def settings(provider: str, engine: Engine, tmp_path: Path) -> AsyncIterator[Settings]:
    async with engine.serving() as port:
        environ = {**oidc(provider), "ENGINE_PORT": port, "IDENTITY_KEY": os.environ["IDENTITY_KEY"]}
        yield settings_in(tmp_path, **environ)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    made = Database(settings.database_url)
    set_up(made)
    for receipt in (RECEIPT, OTHER):
        add_request(made, receipt=receipt)
    yield made
    made.close()


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    assert settings.citizen_oidc
    port = urlsplit(settings.citizen_oidc.redirect_url).port
    async with TestClient(TestServer(make_app(settings), host="127.0.0.1", port=port)) as opened:
        yield opened


async def sign_in(browser: Browser, name: str = "王小明") -> None:
    begun = await browser.get("/me/sign-in", allow_redirects=False)
    assert begun.status == 303
    back = await ask_provider(begun.headers["Location"], name)
    response = await browser.get(urlsplit(back)._replace(scheme="", netloc="").geturl(), allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/me")
    cookie = response.cookies["citizen"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


async def my_page(browser: Browser) -> str:
    response = await browser.get("/me")
    assert response.headers["Cache-Control"] == "no-store"
    return await response.text()


async def test_without_the_setting_no_page_says_a_word_of_it(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    made = Database(settings.database_url)
    set_up(made)
    add_request(made)
    made.close()
    async with open_browser(settings) as browser:
        for path in ("/", "/talk", "/answers", "/privacy"):
            html = await (await browser.get(path)).text()
            assert "/me" not in re.sub(r"/me[a-z.]+", "", html)
            assert "登录" not in html
            assert "“我的”" not in html
        for path in ("/me", "/me/sign-in", "/me/back"):
            assert (await browser.get(path)).status == 404


async def test_who_is_not_signed_in_is_told_that_nobody_needs_it(browser: Browser) -> None:
    html = await my_page(browser)
    assert "不登录也能办所有的事" in html
    assert 'href="/me/sign-in"' in html
    assert 'href="/me"' in await (await browser.get("/")).text()


async def test_what_is_filed_in_the_chat_is_theirs_without_a_code(browser: Browser) -> None:
    await sign_in(browser)
    async with open_page(browser) as page:
        await page.say("1", "确认提交")
        await page.receive("answer")
    html = await my_page(browser)
    assert OTHER in html
    assert ASKED in html
    assert html.count(RECEIPT) == html.count(f'placeholder="{RECEIPT}"')
    papers = await (await browser.post("/me/request", data={"receipt": OTHER})).text()
    assert "撤回这件申请" in papers
    assert (await browser.post("/me/request", data={"receipt": RECEIPT})).status == 403


async def test_without_a_sign_in_nothing_is_linked(browser: Browser, database: Database) -> None:
    async with open_page(browser) as page:
        await page.say("1", "确认提交")
        await page.receive("answer")
    with database.transaction() as session:
        assert session.scalars(select(CitizenMatter)).all() == []


async def test_complaints_and_corrections_are_theirs_too(browser: Browser) -> None:
    await sign_in(browser)
    form = {"department": "SL", "kind": "not_answered", "receipt": "", "words": "一直没有答复", "contact": ""}
    filed = await (await browser.post("/disclosure/complain", data=form)).text()
    number = re.search(r"TS-\d{4}-\d{6}", filed)
    assert number
    html = await my_page(browser)
    assert number[0] in html
    assert "一直没有答复" in html


async def test_a_public_letter_is_theirs_too_and_an_older_one_is_added_by_its_code(browser: Browser) -> None:
    form = {"kind": "complaint", "title": "路灯不亮", "words": "和园路的路灯三天没有亮了", "sure": "1"}
    before = await (await browser.post("/voices/write", data=form)).text()
    number, code = re.search(r"AJ-\d{6}", before), re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", before)
    assert number
    assert code
    await sign_in(browser)
    added = await browser.post("/me/add", data={"number": number[0], "query_code": code[0]})
    assert number[0] in await added.text()
    await browser.post("/voices/write", data={**form, "title": "井盖坏了", "words": "安澜路的井盖坏了两天"})
    html = await my_page(browser)
    assert "路灯三天没有亮了" in html
    assert "井盖坏了两天" in html


async def test_what_was_filed_before_is_added_by_its_code(browser: Browser) -> None:
    await sign_in(browser)
    wrong = await browser.post("/me/add", data={"number": RECEIPT, "query_code": "AAAA-2222"})
    assert wrong.status == 403
    assert "对不上" in await wrong.text()
    right = await browser.post("/me/add", data={"number": RECEIPT, "query_code": CODE})
    assert ASKED in await right.text()


async def test_a_case_shows_what_staff_said(browser: Browser, database: Database, settings: Settings) -> None:
    await sign_in(browser)
    now = utcnow()
    with database.transaction() as session:
        (found,) = session.scalars(select(CitizenSignIn))
        conversation = conversations.open_conversation(session, "c1", "portal", now)
        case = service.open_case(session, conversation.id, "portal", Reason.ASKED_FOR_PERSON, [], now, "路灯坏了")
        citizens.add_matter(session, found.subject, MatterKind.CASE, case.number, now)
    html = await my_page(browser)
    assert "路灯坏了" in html
    assert "已登记，等工作人员接手" in html


async def test_another_citizen_sees_nothing_of_it(browser: Browser) -> None:
    await sign_in(browser)
    await browser.post("/me/add", data={"number": RECEIPT, "query_code": CODE})
    await sign_in(browser, "李小红")
    assert ASKED not in await my_page(browser)
    assert (await browser.post("/me/request", data={"receipt": RECEIPT})).status == 403


async def test_each_sign_in_has_a_new_token_and_the_old_one_is_worth_nothing(
    browser: Browser, database: Database
) -> None:
    tokens = []
    for _ in range(2):
        await sign_in(browser)
        tokens.append(browser.session.cookie_jar.filter_cookies(browser.make_url("/"))["citizen"].value)
    with database.transaction() as session:
        assert [citizens.signed_in(session, token, utcnow()) is None for token in tokens] == [True, False]


async def test_neither_name_nor_token_lies_in_the_database(browser: Browser, database: Database) -> None:
    await sign_in(browser, "王小明")
    token = browser.session.cookie_jar.filter_cookies(browser.make_url("/"))["citizen"].value
    with database.transaction() as session:
        (found,) = session.scalars(select(CitizenSignIn))
        assert "王小明" not in found.subject
        assert len(found.subject) == 64
        assert found.token_hash != token


async def test_signing_out_ends_it_and_another_site_cannot(browser: Browser) -> None:
    await sign_in(browser)
    await browser.post("/me/sign-out", headers={"Origin": "https://evil.example"}, allow_redirects=False)
    assert "您已经登录" in await my_page(browser)
    await browser.post("/me/sign-out")
    assert "您已经登录" not in await my_page(browser)


async def test_the_list_is_deleted_at_their_wish_and_the_matters_stay(browser: Browser, database: Database) -> None:
    await sign_in(browser)
    await browser.post("/me/add", data={"number": RECEIPT, "query_code": CODE})
    await browser.post("/me/forget")
    with database.transaction() as session:
        assert session.scalars(select(CitizenMatter)).all() == []
        assert session.scalars(select(CitizenSignIn)).all() == []
    assert (await browser.post("/answers", data={"receipt": RECEIPT, "query_code": CODE})).status == 200


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied"])
async def test_who_comes_back_with_a_wrong_proof_is_not_let_in(browser: Browser, query: str) -> None:
    begun = await browser.get("/me/sign-in", allow_redirects=False)
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid"]
    response = await browser.get(f"/me/back{query}")
    assert response.status == 403
    assert "citizen" not in response.cookies
    assert "请重新登录" in await response.text()


async def test_a_code_cannot_be_used_in_another_browser(browser: Browser) -> None:
    begun = await browser.get("/me/sign-in", allow_redirects=False)
    back = await ask_provider(begun.headers["Location"], "王小明")
    browser.session.cookie_jar.clear()
    response = await browser.get(urlsplit(back)._replace(scheme="", netloc="").geturl(), allow_redirects=False)
    assert response.status == 403


def test_a_session_ends_after_half_an_hour_of_silence_and_after_four_hours(database: Database) -> None:
    now = utcnow()
    with database.transaction() as session:
        token = citizens.begin(session, "subject", now)
        assert citizens.signed_in(session, token, now + citizens.IDLE + timedelta(seconds=1)) is None
        for minutes in range(20, 241, 20):
            assert citizens.signed_in(session, token, now + timedelta(minutes=minutes)) == "subject"
        assert citizens.signed_in(session, token, now + citizens.AT_MOST + timedelta(seconds=1)) is None


def test_the_pseudonym_hangs_on_the_key_and_on_the_issuer() -> None:
    one, other = (Sealer(key * 43 + b"=") for key in (b"A", b"E"))
    found = {citizens.subject_of(sealer, issuer, "1") for sealer in (one, other) for issuer in ("a", "b")}
    assert len(found) == 4


def test_the_address_to_come_back_to_has_to_be_ours() -> None:
    with pytest.raises(SettingsError, match="must end in /me/back"):
        Settings.from_environment({**oidc("https://id.example"), "CITIZEN_OIDC_REDIRECT_URL": "https://x.example/"})
