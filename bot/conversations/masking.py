"""Takes personal data out of a text before it reaches a log, a list or a training file.

What is masked is replaced by a mark that says what it was, so that a reader can follow the conversation.
"""

from __future__ import annotations

import re

# Lengths and check positions: GB 11643-1999 (identity number), the numbering plan of 11-digit mobile phones,
# ISO/IEC 7812 (bank cards, 16 to 19 digits). Digits may be parted by spaces or hyphens, as people type them.
_GAP = r"[ \-—]?"
_IDENTITY_NUMBER = re.compile(rf"(?<!\d)[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx](?!\d)")
_BANK_CARD = re.compile(rf"(?<!\d)[3-9]\d{{3}}(?:{_GAP}\d){{12,15}}(?!\d)")
_MOBILE_PHONE = re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ADDRESS = re.compile(
    r"[一-龥]{2,12}?(?:路|街|巷|道|弄|村|小区|花园|苑)[一-龥\d]{0,6}?\d+\s*(?:号|栋|幢|弄|座)"
    r"(?:[\d一-龥\-]{0,12}?\d*\s*(?:单元|室|号|楼|层|户))*"
)
_NAME = re.compile(
    r"(?P<lead>我叫|我是叫|姓名[是为:：]?|名字[是叫:：]|申请人[是为:：]?)\s*(?P<name>[一-龥]{2,3})(?![一-龥]*局)"
)
# As `bot.disclosures.receipts.find_query_code` takes them; one letter and one digit at least, four and four.
_QUERY_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z\s\-‐‑‒–—―−_]*\d)(?=[\d\s\-‐‑‒–—―−_]*[A-Za-z])[2-9A-HJKMNP-Za-hjkmnp-z]{4}"
    r"[\s\-‐‑‒–—―−_]{0,3}[2-9A-HJKMNP-Za-hjkmnp-z]{4}(?![A-Za-z0-9])"
)
# What shows how a query code looks (`bot.replies.disclosures.ask_query_code`), and is none.
_EXAMPLE_CODE = "ABCD-2345"
# One character for one, so that what is found in the half-width text stands at the same place in the text as typed.
_HALF_WIDTH: dict[int, str | int] = {0x3000: " ", **{full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}}
_MARKS = (
    (_EMAIL, "[邮箱]"),
    (_IDENTITY_NUMBER, "[身份证号]"),
    (_BANK_CARD, "[银行卡号]"),
    (_MOBILE_PHONE, "[手机号]"),
    (_LANDLINE, "[电话]"),
    (_ADDRESS, "[地址]"),
    (_NAME, "[姓名]"),
)


# What stands for the answer to a form's question that is personal, by the step that asked (`Reply.awaits`).
ANSWER_MARKS = {"name": "[姓名]", "identity": "[证件号码]", "contact": "[联系方式]", "address": "[地址]"}


def without_secrets(text: str) -> str:
    """Query codes and identity numbers: not even the stored message keeps them."""
    return without_query_codes(_replaced(_IDENTITY_NUMBER, "[身份证号]", text))


def without_query_codes(text: str) -> str:
    return _replaced(_QUERY_CODE, "[查询码]", text)


def for_sending(text: str) -> str:
    """The last guard of what goes to a telephone, where others may read it: no identity number, bank card, query code.

    Telephones and addresses stay, since those of offices are what people ask for.
    """
    for pattern, mark in ((_IDENTITY_NUMBER, "[身份证号]"), (_BANK_CARD, "[银行卡号]")):
        text = _replaced(pattern, mark, text)
    return _EXAMPLE_CODE.join(map(without_query_codes, text.split(_EXAMPLE_CODE)))


def mask(text: str) -> str:
    """`text` without identity numbers, cards, phones, mail and street addresses, names given as such, query codes."""
    for pattern, mark in _MARKS:
        text = _replaced(pattern, mark, text)
    return without_query_codes(text)


def mask_contact(contact: str) -> str:
    """“13900138000” → “139****8000”; mail addresses alike, of a short one only the first letter."""
    return f"{contact[:3]}****{contact[-4:]}" if len(contact) >= 10 else f"{contact[:1]}****"


def _replaced(pattern: re.Pattern[str], mark: str, text: str) -> str:
    kept: list[str] = []
    end = 0
    for match in pattern.finditer(text.translate(_HALF_WIDTH)):
        # What leads to a name (“我叫”) stays.
        kept += [text[end : match.end("lead") if "lead" in match.groupdict() else match.start()], mark]
        end = match.end()
    return "".join([*kept, text[end:]])
