"""A sheet that another system exported, uploaded in the console: its columns are named, it is tried, and confirmed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiohttp import FormData
from sqlalchemy import select

from bot.catalogue.implementation_list import NAMES
from bot.catalogue.models import City, Item
from bot.column_maps import read_map
from bot.db import Database, utcnow
from bot.disclosures.models import Request
from bot.running.sample_city import load_sample_city
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from tests.catalogue.test_implementation_list import CODE, OTHER, ROW, export
from tests.databases import set_up
from tests.disclosures.test_register_list import OPEN, register
from tests.web.console import PASSWORD, Browser, let_in, open_browser, settings_in
from tests.web.test_console_desk import approve_all, get, logged, upload

ITEMS = "/console/catalogue/import"
REGISTER = "/console/disclosures/import"


class _Form(HTMLParser):
    """The fields of the form with the map, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select, self._chosen, self._inside = "", False, False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside = self._inside or given.get("id") == "map"
        if not self._inside:
            return
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.fields[given["name"]] = given.get("value", "")
        if tag == "select":
            self._select, self.fields[given["name"]] = given["name"], ""
        self._chosen = tag == "option" and "selected" in given

    def handle_data(self, data: str) -> None:
        if self._chosen:
            self.fields[self._select] = data

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"
        self._chosen = False


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "var", DATABASE_URL=database_url)


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    """A city with a catalogue of its own."""
    set_up(database, load_sample_city)
    with database.transaction() as session:
        session.get_one(City, "云河市").is_sample = False
        for role, department in (
            (Role.REVIEWER, None),
            (Role.SUPERVISOR, None),
            (Role.CLERK, None),
            (Role.DEPARTMENT, "GA"),
        ):
            accounts.add_person(
                session,
                login=role.value,
                name="张三",
                role=role,
                department_code=department,
                password=PASSWORD,
                who="terminal:root",
                now=utcnow(),
            )
    async with open_browser(settings) as opened:
        yield opened


async def step(browser: Browser, token: str, path: str, fields: dict[str, str]) -> tuple[int, str]:
    data = FormData({**fields, "form_token": token}, default_to_multipart=True)
    response = await browser.post(f"{path}/sheet", data=data)
    return (response.history[0].status if response.history else response.status), await response.text()


def column(ours: str) -> str:
    """The field in which the column of the file is chosen for ours."""
    return f"column-{list(NAMES).index(ours)}"


def lists(settings: Settings) -> list[Path]:
    return list(settings.column_maps_path.glob("*.yml"))


async def test_a_list_is_tried_confirmed_and_its_map_is_remembered(
    browser: Browser, database: Database, settings: Settings, tmp_path: Path
) -> None:
    token = let_in(browser, database, "reviewer")
    assert ITEMS in await get(browser, "/console/catalogue")
    content = export(tmp_path / "a.xlsx", {**ROW, "承诺办结时限单位": "自然日"}, OTHER).read_bytes()
    status, page = await upload(browser, token, ITEMS, "file", {"实施清单.xlsx": content})
    assert status == 200, page
    fields = _Form(page).fields
    assert (fields[column("事项编码")], fields[column("实施部门")]) == ("实施编码", "实施主体")
    assert fields[f"keep-{list(ROW).index('通办范围')}"] == "1"
    assert "请人核准" not in page
    status, page = await step(browser, token, ITEMS, {**fields, "act": "check"})
    assert status == 200, page
    assert "<dt>新增</dt><dd>2 项</dd>" in page
    assert "居民身份证换领" in page
    with database.transaction() as session:
        before = {item.name for item in session.scalars(select(Item).where(Item.department_code == "GA"))}
        assert session.get(Item, CODE) is None
    assert f"<dt>移除</dt><dd>{len(before)} 项</dd>" in page
    assert lists(settings) == []
    fields = {**_Form(page).fields, "act": "store"}
    status, page = await step(browser, token, ITEMS, fields)
    assert (status, "请写明为什么改" in page) == (200, True)
    status, page = await step(browser, token, ITEMS, {**fields, "why": "省里的新清单"})
    assert status == 303, page
    assert "别人核准以后才生效" in page
    assert f"{len(before)} 项：" in page
    with database.transaction() as session:
        assert session.get(Item, CODE) is None
    approve_all(database, settings)
    with database.transaction() as session:
        assert str(session.get_one(Item, CODE).promised) == "20个自然日"
    assert [(who, name) for who, name, _ in logged(database, "import_catalogue")] == [("reviewer", "实施清单.xlsx")]
    assert settings.lexicon_path.exists()
    (remembered,) = lists(settings)
    assert read_map(remembered).columns["事项编码"] == "实施编码"
    status, page = await upload(browser, token, ITEMS, "file", {"实施清单.xlsx": content})
    status, page = await step(browser, token, ITEMS, {**_Form(page).fields, "act": "check"})
    assert "<dt>和原来一样</dt><dd>2 项</dd>" in page


