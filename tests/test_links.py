"""Whatever staff write for citizens may lead to the web and nowhere else, in every editor and file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from bot.catalogue.editing import EditRefused, changes_in
from bot.catalogue.importer import DepartmentRow
from bot.catalogue.models import Item
from bot.db import Database, utcnow
from bot.documents.publishing import NotPublishable, publish_answer
from bot.links import NO_WEB_ADDRESS, is_secure_address, leads_elsewhere
from bot.referrals.importer import RouteRow
from bot.reviews.canned import CannedReplyRefused, save_canned_reply
from bot.reviews.importer import CannedReplyRow
from bot.switches.scopes import Scope
from bot.switches.service import SwitchRefused, turn_off
from bot.tabular import Row, Tables

Edit = Callable[[Session, str], None]

TODAY = date(2026, 1, 1)
HOSTILE = [
    "请点 javascript:alert(1)",
    "请点 JaVa\tScRiPt : alert(1)",
    "ｊａｖａｓｃｒｉｐｔ：alert(1)",
    "java\u200bscript:alert(1)",
    "[办理](data:text/html;base64,PHNjcmlwdD4=)",
    "<a href='vbscript:x'>办理</a>",
    "看 file:///etc/passwd",
]
HARMLESS = [
    "网上办理：https://zwfw.yunhe.example/item?id=1#top",
    "数据data：共 12 项；材料清单见 metadata:12",
    "学习 JavaScript，电话：0990-1",
    "邮箱 a@yunhe.example，时间：9:00/17:30",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_link_that_is_none_of_the_web_is_known_however_it_is_written(text: str) -> None:
    assert leads_elsewhere(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_other_words_are_none(text: str) -> None:
    assert not leads_elsewhere(text)


@pytest.mark.parametrize(
    ("address", "is_secure"),
    [
        ("https://zwfw.yunhe.example/item?id=1#top", True),
        ("https://zwfw.yunhe.example:8443/", True),
        ("http://zwfw.yunhe.example/", False),
        ("https://", False),
        ("https://localhost/", False),
        ("https://gov.example@evil.example/", False),
        ("https://zwfw.yunhe.example:99999/", False),
        ("https://zwfw.yunhe.example/ 1", False),
        ("https://[::1", False),
        (f"https://zwfw.yunhe.example/{'a' * 500}", False),
    ],
)
def test_a_secure_address_is_whole_and_over_https(address: str, is_secure: bool) -> None:
    assert is_secure_address(address) == is_secure


def canned(session: Session, text: str) -> None:
    save_canned_reply(session, None, title="办理", text=text, department_code=None)


def item(_: Session, text: str) -> None:
    changes_in(Item(summary="简介"), {"summary": text})


def published(session: Session, text: str) -> None:
    publish_answer(
        session,
        key="answers/1",
        title="问答",
        question="怎么办",
        answer=text,
        issuer="局",
        published_on=date(2026, 1, 1),
    )


def notice(session: Session, text: str) -> None:
    turn_off(session, Scope.BOT, "", who="supervisor", reason="检修", notice=text, now=utcnow())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("edit", [canned, item, published, notice])
def test_no_editor_of_the_console_takes_one(
    database: Database, edit: Callable[[Session, str], None], text: str
) -> None:
    with (
        database.transaction() as session,
        pytest.raises((CannedReplyRefused, EditRefused, NotPublishable, SwitchRefused), match=NO_WEB_ADDRESS),
    ):
        edit(session, text)


@pytest.mark.parametrize("row", [CannedReplyRow, DepartmentRow, RouteRow])
def test_no_file_brings_one_in(row: type[Row]) -> None:
    columns = [str(info.alias) for info in row.model_fields.values()]
    for column in columns:
        cells = dict.fromkeys(columns, "") | {column: HOSTILE[0]}
        tables = Tables({"rows": [(2, cells)]})
        assert tables.checked("rows", row) == []
        assert [error.message for error in tables.errors if error.column == column] == [NO_WEB_ADDRESS]
