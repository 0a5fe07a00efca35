from __future__ import annotations

import pytest

from bot.documents.numbers import is_named, keys_of, labelled_number, number_on_line, numbers_in

SAME = "云府发〔2026〕7号"


@pytest.mark.parametrize(
    "line",
    [
        "云府发〔2026〕7号",
        "云府发 〔2026〕 7 号",
        "云府发[2026]7号",
        "云府发（2026）7号",
        "云府发【2026】第7号",
        "云府发﹝2026﹞007号",
        "云府发２０２６〕７号",
        "云府发〔二〇二六〕7号",
        "云府发〔二○二六〕七号",
        "云府发「2026」7号",
        "文号：云府发〔2026〕7号",
        "发文字号: 云府发〔2026〕7号",
        "（云府发〔2026〕7号）",
        "云府发〔2026〕7号　　　签发人：张三",
        "云府发〔2026〕7号　2026年3月2日",
        "〔云府发〔2026〕7号〕",
        "云府发[2026]]7号",
        "\ue003云府发〔2026〕7号",
        "云府发〔2026〕7号文",
    ],
)
def test_a_number_is_read_in_every_form(line: str) -> None:
    assert number_on_line(line) == SAME


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("国务院令第711号", "国务院令第711号"),
        ("国务院令第七百一十一号", "国务院令第711号"),
        ("中华人民共和国国务院令（第 788 号）", "中华人民共和国国务院令第788号"),
        ("云河市市场监督管理局公告2026年第3号", "云河市市场监督管理局公告2026年第3号"),
        ("云民发〔2026〕1号　云财社〔2026〕2号", "云民发〔2026〕1号、云财社〔2026〕2号"),
        ("云政字[1999]12号", "云政字〔1999〕12号"),
        ("云府函〔2026〕7-1号", "云府函〔2026〕7-1号"),
        ("云府函〔2026〕1—3号", "云府函〔2026〕1—3号"),
        ("云河市人民政府令[第四十七号]", "云河市人民政府令第47号"),
        ("国务院第711号令", "国务院令第711号"),
        ("市政府24号令", "市政府令第24号"),
        ("云河市人民代表大会常务委员会公告[八届]第27号", "云河市人民代表大会常务委员会公告〔八届〕第27号"),
        ("云河省第十二届人民代表大会常务委员会公告第14号", "云河省第十二届人民代表大会常务委员会公告第14号"),
        ("云河市人民政府第九十号", "云河市人民政府第90号"),
        ("云河市公安局2026年第3号", "云河市公安局2026年第3号"),
        ("云河市人民政府令94年第13号", "云河市人民政府令94年第13号"),
        ("云税公告2026第7号", "云税公告2026年第7号"),
        ("云府发2026年7号", "云府发2026年7号"),
        ("云府[1993]综060号", "云府〔1993〕综060号"),
        ("云房[1994]商字发第436号", "云房〔1994〕商字发第436号"),
        ("[93]云经字第378号", "〔93〕云经字第378号"),
        ("云价[费]发〔1993〕48号", "云价〔费〕发〔1993〕48号"),
        ("云劳险[1994]147号、[1994]财工83号", "云劳险〔1994〕147号、〔1994〕财工83号"),
        ("市口岸办、云河国际港务(集团)公司公告2015年1号", "市口岸办、云河国际港务（集团）公司公告2015年1号"),
        ("关于延长优惠的公告　财政部公告2026年第6号", None),
        ("人民路88号", None),
        ("根据云府发〔2026〕7号文件", None),
        ("各区人民政府：", None),
        ("第3号", None),
        ("2026年3月2日", None),
        ("云建〔2026〕　号", None),
        ("", None),
    ],
)
def test_what_is_and_what_is_no_number(line: str, number: str | None) -> None:
    assert number_on_line(line) == number


@pytest.mark.parametrize("text", ["第38号", "（2026年第3号）", "公告2026年第3号", "〔2026〕10号"])
def test_a_number_without_its_organ_counts_where_a_label_names_it_and_is_nobody_s_in_a_question(text: str) -> None:
    number = labelled_number(text)
    assert number is not None
    assert keys_of(number) == frozenset()


@pytest.mark.parametrize("asked", ["云府发〔2026〕7号讲的什么", "请问云府发[2026] 7号还有效吗", "云府发2026〕7号"])
def test_a_number_is_found_in_a_question(asked: str) -> None:
    (key,) = keys_of(SAME)
    assert is_named(key, frozenset(numbers_in(asked)))
    (other,) = keys_of("云府发〔2026〕17号")
    assert not is_named(other, frozenset(numbers_in(asked)))


def test_the_number_of_one_organ_is_not_that_of_another() -> None:
    (key,) = keys_of("国办发〔2019〕3号")
    assert not is_named(key, frozenset(numbers_in("云国办〔2019〕3号")))
    assert not is_named(key, frozenset(numbers_in("XXGK-2026-0001到哪一步了，3号窗口几点开")))
