import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.masking import without_query_codes
from bot.language.receipts import (
    QUERY_CODE_ALPHABET,
    find_query_code,
    find_receipt,
    new_query_code,
    normalise_query_code,
    parse_receipt,
)

years = st.integers(2000, 2099)
serials = st.integers(0, 999_999)
gaps = st.sampled_from(["", " ", "-", "－", "—", "_", " - ", "　", "杠"])
codes = st.text(QUERY_CODE_ALPHABET, min_size=8, max_size=8).filter(
    lambda code: any(c.isdigit() for c in code) and any(c.isalpha() for c in code)
)


def said_aloud(digits: str) -> str:
    return digits.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)


@given(years, serials, gaps, gaps, st.booleans(), st.booleans(), st.booleans())
def test_a_receipt_is_understood_however_it_is_written(
    year: int, serial: int, first_gap: str, second_gap: str, lower: bool, wide: bool, aloud: bool
) -> None:
    digits = f"{year}{second_gap}{serial:06d}"
    written = f"XXGK{first_gap}{said_aloud(digits) if aloud else digits}"
    written = written.lower() if lower else written
    written = full_width(written) if wide else written
    assert parse_receipt(written) == f"XXGK-{year}-{serial:06d}"
    assert find_receipt(f"请帮我查一下{written}，谢谢") == f"XXGK-{year}-{serial:06d}"


@pytest.mark.parametrize(
    "written",
    [
        "XXGK-2026-000123",
        "xxgk2026000123",
        "X X G K 2 0 2 6 0 0 0 1 2 3",
        "XXGK-2026-123",
        "xxgk 二零二六 零零零一二三",
        "信息公开二〇二六年零零零幺二三号",
        "信息公开申请回执号：2026000123",
        "回执号是2026 000123",
        "2026-000123",
        "XXGK-2026-000123 K7M2-9QXD",
        "XXGK-2026-000123K7M29QXD",
        "XXGK-2026-123 7777-2KMQ",
    ],
)
def test_one_receipt_has_many_spellings(written: str) -> None:
    assert find_receipt(written) == "XXGK-2026-000123"


@pytest.mark.parametrize("written", ["2026000123", "二零二六零零零一二三", "2026 000 123", "２０２６—０００１２３号"])
def test_digits_alone_are_a_receipt_when_they_are_all_that_is_said(written: str) -> None:
    assert parse_receipt(written) == "XXGK-2026-000123"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "XXGK",
        "XXGK-2026",
        "XXGK-2026-0123",  # a digit may be missing
        "XXGK-2026-0001234",  # one too many
        "XXGK-1926-000123",
        "我2026年5月10日申请的",
        "信息公开2026年5月的文件",
        "20261110",
        "13800138000",
        "AXXGK-2026-000123",
    ],
)
def test_what_may_be_something_else_is_no_receipt(text: str) -> None:
    assert find_receipt(text) is None
    assert parse_receipt(text) is None


@given(st.text(max_size=300))
def test_any_text_is_taken_and_a_receipt_found_in_it_is_found_again(text: str) -> None:
    found = find_receipt(text)
    assert found is None or find_receipt(found) == parse_receipt(found) == found


@given(codes, st.sampled_from(["", " ", "-", "－", "—"]), st.booleans())
def test_a_query_code_is_compared_without_gap_case_and_width(code: str, gap: str, wide: bool) -> None:
    written = f"{code[:4]}{gap}{code[4:]}".lower()
    written = full_width(written) if wide else written
    assert normalise_query_code(written) == code
    assert find_query_code(f"查询码是{written}。") == code
    assert find_query_code(f"xxgk-2026-000123 {written}") == code


@pytest.mark.parametrize(
    "text", ["", "K7M29QX", "K7M29QXDE", "K7M2-9QX0", "KLM2-9QXD", "ABCDEFGH", "23456789", "XXGK-2026-000123"]
)
def test_what_cannot_be_a_query_code_is_none(text: str) -> None:
    assert normalise_query_code(text) is None
    assert find_query_code(text) is None


def test_a_new_code_can_be_read_back_and_is_masked() -> None:
    for code in {new_query_code() for _ in range(50)}:
        assert normalise_query_code(code) == code.replace("-", "")
        assert without_query_codes(f"查询码{code}") == "查询码[查询码]"