async def test_a_map_that_was_changed_since_it_was_shown_is_shown_again(
    browser: Browser, database: Database, tmp_path: Path
) -> None:
    token = let_in(browser, database, "reviewer")
    content = export(tmp_path / "a.xlsx", ROW).read_bytes()
    _, page = await upload(browser, token, ITEMS, "file", {"a.xlsx": content})
    fields = {**_Form(page).fields, "act": "store"}
    status, page = await step(browser, token, ITEMS, fields)
    assert (status, "请再看一遍" in page) == (200, True)
    status, page = await step(browser, token, ITEMS, {**_Form(page).fields, column("备注"): "行使层级", "act": "store"})
    assert (status, "请再看一遍" in page) == (200, True)
    with database.transaction() as session:
        assert session.get(Item, CODE) is None
    status, page = await step(browser, token, ITEMS, {**fields, column("监督电话"): ""})
    assert (status, "还没有对上：监督电话" in page) == (422, True)
    status, page = await step(browser, token, ITEMS, {**fields, column("事项名称"): "没有的列"})
    assert (status, "还没有对上：事项名称" in page) == (422, True)


async def test_what_is_wrong_in_a_list_is_told_by_its_own_columns(
    browser: Browser, database: Database, tmp_path: Path
) -> None:
    token = let_in(browser, database, "reviewer")
    content = export(tmp_path / "a.xlsx", {**ROW, "承诺办结时限": "尽快"}).read_bytes()
    _, page = await upload(browser, token, ITEMS, "file", {"a.xlsx": content})
    status, page = await step(browser, token, ITEMS, {**_Form(page).fields, "act": "check"})
    assert status == 422
    assert "实施清单 第3行 「承诺办结时限」：写成“5个工作日”" in page
    for files in ({"a.xlsx": b"no"}, {"a.csv": b""}, {"../../a.csv": b"\xff\xfe\x00"}, {}):
        status, page = await upload(browser, token, ITEMS, "file", files)
        assert (status, "什么都没有导入" in page) == (422, True), files
    status, page = await step(browser, token, ITEMS, {"name": "a.xlsx", "content": "%%%"})
    assert (status, "没有传完整" in page) == (422, True)


async def test_only_those_who_edit_the_catalogue_import_a_list(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    await get(browser, ITEMS, status=403)
    assert (await upload(browser, token, ITEMS, "file", {"a.xlsx": b"x"}))[0] == 403
    assert (await step(browser, token, ITEMS, {"act": "store"}))[0] == 403
    let_in(browser, database, "reviewer")
    assert (await step(browser, "wrong", ITEMS, {"act": "store"}))[0] == 403


async def test_a_register_on_one_sheet_is_tried_and_confirmed(
    browser: Browser, database: Database, settings: Settings, tmp_path: Path
) -> None:
    token = let_in(browser, database, "clerk")
    content = register(tmp_path / "a.xlsx", {**OPEN, "承办单位": "公安局"}).read_bytes()
    status, page = await upload(browser, token, REGISTER, "files", {"台账.xlsx": content})
    assert status == 200, page
    status, page = await step(browser, token, REGISTER, {**_Form(page).fields, "act": "check"})
    assert "<dt>新登记</dt><dd>1 件</dd>" in page
    with database.transaction() as session:
        count = len(session.scalars(select(Request)).all())
    status, page = await step(browser, token, REGISTER, {**_Form(page).fields, "act": "store"})
    assert status == 303, page
    assert "已导入 1 件申请；其中 1 件没有查询码" in page
    with database.transaction() as session:
        assert len(session.scalars(select(Request)).all()) == count + 1
    assert logged(database, "import_disclosures") == [("clerk", "台账.xlsx", "1 件申请")]
    assert len(lists(settings)) == 1


async def test_a_department_brings_in_only_its_own_sheet(browser: Browser, database: Database, tmp_path: Path) -> None:
    token = let_in(browser, database, "department")
    content = register(tmp_path / "a.xlsx", OPEN).read_bytes()
    _, page = await upload(browser, token, REGISTER, "files", {"台账.xlsx": content})
    status, page = await step(browser, token, REGISTER, {**_Form(page).fields, "act": "check"})
    assert (status, "只能导入公安局的申请" in page) == (422, True)
