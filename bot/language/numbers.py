"""Numbers that name a person or an organisation, with their check characters."""

from __future__ import annotations

import re
from datetime import date

# GB 11643-1999: seventeen digits (region, day of birth, order) and a check character by ISO 7064 mod 11-2.
_IDENTITY_NUMBER = re.compile(r"[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[\dX]")
_CHECK_CHARACTERS = "10X98765432"
# GB 32100-2015: registering body, kind, region, organisation, check character; no I, O, S, V, Z.
_CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE = re.compile(rf"[{_CREDIT_CODE_ALPHABET}]{{2}}\d{{6}}[{_CREDIT_CODE_ALPHABET}]{{10}}")


def is_identity_number(text: str) -> bool:
    """Whether `text` is a citizen identity number (公民身份号码), 18 characters with a capital X."""
    match = _IDENTITY_NUMBER.fullmatch(text)
    if match is None or not text.isascii():
        return False
    try:
        date(*map(int, match.groups()))
    except ValueError:
        return False
    weighted = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(text[:17]))
    return _CHECK_CHARACTERS[weighted % 11] == text[17]


def is_credit_code(text: str) -> bool:
    """Whether `text` is a unified social credit code (统一社会信用代码), 18 capital characters."""
    if _CREDIT_CODE.fullmatch(text) is None or not text.isascii():
        return False
    values = [_CREDIT_CODE_ALPHABET.index(character) for character in text]
    weighted = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    return (31 - weighted % 31) % 31 == values[17]
