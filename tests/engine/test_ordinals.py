import pytest

from bot.language.ordinals import ordinal


@pytest.mark.parametrize(
    ("said", "which"),
    [
        ("第二个", "2"),
        ("2", "2"),
        ("选3", "3"),
        ("就第一项吧", "1"),
        ("对,第二个", "2"),
        ("两", "2"),
        ("前面那个", "1"),
        ("最后一个", "last"),
        ("后面的那个", "last"),
        ("都不是", "none"),
        ("这几个都不对", "none"),
    ],
)
def test_an_ordinal_is_understood_in_its_everyday_forms(said: str, which: str) -> None:
    assert ordinal(said) == which


@pytest.mark.parametrize("said", ["办2个证", "第二代身份证", "身份证", "12345", "2026", "", "第二个孩子上户口"])
def test_a_number_within_a_sentence_is_no_choice(said: str) -> None:
    assert ordinal(said) is None
