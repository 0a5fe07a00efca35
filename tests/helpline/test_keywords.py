import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.helpline.keywords import Command, choice_in, command_in

WORDS = {
    Command.PERSON: ["0", "人工", "回复0", "0人工", "选0"],
    Command.HELP: ["帮助", "HELP", "?", "？？"],
    Command.STOP: ["退订", "TD", "t", "退订回T", "回T退订", "退订TD", "回复TD退订", "退订请回复T"],
    Command.MORE: ["更多", "回复更多"],
    Command.BACK: ["返回", "回复返回"],
}
# Keywords that are more than punctuation marks.
SPELT = [(command, word) for command, words in WORDS.items() for word in words if word not in ("?", "？？")]
SPACES = st.text(" \t\n　", max_size=3)
MARKS = st.text("。．.!！，,“”\"'~、（）", max_size=3)
FULL_WIDTH = str.maketrans({chr(half): chr(half + 0xFEE0) for half in range(0x21, 0x7F)})


@pytest.mark.parametrize(("command", "word"), [(command, word) for command, words in WORDS.items() for word in words])
def test_each_command_is_known_by_its_words(command: Command, word: str) -> None:
    assert command_in(word) == command
    assert command_in(word.lower().translate(FULL_WIDTH)) == command


@given(st.sampled_from(SPELT), SPACES, MARKS, MARKS)
def test_spaces_and_marks_around_a_command_do_not_matter(
    known: tuple[Command, str], spaces: str, before: str, after: str
) -> None:
    command, word = known
    assert command_in(spaces + before + spaces.join(word) + after + spaces) == command


@pytest.mark.parametrize(
    "sentence",
    ["我想退订短信怎么办", "人工湖在哪", "更多材料要什么", "返回原籍落户", "帮助残疾人的补贴", "T恤", "10", "00", "1.0",
     "有人工服务吗？", "退订不了", "td_gov1", "", "。", "查询码", "0元"],
)  # fmt: skip
def test_a_sentence_with_the_word_in_it_is_no_command(sentence: str) -> None:
    assert command_in(sentence) is None


@given(st.sampled_from(["退订", "更多", "帮助", "人工", "返回"]), st.text("办事公积金怎么吗", min_size=1, max_size=9))
def test_a_word_more_makes_it_a_sentence(word: str, more: str) -> None:
    assert command_in(word + more) is None
    assert command_in(more + word) is None


@given(st.text(max_size=50))
def test_any_text_may_come(text: str) -> None:
    assert command_in(text) is None or isinstance(command_in(text), Command)
    chosen = choice_in(text, 9)
    assert chosen is None or 0 <= chosen < 9


@pytest.mark.parametrize(
    "said", ["2", "２", "2.", "２。", " 2 ", "回复2", "回复 2", "选2", "“2”", "2、", "（2）", "回复“２”。"]
)
def test_a_number_is_the_choice_at_that_place(said: str) -> None:
    assert choice_in(said, 2) == 1
    assert choice_in(said, 1) is None


@pytest.mark.parametrize(
    "said", ["0", "第二个", "2个", "1 2", "1.2", "1,2", "-1", "2024", "002", "12345", "二", "2元", ""]
)
def test_anything_else_is_no_choice(said: str) -> None:
    assert choice_in(said, 99) is None


@given(st.integers(1, 99), st.integers(0, 99), st.sampled_from(["", "回复", "选", "回复 "]), MARKS)
def test_only_numbers_that_were_offered_are_choices(number: int, count: int, before: str, after: str) -> None:
    assert choice_in(f"{before}{number}{after}", count) == (number - 1 if number <= count else None)


def test_no_command_is_a_choice() -> None:
    assert all(choice_in(word, 99) is None for words in WORDS.values() for word in words)
