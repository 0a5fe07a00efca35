"""Whom a letter concerns; where that is not clear, nobody is named."""

from __future__ import annotations

import pytest

from bot.letters.offices import DUTIES, department_for, duty_of

DEPARTMENTS = [
    *(("GA", "公安局"), ("JY", "教育局"), ("ZJ", "住房和城乡建设局"), ("ZG", "自然资源和规划局"), ("CG", "城市管理局")),
    *(("JT", "交通运输局"), ("HJ", "生态环境局"), ("WJ", "卫生健康委员会"), ("RS", "人力资源和社会保障局")),
    *(("YB", "医疗保障局"), ("SC", "市场监督管理局"), ("MZ", "民政局"), ("GJ", "住房公积金管理中心"), ("SL", "水利局")),
    *(("XF", "消防救援支队"), ("WL", "文化和旅游局"), ("SF", "司法局"), ("CL", "残疾人联合会"), ("YC", "烟草专卖局")),
]


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("学校暑假违规补课还收钱，每个学生八百块，家长敢怒不敢言", "教育"),
        ("十字路口的红绿灯时间太短，早高峰交警也不在，天天堵车", "公安"),
        ("七路公交车总是半个小时才来一趟，司机还甩站", "交通"),
        ("养猪场的粪水直接排到河里，臭气熏天，污染了水井", "环境"),
        ("你们那个地方的那个东西真是不像话，反映了很多次也没有用", None),
        ("你们政府是不是不管老百姓死活了", None),
        ("服务态度差，投诉了也没人管", None),
        ("垃圾政府", None),
    ],
)
def test_a_duty_is_named_only_where_it_is_clear(text: str, duty: str | None) -> None:
    assert duty_of(text) == duty


def test_each_duty_has_one_department_in_a_city_like_the_sample() -> None:
    found = {duty: department_for(duty, DEPARTMENTS) for duty in DUTIES}
    assert sorted(code for code in found.values() if code) == sorted(code for code, _ in DEPARTMENTS)


def test_a_city_without_such_a_department_names_none() -> None:
    assert department_for("水利", [("GA", "公安局")]) is None
