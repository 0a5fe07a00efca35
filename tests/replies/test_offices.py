"""The reply about an office."""

from __future__ import annotations

from bot.catalogue.models import Office
from bot.replies.offices import office_answer

HOURS = "周一至周五 9:00—17:00"
OFFICE = Office(code="BD-1", name="某中心", address="某路1号", hours=HOURS, phone="0990-1", directions="")


def test_the_answer_stands_in_the_first_lines_and_in_custom() -> None:
    reply = office_answer(OFFICE)
    assert reply.text.split("\n")[:3] == ["某中心：某路1号。", f"时间：{HOURS}", "电话：0990-1"]
    assert reply.custom == {
        "kind": "office",
        "code": "BD-1",
        "name": "某中心",
        "address": "某路1号",
        "hours": HOURS,
        "phone": "0990-1",
        "district": "",
        "duty": "",
        "longitude": None,
        "latitude": None,
    }


def test_how_to_get_there_is_told_where_it_is_known() -> None:
    there = Office(code="1", name="某中心", address="某路1号", hours="9:00", phone="1", directions="公交 5 路")
    assert "交通：公交 5 路" in office_answer(there).text
    assert "交通" not in office_answer(OFFICE).text


def test_an_office_that_stands_for_its_branches_tells_where_they_are() -> None:
    branch = Office(code="2", name="和园派出所", address="和园路31号", hours="", phone="0990-2", district="清江区")
    reply = office_answer(OFFICE, [branch])
    assert reply.text.split("\n")[:2] == [
        "某中心有 1 处，看您在哪里：",
        "1. 和园派出所（清江区）：和园路31号，电话 0990-2",
    ]
