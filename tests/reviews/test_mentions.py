"""Notes that name a colleague."""

from __future__ import annotations

import pytest

from bot.db import Database
from bot.reviews import handling, mentions
from bot.reviews.desk_news import NewsKind, news_of
from bot.reviews.states import CaseActionRefused
from bot.staff.roles import Role
from tests.reviews.town import NOON, add_department, add_person, open_case


def test_who_is_named_in_a_note_is_told_until_they_open_the_case(database: Database) -> None:
    with database.transaction() as session:
        case, wang, li = open_case(session), add_person(session, "王芳"), add_person(session, "李四")
        li.login = "li.si"
        handling.note(session, case, wang, NOON, "@li.si，帮看一眼；邮箱 a@li.si 不算。＠li.si")
        told = [one for one in news_of(session, li, NOON) if one.kind == NewsKind.NAMED]
        assert [one.number for one in told] == [case.number]
        mentions.see(session, case, wang, NOON)
        assert [one.kind for one in news_of(session, li, NOON)].count(NewsKind.NAMED) == 1
        mentions.see(session, case, li, NOON)
        assert NewsKind.NAMED not in [one.kind for one in news_of(session, li, NOON)]


@pytest.mark.parametrize("login", ["nobody", "officer", "gone", "admin"])
def test_a_note_names_only_colleagues_who_see_the_case(database: Database, login: str) -> None:
    with database.transaction() as session:
        case, wang = open_case(session), add_person(session, "王芳")
        add_person(session, "赵敏", Role.DEPARTMENT, add_department(session)).login = "officer"
        add_person(session, "钱进", is_active=False).login = "gone"
        add_person(session, "孙立", Role.ADMINISTRATOR).login = "admin"
        with pytest.raises(CaseActionRefused, match=r"没有登录名|看不到这件"):
            handling.note(session, case, wang, NOON, f"@{login} 看一下")
