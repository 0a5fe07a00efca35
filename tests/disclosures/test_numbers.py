from hypothesis import given
from hypothesis import strategies as st

from bot.language.numbers import is_credit_code, is_identity_number

# The standards' own examples of the check: GB 11643 (a number of no living person), GB 32100.
IDENTITY_NUMBER, CREDIT_CODE = "11010519491231002X", "91110000802100433B"


def test_a_number_with_the_right_check_character_is_one() -> None:
    assert is_identity_number(IDENTITY_NUMBER)
    assert is_credit_code(CREDIT_CODE)


@given(place=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(place: int, digit: str) -> None:
    altered = IDENTITY_NUMBER[:place] + digit + IDENTITY_NUMBER[place + 1 :]
    assert is_identity_number(altered) == (altered == IDENTITY_NUMBER)


@given(place=st.integers(0, 16), character=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_of_a_credit_code_is_always_noticed(place: int, character: str) -> None:
    altered = CREDIT_CODE[:place] + character + CREDIT_CODE[place + 1 :]
    assert is_credit_code(altered) == (altered == CREDIT_CODE)


def test_a_day_of_birth_that_never_was_is_no_number() -> None:
    body = "11010519490231002"
    assert not any(is_identity_number(body + check) for check in "0123456789X")


@given(st.text(max_size=20))
def test_any_text_is_judged_without_failing(text: str) -> None:
    assert not is_identity_number(text + "!")
    assert not is_credit_code(text + "!")
