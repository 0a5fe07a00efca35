"""Which case of an item a message settles, and which answers then belong to it."""

from __future__ import annotations

import pytest

from bot.catalogue.models import Item, Material, Situation
from bot.catalogue.situations import ALL, Variant, answer_to, is_bare_answer


def option(number: int, title: str, *keywords: str, **known: object) -> Situation:
    nothing = {"conditions": [], "fee": "", "steps": [], "is_elsewhere": False, "note": ""}
    return Situation(
        question_number=number, question=f"问题{number}", title=title, keywords=list(keywords), **{**nothing, **known}
    )


def material(name: str, *situations: str, required: bool = True) -> Material:
    return Material(name=name, situations=list(situations), is_required=required)


@pytest.fixture
def passport() -> Item:
    return Item(
        fee="120 元/本",
        has_fee=True,
        conditions=["本人到场"],
        situations=[
            option(1, "首次申领", "第一次"),
            option(1, "到期换发", "到期", "过期", steps=["交回旧证"]),
            option(1, "丢失补发", "丢", "被盗", fee="免收工本费"),
            option(2, "已成年", "成年", "大人"),
            option(2, "未成年", "未成年", "孩子", conditions=["监护人陪同"]),
        ],
        materials=[
            material("身份证"),
            material("原护照", "到期换发"),
            material("监护人身份证", "未成年"),
            material("监护人同意补发的声明", "丢失补发", "未成年"),
            material("单位同意函", required=False),
        ],
    )


def names(case: Variant) -> list[str]:
    return [one.name for one in case.materials]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("护照过期了，给孩子换新的", ("到期换发", "未成年")),
        ("未成年人第一次办护照", ("首次申领", "未成年")),
        ("護照被盜了", ("丢失补发",)),
        ("护照没丢，到期了", ("到期换发",)),
        ("到期的和丢的一样吗", ()),
        ("办护照要带什么", ()),
    ],
)
def test_what_the_message_says_is_not_asked_again(passport: Item, text: str, chosen: tuple[str, ...]) -> None:
    assert Variant(passport).with_words(text).chosen == chosen


def test_a_later_word_replaces_the_earlier_choice_of_the_same_question(passport: Item) -> None:
    case = Variant(passport, ("首次申领", "未成年")).with_words("要是丢了呢")
    assert set(case.chosen) == {"丢失补发", "未成年"}


def test_all_is_about_the_questions_still_open_or_else_takes_back_what_was_chosen(passport: Item) -> None:
    assert Variant(passport, ("首次申领",)).with_choice(ALL).chosen == ("首次申领", ALL)
    assert Variant(passport, ("首次申领", "未成年")).with_choice(ALL).chosen == (ALL,)
    assert Variant(passport, (ALL,)).with_choice("未成年").open_question(["materials"]) is None


def test_a_question_is_asked_only_where_it_makes_a_difference(passport: Item) -> None:
    def asked(facet: str, *chosen: str) -> int | None:
        question = Variant(passport, chosen).open_question([facet])
        return question.number if question else None

    assert asked("materials") == 1
    assert asked("materials", "首次申领") == 2
    assert asked("conditions") == 2
    assert asked("fee", "首次申领") is None
    assert asked("place") is None
    assert asked("overview", "首次申领", "未成年") is None
    assert asked("overview", ALL) is None


def test_materials_are_those_of_the_case_and_of_both_questions(passport: Item) -> None:
    assert names(Variant(passport)) == ["身份证", "原护照", "监护人身份证", "监护人同意补发的声明", "单位同意函"]
    assert names(Variant(passport, ("首次申领", "已成年"))) == ["身份证", "单位同意函"]
    assert names(Variant(passport, ("到期换发", "未成年"))) == ["身份证", "原护照", "监护人身份证", "单位同意函"]
    assert names(Variant(passport, ("丢失补发", "未成年")))[-2:] == ["监护人同意补发的声明", "单位同意函"]
    assert [one.name for one in Variant(passport).common_materials] == ["身份证"]
    assert [one.name for one in Variant(passport, ("到期换发",)).common_materials] == ["身份证", "原护照"]


def test_conditions_steps_and_fee_are_those_of_the_case(passport: Item) -> None:
    assert Variant(passport).conditions == ("本人到场", "未成年：监护人陪同")
    assert Variant(passport, ("未成年",)).conditions == ("本人到场", "监护人陪同")
    assert Variant(passport, ("已成年",)).conditions == ("本人到场",)
    assert Variant(passport, ("到期换发",)).differences == (("到期换发", "交回旧证"),)
    assert (Variant(passport, ("丢失补发",)).fee, Variant(passport, ("丢失补发",)).has_fee) == ("免收工本费", False)
    assert (Variant(passport).fee, Variant(passport).has_fee) == ("120 元/本", True)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("到期了", "到期换发"),
        ("补发", "丢失补发"),
        ("是首次", "首次申领"),
        ("都给我看看", ALL),
        ("全部", ALL),
        ("每种情况都讲一下", ALL),
        ("不知道", ALL),
        ("有没有到期的", "到期换发"),
        ("没有到期", None),
        ("多少钱", None),
    ],
)
def test_a_question_is_answered_in_the_citizens_own_words(passport: Item, text: str, title: str | None) -> None:
    assert answer_to(Variant(passport).questions[0], text) == title


def test_words_about_another_matter_are_no_bare_answer(passport: Item) -> None:
    question = Variant(passport).questions[0]
    assert is_bare_answer(question, "我的到期了")
    assert not is_bare_answer(question, "驾驶证到期换证要带什么材料")
