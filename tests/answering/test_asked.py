"""What a message asks."""

from __future__ import annotations

import pytest

from bot.answering.asked import KINDS, core_of, held, question_of, questions_in, wanted, without_circumstances


def kinds(flags: tuple[bool, ...]) -> set[str]:
    return {kind for kind, flag in zip(KINDS, flags, strict=True) if flag}


def test_a_short_message_is_all_question() -> None:
    assert core_of("居住证丢了") == "居住证丢了"


TOLD = "我去年从外省回来，在开发区租了房子，孩子明年要读书，家里老人也一起住。"


def test_of_a_letter_the_sentences_that_ask_are_the_question() -> None:
    assert question_of(f"{TOLD}请问居住证怎么办？谢谢领导。") == "请问居住证怎么办？"


def test_the_core_of_a_letter_holds_what_it_is_about_and_no_courtesies() -> None:
    letter = "尊敬的领导：您好！我的行驶证上个月丢了。现在人在外地上大学，请问可以在这里补办吗？谢谢！盼复。"
    assert core_of(letter) == "我的行驶证上个月丢了。现在人在外地上大学，请问可以在这里补办吗？"


def test_of_a_long_letter_the_core_is_what_asks_and_what_stands_before_it() -> None:
    letter = TOLD * 6 + "我的行驶证丢了。请问要登报吗？" + "就是这样的情况。" * 3
    core = core_of(letter)
    assert "我的行驶证丢了。请问要登报吗？" in core
    assert len(core) <= 160


def test_a_letter_that_asks_nothing_is_read_whole() -> None:
    told = "楼下的路灯从上个月起就没有亮过，老人晚上出门摔了两次，社区说已经上报，到现在没有人来修理。"
    assert core_of(told) == told


def test_of_a_letter_that_asks_twice_each_question_stands_beside_what_was_told() -> None:
    told = "我去年从外省回来，在开发区租了房子。"
    letter = f"您好！{told}请问居住证要带什么材料？孩子还没上户口。另外户口多久能迁过来？谢谢！"
    assert questions_in(letter) == [
        (told, "请问居住证要带什么材料？"),
        (told, "孩子还没上户口。另外户口多久能迁过来？"),
    ]


@pytest.mark.parametrize("text", ["要带什么？多久？", TOLD, TOLD + "请问怎么办？", "请问这个怎么办呢，谁来管？" * 5])
def test_a_short_message_or_one_question_is_read_as_a_whole(text: str) -> None:
    assert questions_in(text) == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("孩子今年上小学，户口在外地，我们在这租房住，能不能在这边上", "孩子今年上小学，能不能在这边上"),
        ("我们现在租的房子，孩子的疫苗在哪打", "孩子的疫苗在哪打"),
        ("外地户口的孩子怎么在这边读小学", "孩子怎么在这边读小学"),
        # These ask about just that.
        ("户口在哪里办理，需要什么材料", "户口在哪里办理，需要什么材料"),
        ("户口在外地能迁过来吗", "户口在外地能迁过来吗"),
        ("外地户口迁入云河要哪些材料", "外地户口迁入云河要哪些材料"),
        ("租房子怎么提公积金", "租房子怎么提公积金"),
        ("我户口在外地", "我户口在外地"),
        ("居住证要带什么。", "居住证要带什么。"),
    ],
)
def test_where_somebody_is_registered_or_lives_is_not_what_they_ask(text: str, asked: str) -> None:
    assert without_circumstances(text) == asked


def test_a_core_is_never_long() -> None:
    assert len(core_of("请问这个怎么办，" * 200)) <= 160
    assert len(question_of("请问这个怎么办，" * 200)) <= 160
    assert core_of("你好" * 60)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("高龄津贴多少钱一个月", "amount"), ("失业金能领多久", "duration"), ("周六上班吗", "hours"), ("去哪办", "place")],
)
def test_the_kind_of_answer_wanted_is_heard(text: str, kind: str) -> None:
    assert kind in kinds(wanted(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [("每人每月一百元", "amount"), ("自受理之日起 5 个工作日", "duration"), ("电话 0571-8888888", "phone")],
)
def test_what_a_text_could_answer_with_is_seen(text: str, kind: str) -> None:
    assert kind in kinds(held(text))
