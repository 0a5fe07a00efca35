"""Finds numbers of papers, vehicles and firms: passports, permits, cards, licences, plates, credit codes.

Some are known by their shape (plates, GA 36-2018; credit codes, GB 32100-2015; vehicle identification numbers,
GB 16735-2019; passports and permits of the exit and entry administration), the rest by the word before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum.cn import uscc

from bot.language.masking.harmless import harmless_spans, is_date
from bot.language.masking.numbers import FILLER, GAP
from bot.language.masking.plain import Found, Plain

_PAPER, _PASSPORT, _SOCIAL, _LICENCE = "[证件号码]", "[护照号]", "[社保卡号]", "[驾驶证号]"
_CREDIT, _VEHICLE, _PLATE, _PASSWORD = "[信用代码]", "[车架号]", "[车牌号]", "[密码]"

_NAMED = {
    _PASSPORT: r"护照|(?i:passport)",
    _SOCIAL: r"社保卡|社会保障卡|社会保障号|社保(?:编号|号|账号)|医保(?:卡|编号|号|账号)|公积金(?:账号|卡)",
    _LICENCE: r"驾驶证|驾照|行驶证|档案编?号",
    _CREDIT: r"信用代码|税号|纳税人识别号|营业执照|注册号|组织机构代码",
    _VEHICLE: r"车架|车辆识别代[码号]|(?i:vin)|发动机",
    _PAPER: (
        r"通行证|回乡证|台胞证|居住证|居留证|永居证|永久居留|身份证明|军官证|士兵证|军人证|警官证|残疾证|退休证"
        r"|老年证|优待证|低保证|残疾人证"
        r"|结婚证|离婚证|出生证|出生医学证明|准生证|户口[本簿]|户[口籍]?号|房产证|房本|不动产权?证?|毕业证|学位证"
        r"|资格证|许可证|就业创业证|工作证"
        r"|学籍|学号|准考证|考生号|考号|病历|住院|门诊|就诊卡|工号|证件"
    ),
}
_WORD = rf"[A-Za-z]{{0,4}}(?:{GAP}?[0-9A-Za-z]){{5,25}}"
_NAMED_NUMBERS = [
    (re.compile(rf"(?:{names})(?:字?第|{FILLER})(?P<number>{_WORD})"), mark) for mark, names in _NAMED.items()
]
_NUMBERED = re.compile(r"号|编码|代码|[是为:=]|(?i:no)")
# What follows a year, an amount or a count.
_COUNTED = re.compile(r"\s?[年月日元万亿岁天个条号]")

_PASSPORT_SHAPE = re.compile(r"(?<![A-Za-z0-9-])(?:[EeGgDdSsPp]\d{8}|[EeDdSsPp][A-Za-z]\d{7})(?![0-9A-Za-z])")
# 往来港澳通行证, 往来台湾通行证, 回乡证, and cards of one letter and eight digits.
_PERMIT_SHAPE = re.compile(
    r"(?<![A-Za-z0-9-])(?:[A-Za-z]\d{8}|[A-Za-z]{2}\d{7}|[HMhm]\d{10}|[A-Za-z]{3}\d{12})(?![0-9A-Za-z])"
)
_CREDIT_CODE = re.compile(
    rf""
    rf"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy](?:{GAP}?[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]){{17}}(?![0-9A-Za-z])"
)
_VEHICLE_NUMBER = re.compile(
    rf"(?<![0-9A-Za-z])[A-HJ-NPR-Za-hj-npr-z0-9](?:{GAP}?[A-HJ-NPR-Za-hj-npr-z0-9]){{16}}(?![0-9A-Za-z])"
)
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE_NUMBER = re.compile(
    rf"(?:(?P<province>[{_PROVINCE}])|(?<=车牌)|(?<=车牌号)|(?<=号牌)|(?<=车牌是)|(?<=车牌号是)|(?<=车牌:)"
    rf"|(?<=车牌号:))\s?[A-HJ-NP-Za-hj-np-z]"
    rf"{GAP}?(?:[A-HJ-NP-Za-hj-np-z0-9]{GAP}?){{4,5}}(?:[A-HJ-NP-Za-hj-np-z0-9]|[挂学警港澳领使])?(?![0-9A-Za-z])"
)
_SECRET = re.compile(r"(?:密码|口令|验证码)\s?(?:是|为|:|=)?\s?(?P<number>[!-~]{4,})(?![!-~])")
_COURT_OR_TITLE = re.compile(
    r"(?:[一-龥]字第|不动产权|房权证|房产证|结字|离字|军字|士字|残联)[^\s,。;]{0,12}?第?\s?(?P<number>\d{6,})号?"
)


def find_documents(plain: Plain) -> Iterator[Found]:
    """The numbers of papers. The word before a number is not part of it, so it stays and says which paper it was."""
    harmless = harmless_spans(plain.text)
    for each in (*_by_shape(plain), *_by_name(plain), *_secrets(plain)):
        if not any(start < each.end and each.start < end for start, end in harmless):
            yield each


def _by_shape(plain: Plain) -> Iterator[Found]:
    text = plain.text
    for match in _CREDIT_CODE.finditer(plain.text):
        code = _compact(match[0])
        if uscc.is_valid(code) or (match[0].isalnum() and _is_mixed(code)):
            yield Found(*match.span(), _CREDIT)
    for match in _VEHICLE_NUMBER.finditer(text):
        if match[0].isalnum() and _is_mixed(match[0]):
            yield Found(*match.span(), _VEHICLE)
    for match in _PLATE_NUMBER.finditer(plain.digits):
        if sum(character.isdigit() for character in match[0]) >= 1:
            yield Found(*match.span(), _PLATE)
    for pattern, mark in ((_PASSPORT_SHAPE, _PASSPORT), (_PERMIT_SHAPE, _PAPER)):
        for match in pattern.finditer(plain.digits):
            if not is_date(match[0][1:]):
                yield Found(*match.span(), mark)


def _by_name(plain: Plain) -> Iterator[Found]:
    for pattern, mark in _NAMED_NUMBERS:
        for match in pattern.finditer(plain.digits):
            number, said = _compact(match["number"]), match[0][: match.start("number") - match.start()]
            if _is_number(number, said) and not _COUNTED.match(plain.text, match.end()):
                yield Found(*match.span("number"), mark)
    for match in _COURT_OR_TITLE.finditer(plain.digits):
        yield Found(*match.span("number"), _PAPER)


def _secrets(plain: Plain) -> Iterator[Found]:
    return (Found(*match.span("number"), _PASSWORD) for match in _SECRET.finditer(plain.text))


def _is_number(number: str, said: str) -> bool:
    count = sum(character.isdigit() for character in number)
    is_dated = is_date(number) and not _NUMBERED.search(said)
    return count >= 5 and not is_dated


def _is_mixed(code: str) -> bool:
    letters = sum(character.isalpha() for character in code)
    return letters >= 2 and len(code) - letters >= 5


def _compact(written: str) -> str:
    return "".join(character for character in written if character.isascii() and character.isalnum()).upper()
