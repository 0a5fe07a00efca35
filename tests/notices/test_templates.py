"""Templates: what a city may change, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.disclosures.rules import GROUNDS
from bot.notices import templates
from bot.notices.agencies import load_agency
from bot.notices.kinds import QUESTIONS, TITLES, NoticeKind
from bot.notices.templates import Template, TemplateError


def flaws(folder: Path) -> str:
    with pytest.raises(TemplateError) as raised:
        templates.load(folder)
    return str(raised.value)


def test_the_built_in_templates_cover_every_kind_and_every_ground() -> None:
    found = templates.load()
    assert set(found.grounds) == set(GROUNDS)
    assert all(found.of(kind).title and found.of(kind).series for kind in NoticeKind)
    assert set(TITLES) == set(QUESTIONS) == set(NoticeKind)


def test_a_city_changes_only_the_files_that_it_has(tmp_path: Path) -> None:
    own = (templates.BUILT_IN / "granted.txt").read_text(encoding="utf-8").replace("字号：告", "字号: 开告")
    (tmp_path / "granted.txt").write_text("# 我们自己的\n" + own, encoding="utf-8-sig")
    found = templates.load(tmp_path)
    assert found.of(NoticeKind.GRANTED).series == "开告"
    assert found.of(NoticeKind.REFUSED) == templates.load().of(NoticeKind.REFUSED)


def test_all_mistakes_are_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "granted.txt").write_text(
        "标题：告知书\n字号：告\n---\n{称乎}申请“{申请内容}”，{依据}。\n{说明\n{说明}{救济}\n", encoding="utf-8"
    )
    (tmp_path / "refused.txt").write_text("标题：告知书\n---\n{申请内容}{依据}{说明}{救济}\n", encoding="utf-8")
    (tmp_path / "refusal.txt").write_text("{机关}", encoding="utf-8")
    (tmp_path / "correction.txt").write_bytes("更正".encode("gbk"))
    (tmp_path / "grounds.txt").write_text("国家秘密：属于国家秘密\n商业秘密：属于商业秘密\n", encoding="utf-8")
    told = flaws(tmp_path)
    for expected in (
        "granted.txt 第 4 行：没有“称乎”这个字段",
        "granted.txt 第 5 行：花括号没有成对",
        "refused.txt：开头缺少字号",
        "refused.txt：缺少字段{理由}",
        "refusal.txt：没有叫这个名字的模板",
        "correction.txt：读不了",
        "grounds.txt 第 2 行：",
    ):
        assert expected in told


def test_a_third_party_s_letter_cannot_use_the_applicant_s_words(tmp_path: Path) -> None:
    (tmp_path / "consultation.txt").write_text("标题：函\n字号：征\n---\n{依据}{说明}{申请内容}\n", encoding="utf-8")
    assert "没有“申请内容”这个字段" in flaws(tmp_path)


def test_a_paragraph_with_an_empty_field_is_left_out() -> None:
    template = Template("", "", ("网上：{复议网址}。", "{机关}告知。"))
    assert template.fill({"复议网址": "", "机关": "本局"}) == ["本局告知。"]


def test_braces_that_a_citizen_wrote_are_words() -> None:
    template = Template("", "", ("申请“{申请内容}”，{机关}。",))
    assert template.fill({"申请内容": "{机关}的电话", "机关": "本局"}) == ["申请“{机关}的电话”，本局。"]


@given(st.text())
def test_any_text_is_a_template_or_is_refused_with_words(text: str) -> None:
    found: list[str] = []
    template = templates._template(NoticeKind.GRANTED, "granted.txt", text, found)
    assert found or template.title


def test_an_agency_takes_from_the_entry_of_all_what_it_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "agencies.yml").write_text(
        "其他: {代字: 清}\n水利局: {代字: 清水, 全称: 清江区水务局}\n教育局: {}\n",
        encoding="utf-8",
    )
    own, other = load_agency(tmp_path, "水利局", "云河市"), load_agency(tmp_path, "教育局", "云河市")
    assert (own.name, own.number("告", 2026, 3)) == ("清江区水务局", "清水信公告〔2026〕3号")
    assert (other.name, other.mark) == ("云河市教育局", "清")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("水利局: {代字: 云水}", "缺少“其他”"),
        ("其他: {全称: 云河市}", "代字"),
        ("其他: {代字: 云, 电话: 1}", "电话"),
        ("其他: [", "第 1 行"),
        ("- 其他", "每个机关一项"),
    ],
)
def test_a_wrong_list_of_agencies_is_told(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "agencies.yml").write_text(content, encoding="utf-8")
    with pytest.raises(TemplateError, match=told):
        load_agency(tmp_path, "水利局", "云河市")
