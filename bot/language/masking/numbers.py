"""Finds identity numbers, bank cards and telephone numbers, however their digits are grouped.

Digits may be of any script, with up to three characters between them that are neither letters nor digits. A number with
a valid check digit, or with a word before it that says what it is (“我的手机”), may be grouped in any way; others count
only if they can hardly be a date, an amount or a list. Lengths and check digits: GB 11643-1999 (identity numbers),
ISO/IEC 7812 (bank cards), the numbering plan of telephones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from stdnum import luhn
from stdnum.cn import ric

from bot.language.masking.harmless import counts_up, harmless_spans, is_date
from bot.language.masking.plain import CHINESE_DIGITS, TAKEN, Found, Plain

IDENTITY, CARD, MOBILE, PHONE, NUMBER = "[身份证号]", "[银行卡号]", "[手机号]", "[电话]", "[号码]"
GAP = rf"(?:(?:[^\w{TAKEN}]|_){{1,3}}|\s?(?:横杠|短横|空格|杠)\s?)"
# What may stand between the name of a number and the number: “我的手机号码现在是：”.
FILLER = r"(?:字?号码?|编号|[是为叫:=\s,.、(\[的就改换成用现在原新旧我有也都]|No\.?){0,8}"

_RUN = re.compile(rf"\d(?:{GAP}?\d)*")
_PIECE = re.compile(rf"[0-9]+|[{''.join(map(chr, CHINESE_DIGITS))}]+")
_X = re.compile(rf"{GAP}?[Xx×Χχ]")
# 91: a foreigner's identity number of permanent residence.
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_MOBILE = re.compile(r"(?:(?:00)?86|0)?1[3-9]\d{9}")
# After the zero an area code of two or three digits, then seven or eight digits.
_LANDLINE = re.compile(r"(?:(?:00)?860?|0)(?:10|2\d|[3-9]\d\d)[2-9]\d{6,7}")
_LOCAL = re.compile(r"[2-9]\d{6,7}")

_IDENTITY_NAMED = re.compile(rf"(?:身份证|身份号|证件号|公民身份|(?i:id)){FILLER}$")
_IDENTITY_NUMBER_NAMED = re.compile(r"身份证号码?[是为:\s]{0,3}$")
_PART_NAMED = re.compile(r"(?:[后末尾前](?:[三四五六八34568])[位个]?(?:数字?)?|尾号|末尾)[是为:\s]{0,3}$")
_CARD_NAMED = re.compile(
    rf"(?:[卡账帐]号|账户|帐户|存折|银行卡|信用卡|储蓄卡|[工建农中交招][商设业国通]?[行商]|邮政"
    rf"|信用社){FILLER}卡?{FILLER}$"
)
_PHONE_NAMED = re.compile(
    r"(?:手机|电话|座机|固话|联系方式|联系我|打我|找我|打给我|致电|短信|微信|号码|拨打?|传真|(?i:tel|phone|mobile))"
    rf"{FILLER}$"
)
_OFFICE = re.compile(
    r"(?:局|委|办|派出所|医院|站|科|处|中心|大厅|窗口|热线|政府|法院|部门|街道|社区|平台|12345)"
    r"(?:的|咨询|联系|办公|值班|服务|监督|投诉|举报|预约|报名|客服|对外|电话|座机|号码|热线|传真|是|为|[:\s(,、])*$"
    r"|(?:咨询|服务|监督|投诉|举报|值班|办公|办公室|客服|预约)(?:电话|热线|号码)[是为:\s]*$"
)
_COUNTED = re.compile(r"\s?(?:元|万|亿|块钱|平方|吨|人次|公里)")
_SHORTEST_NUMBER, _LONGEST_NUMBER = 3, 24
_BEFORE = 24


@dataclass(frozen=True)
class _Piece:
    """Digits of one script with nothing between them."""

    start: int
    end: int
    digits: str


@dataclass(frozen=True)
class _Candidate:
    """Neighbouring pieces of `text`, taken as one number."""

    text: str
    pieces: Sequence[_Piece]
    digits: str
    harmless: Sequence[tuple[int, int]]
    # Results of `is_named`, shared by all candidates that begin at the same place.
    names: dict[re.Pattern[str], bool]

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def end(self) -> int:
        return self.pieces[-1].end

    @property
    def sizes(self) -> list[int]:
        return [len(piece.digits) for piece in self.pieces]

    @property
    def is_solid(self) -> bool:
        return self.end - self.start == len(self.digits)

    @property
    def is_free(self) -> bool:
        """Nothing in it is a date, a time, an amount or a receipt, and it does not count up."""
        overlaps = any(start < self.end and self.start < end for start, end in self.harmless)
        return not overlaps and not counts_up([piece.digits for piece in self.pieces])

    def is_named(self, name: re.Pattern[str]) -> bool:
        if name not in self.names:
            before = self.text[max(0, self.start - _BEFORE) : self.start]
            self.names[name] = name.search(before) is not None
        return self.names[name]

    def as_found(self, mark: str, end: int | None = None) -> Found:
        """The number as found, with a “+” or “(” before it that belongs to it."""
        before = self.text[max(0, self.start - 2) : self.start]
        signs = before[len(before.rstrip("(+")) :]
        has_signs = "+" in signs or ")" in self.text[self.start : self.end]
        return Found(self.start - len(signs) * has_signs, end or self.end, mark)


_Kind = Callable[[_Candidate], "Found | None"]


def find_identity_numbers(plain: Plain) -> Iterator[Found]:
    return _find(plain, (_identity,))


def find_numbers(plain: Plain) -> Iterator[Found]:
    return _find(plain, (_identity, _part, _card, _phone))


def find_numbers_but_telephones(plain: Plain) -> Iterator[Found]:
    return _find(plain, (_identity, _card))


def _find(plain: Plain, kinds: Sequence[_Kind]) -> Iterator[Found]:
    digits = plain.digits
    runs = [run.span() for run in _RUN.finditer(digits)]
    harmless = harmless_spans(plain.text) if runs else []
    for start, end in runs:
        pieces = [
            _Piece(*match.span(), digits[slice(*match.span())]) for match in _PIECE.finditer(plain.text, start, end)
        ]
        yield from _within(plain.text, pieces, harmless, kinds)


def _within(
    text: str, pieces: Sequence[_Piece], harmless: Sequence[tuple[int, int]], kinds: Sequence[_Kind]
) -> Iterator[Found]:
    """Finds numbers from left to right, the longest first, since a card may begin like a telephone."""
    first = 0
    while first < len(pieces):
        taken = 1
        for candidate in reversed(_from(text, pieces, first, harmless)):
            found = next(filter(None, (kind(candidate) for kind in kinds)), None)
            if found:
                yield found
                taken = len(candidate.pieces)
                break
        first += taken


def _from(text: str, pieces: Sequence[_Piece], first: int, harmless: Sequence[tuple[int, int]]) -> list[_Candidate]:
    candidates, digits, names = [], "", dict[re.Pattern[str], bool]()
    for last in range(first, len(pieces)):
        digits += pieces[last].digits
        if len(digits) > _LONGEST_NUMBER and last > first:
            break
        if len(digits) >= _SHORTEST_NUMBER:
            candidates.append(_Candidate(text, pieces[first : last + 1], digits, harmless, names))
    return candidates


def _identity(number: _Candidate) -> Found | None:
    size = len(number.digits)
    if size < 6:
        return None
    x = _X.match(number.text, number.end) if size == 17 else None
    if size == 18 or x:
        digits = number.digits + ("X" if x else "")
        is_one = is_identity_number(digits) or (number.is_solid and digits[0] != "0" and not luhn.is_valid(digits))
    else:
        is_one = size == 15 and _is_old_identity_number(number)
    if not is_one:
        least = 6 if number.is_named(_IDENTITY_NUMBER_NAMED) else 12
        is_one = least <= size <= 20 and number.is_named(_IDENTITY_NAMED) and not is_date(number.digits)
    return number.as_found(IDENTITY, x.end() if x else None) if is_one else None


def is_identity_number(digits: str) -> bool:
    """Whether 18 characters are an identity number: a province, and a valid check digit or day of birth. One of these
    two is enough, since people mistype the rest."""
    is_checked = digits[:-1].isdigit() and digits[-1] == ric.calc_check_digit(digits)
    return _PROVINCE.match(digits) is not None and (is_checked or _is_day(digits[6:10], digits[10:12], digits[12:14]))


def _is_old_identity_number(number: _Candidate) -> bool:
    """Whether 15 digits are one as given before 1999: province, county, year of two digits, month, day, three more."""
    digits = number.digits
    is_grouped = len(number.pieces) == 1 or number.is_solid or number.sizes == [6, 6, 3]
    is_day = _is_day("19" + digits[6:8], digits[8:10], digits[10:12])
    return _PROVINCE.match(digits) is not None and is_day and (is_grouped or number.is_named(_IDENTITY_NAMED))


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        return 1880 <= date(int(year), int(month), int(day)).year <= 2100
    except ValueError:
        return False


def _part(number: _Candidate) -> Found | None:
    """A few digits that are said to be part of a number: “身份证后四位002X”, “尾号5678”."""
    if not 3 <= len(number.digits) <= 8 or not number.is_named(_PART_NAMED):
        return None
    x = _X.match(number.text, number.end)
    return number.as_found(NUMBER, x.end() if x else None)


def _card(number: _Candidate) -> Found | None:
    size = len(number.digits)
    if size >= 16 and number.is_solid:
        return number.as_found(CARD if size <= 19 else NUMBER)
    if 12 <= size <= 22 and number.is_named(_CARD_NAMED):
        return number.as_found(CARD)
    if not 16 <= size <= 19 or number.digits[0] not in "3456789" or not number.is_free:
        return None
    is_grouped = set(number.sizes[:-1]) == {4}
    return number.as_found(CARD) if is_grouped or luhn.is_valid(number.digits) else None


def _phone(number: _Candidate) -> Found | None:
    if not 7 <= len(number.digits) <= 15:
        return None
    is_named = number.is_named(_PHONE_NAMED)
    is_plain = number.is_solid and not _COUNTED.match(number.text, number.end)
    if _MOBILE.fullmatch(number.digits):
        return number.as_found(MOBILE) if is_named or is_plain or (not number.is_solid and number.is_free) else None
    is_landline = _LANDLINE.fullmatch(number.digits) is not None
    is_abroad = len(number.digits) >= 8 and number.text[: number.start].endswith(("+", "+("))
    if not (is_landline or is_named or is_abroad) or number.is_named(_OFFICE) or not number.is_free:
        return None
    is_grouped = is_plain or number.sizes[0] >= 3 or set(number.sizes) == {1}
    is_local = _LOCAL.fullmatch(number.digits) or len(number.digits) in (9, 10, 12)
    is_one = is_named and (is_landline or is_local) and not is_date(number.digits)
    return number.as_found(PHONE) if is_one or is_abroad or (is_landline and is_grouped) else None
