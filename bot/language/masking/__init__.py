"""Takes personal data out of a text before it reaches a log, a list or a training file.

A mark replaces each part and says what it was, so that a reader can follow the conversation. `docs/masking.md` says
which kinds are masked, which are not, and why. Both environments use this, so it must run on Python 3.10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from bot.language.masking.birth import find_birth_days
from bot.language.masking.contacts import find_contacts
from bot.language.masking.documents import find_documents
from bot.language.masking.names import find_names
from bot.language.masking.numbers import find_identity_numbers, find_numbers, find_numbers_but_telephones
from bot.language.masking.places import find_places
from bot.language.masking.plain import TAKEN, Found, Plain

# Query codes, with at least one letter and one digit: in two groups of four as `bot.language.receipts.find_query_code`
# finds them, and also in pairs or single characters.
_CODE_GAP = r"[\s\-‐‑‒–—―−_]"
_SIGN = "[2-9A-HJKMNP-Za-hjkmnp-z]"
_QUERY_CODE = re.compile(
    rf"(?<![A-Za-z0-9])(?=(?P<code>{_SIGN}{{4}}{_CODE_GAP}{{0,3}}{_SIGN}{{4}}"
    rf"|{_SIGN}{{2}}(?:{_CODE_GAP}{{1,3}}{_SIGN}{{2}}){{3}}"
    rf"|{_SIGN}(?:{_CODE_GAP}{{1,3}}{_SIGN}){{7}})(?![A-Za-z0-9]))"
)
# The example that shows how a query code looks (`bot.replies.disclosures.ask_query_code`).
_EXAMPLE_CODE = "ABCD-2345"
# The step of a form (`Reply.awaits`) that asks for something personal → the mark that replaces the answer.
ANSWER_MARKS = {"name": "[姓名]", "identity": "[证件号码]", "contact": "[联系方式]", "address": "[地址]"}

_Finder = Callable[[Plain], Iterable[Found]]


def _find_query_codes(plain: Plain) -> Iterable[Found]:
    for match in _QUERY_CODE.finditer(plain.digits):
        code = match["code"]
        if any(sign.isdigit() for sign in code) and any(sign.isalpha() for sign in code):
            yield Found(*match.span("code"), "[查询码]")


_ALL: Sequence[_Finder] = (
    find_contacts,
    find_documents,
    find_numbers,
    _find_query_codes,
    find_birth_days,
    find_places,
    find_names,
)
_SECRET: Sequence[_Finder] = (find_identity_numbers, _find_query_codes)
_NOT_TO_SEND: Sequence[_Finder] = (find_numbers_but_telephones, _find_query_codes)
_MARKED = re.compile(
    r"\[(?:姓名|证件号码|联系方式|地址|身份证号|银行卡号|手机号|电话|号码|护照号|社保卡号|驾驶证号|信用代码|车架号"
    r"|车牌号|密码|邮箱|QQ号|微信号|出生日期|位置|查询码)\]"
)


def without_secrets(text: str) -> str:
    """`text` without query codes and identity numbers, which not even the stored message keeps."""
    return _replaced(_SECRET, text)


def without_query_codes(text: str) -> str:
    return _replaced((_find_query_codes,), text)


def for_sending(text: str) -> str:
    """`text` without identity numbers, bank cards and query codes, for a telephone, where others may read it.

    Telephone numbers and addresses stay, since people ask for those of offices.
    """
    return _EXAMPLE_CODE.join(_replaced(_NOT_TO_SEND, part) for part in text.split(_EXAMPLE_CODE))


def mask(text: str) -> str:
    """`text` without what tells who somebody is, where they live or how they are reached, and without query codes."""
    return _replaced(_ALL, text)


def mask_contact(contact: str) -> str:
    """“13900138000” → “139****8000”; the same for mail addresses. Of a short one only the first letter stays."""
    return f"{contact[:3]}****{contact[-4:]}" if len(contact) >= 10 else f"{contact[:1]}****"


def _replaced(finders: Sequence[_Finder], text: str) -> str:
    """Masks until nothing more is found, so that masking a masked text changes nothing."""
    while True:
        masked = _replaced_once(finders, text)
        if masked == text:
            return text
        text = masked


def _replaced_once(finders: Sequence[_Finder], text: str) -> str:
    plain = Plain.of(text).taken(_MARKED)
    all_found: list[Found] = []
    for finder in finders:
        for found in finder(plain):
            if found.end > found.start and TAKEN not in plain.text[found.start : found.end]:
                all_found.append(found)
                plain = plain.without([found])
    return plain.masked(all_found)
