import pytest

from bot.helpline.keywords import Command, command_in
from bot.replies import helpline

CITY, HOTLINE, ONE_TEXT = "云河市", "12345", 70
SAID = {
    "first_contact": helpline.first_contact(CITY),
    "help_text": helpline.help_text(CITY, HOTLINE),
    "unsubscribed": helpline.unsubscribed(),
    "nothing_before": helpline.nothing_before(),
    "too_fast": helpline.too_fast(),
    "not_text": helpline.not_text(),
    "only_part_arrived": helpline.only_part_arrived(),
    "too_long": helpline.too_long(500),
}


@pytest.mark.parametrize("name", SAID)
def test_what_the_channel_says_fits_into_one_text_message(name: str) -> None:
    assert len(SAID[name]) <= ONE_TEXT
    assert SAID[name].endswith("。")


def test_the_first_text_says_who_answers_why_and_how_to_end_it() -> None:
    assert SAID["first_contact"].startswith("我是云河市政务助手，自动应答；您发来消息，我才回复。")
    assert all(way in SAID["first_contact"] for way in ("0 找人工", "帮助", "TD 退订"))


def test_help_names_every_command_and_the_hotline() -> None:
    for way, command in {"0": Command.PERSON, "更多": Command.MORE, "返回": Command.BACK, "TD": Command.STOP}.items():
        assert way in SAID["help_text"]
        assert command_in(way) == command
    assert "急事拨 12345" in SAID["help_text"]


def test_who_unsubscribed_learns_how_to_come_back() -> None:
    assert SAID["unsubscribed"] == "已退订，不再给您发消息。再发任意内容即恢复。"


def test_what_was_not_taken_is_said_to_be_so_with_the_way_on() -> None:
    assert "请用文字" in SAID["not_text"]
    assert "分成几条" in SAID["only_part_arrived"]
    assert "500 字以内" in SAID["too_long"]
    assert "没有收下" in SAID["too_fast"]


def test_words_of_the_staff_are_headed_by_who_speaks() -> None:
    assert helpline.staff_line("公安局工作人员", "可以办。") == "公安局工作人员：可以办。"
    assert helpline.staff_line("", "工作人员已经离开。") == "工作人员已经离开。"


def test_an_answer_to_a_case_says_which() -> None:
    text = helpline.answer_to_case("AJ-000001", "公安局工作人员", "可以办。")
    assert text == "您好，您之前问的（编号 AJ-000001）有答复了。公安局工作人员：可以办。"
