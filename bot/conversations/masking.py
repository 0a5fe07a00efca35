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
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(
    r"[一-龥]{2,12}?(?:路|街|巷|道|弄|村|小区|花园|苑)[一-龥\d]{0,6}?\d+\s*(?:号|栋|幢|弄|座)"
    r"(?:[\d一-龥\-]{0,12}?\d*\s*(?:单元|室|号|楼|层|户))*"
)
_NAME = re.compile(r"(?P<lead>我叫|我是叫|姓名[是为:：]?|名字[是叫:：]|申请人[是为:：]?)\s*(?P<name>[一-龥]{2,3})(?![一-龥]*局)")
# The alphabet of query codes; one letter and one digit at least, four and four.
_QUERY_CODE = re.compile(
    r"(?<![A-Za-z0-9\-])(?=[A-Za-z0-9\- ]*\d)(?=[\d\- ]*[A-Za-z])[2-9A-HJKMNP-Za-hjkmnp-z]{4}[ \-]?"
    r"[2-9A-HJKMNP-Za-hjkmnp-z]{4}(?![A-Za-z0-9])"
)


def without_query_codes(text: str) -> str:
    """Query codes are secrets: not even the stored message keeps them."""
    return _QUERY_CODE.sub("[查询码]", text)


def mask(text: str) -> str:
    """`text` without identity numbers, cards, phones, mail and street addresses, names given as such, query codes."""
    masked = _EMAIL.sub("[邮箱]", text)
    masked = _IDENTITY_NUMBER.sub("[身份证号]", masked)
    masked = _BANK_CARD.sub("[银行卡号]", masked)
    masked = _MOBILE_PHONE.sub("[手机号]", masked)
    masked = _LANDLINE.sub("[电话]", masked)
    masked = _ADDRESS.sub("[地址]", masked)
    masked = _NAME.sub(lambda match: f"{match['lead']}[姓名]", masked)
    return without_query_codes(masked)
