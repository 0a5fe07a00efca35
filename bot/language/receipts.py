"""Receipts (回执号) and query codes (查询码) as people write, say and mistype them.

Standard library only and Python 3.10: the engine's environment reads this module too.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

# No 0, 1, I, L, O, which people mistake for one another; the same alphabet as in `bot/language/masking`.
QUERY_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
QUERY_CODE_LENGTH = 8

_DIGITS_SAID_ALOUD = str.maketrans(
    {
        word: str(digit)
        for digit, words in enumerate(
            ("零〇○", "一壹幺", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
        )
        for word in words
    }
)
# Bounded, so that a text made of gaps cannot slow the expressions down.
_GAP_MARK = r"(?:[\s\-‐‑‒–—―−_./、,·:]|横杠|短横|杠)"
_GAP = _GAP_MARK + "{0,4}"
_LETTERS = rf"X{_GAP}X{_GAP}G{_GAP}K"
_YEAR = rf"(?P<year>2{_GAP}0{_GAP}\d{_GAP}\d){_GAP}年?{_GAP}"
_SIX_DIGITS = rf"(?P<serial>\d{{6}}(?!\d)|\d(?:{_GAP}\d){{5}}(?![A-Z0-9]))"
# “XXGK-2026-123” only lacks leading zeros. “0123” may also lack another digit, so it is no receipt.
_SHORT = r"(?P<serial>[1-9]\d{0,4}(?![A-Z0-9]))"

_LETTERED = re.compile(rf"(?<![A-Z0-9]){_LETTERS}{_GAP}{_YEAR}{_SIX_DIGITS}")
_LETTERED_SHORT = re.compile(rf"(?<![A-Z0-9]){_LETTERS}{_GAP}{_YEAR}{_SHORT}")
_NAMED = re.compile(
    rf"(?:信息公开(?:申请)?|回执|编号|(?:信息公开(?:申请)?)?(?:回执|受理)(?:编号|号码?))[是为]?{_GAP}{_YEAR}{_SIX_DIGITS}"
)
# Without letters, only a form that cannot be a date or a phone number: a year, a gap, six digits in one piece.
_BARE = re.compile(rf"(?<![A-Z0-9\-])(?P<year>20\d\d)(?:{_GAP_MARK}|年){{1,4}}(?P<serial>\d{{6}})(?![A-Z0-9])")
_PATTERNS = (_LETTERED, _LETTERED_SHORT, _NAMED, _BARE)
# A message that is nothing but the receipt, in reply to our question for it.
_BARE_WHOLE = re.compile(rf"{_YEAR}{_SIX_DIGITS}号?")

_CODE_GAP = r"[\s\-‐‑‒–—―−_]"
_HALF = f"[{QUERY_CODE_ALPHABET}]{{{QUERY_CODE_LENGTH // 2}}}"
_QUERY_CODE = re.compile(f"(?=.*[0-9])(?=.*[A-Z]){_HALF}{_HALF}")
_QUERY_CODE_WITHIN = re.compile(f"(?<![A-Z0-9])(?=({_HALF}){_CODE_GAP}{{0,3}}({_HALF})(?![A-Z0-9]))")


def find_receipt(text: str) -> str | None:
    """The first receipt in a sentence, as `XXGK-2026-000123`; None if there is none beyond doubt."""
    plain = _plain(text)
    for pattern in _PATTERNS:
        match = pattern.search(plain)
        if match:
            return _canonical(match)
    return None


def parse_receipt(text: str) -> str | None:
    """The receipt if `text` is nothing else, also “二零二六 零零零一二三”; otherwise as `find_receipt` finds it."""
    whole = _BARE_WHOLE.fullmatch(_plain(text).strip())
    return _canonical(whole) if whole else find_receipt(text)


def normalise_query_code(text: str) -> str | None:
    """The code as it is compared and hashed, `K7M29QXD`; None if `text` cannot be one."""
    code = re.sub(_CODE_GAP, "", _plain(text))
    return code if _QUERY_CODE.fullmatch(code) else None


def find_query_code(text: str) -> str | None:
    """The first query code in a sentence, as `K7M29QXD`; a receipt in the same sentence is not taken for one."""
    without_receipts = _half_width(text)
    for pattern in _PATTERNS:
        without_receipts = pattern.sub(" ", without_receipts)
    halves = (match[1] + match[2] for match in _QUERY_CODE_WITHIN.finditer(without_receipts))
    return next((code for code in halves if _QUERY_CODE.fullmatch(code)), None)


def new_query_code() -> str:
    """A code as it is shown, `K7M2-9QXD`: at least one letter and one digit, by which masking recognises it."""
    while True:
        code = "".join(secrets.choice(QUERY_CODE_ALPHABET) for _ in range(QUERY_CODE_LENGTH))
        if _QUERY_CODE.fullmatch(code):
            return f"{code[:4]}-{code[4:]}"


def _plain(text: str) -> str:
    """Half width, upper case, digits as digits."""
    return _half_width(text).translate(_DIGITS_SAID_ALOUD)


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def _canonical(match: re.Match[str]) -> str:
    year, serial = (re.sub(r"\D", "", match[part]) for part in ("year", "serial"))
    return f"XXGK-{year}-{int(serial):06d}"
