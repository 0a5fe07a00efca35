"""Document numbers (文号) in every form that offices write: 云府发〔2026〕7号, 国务院令第711号, 公告 2026 年第 3 号.

GB/T 9704 writes the year in 〔〕; files that were typed or exported have [], （）, 【】, spaces, and no 号. Papers of
the 1990s put the year first, 〔1994〕云财字第7号, or a name behind it, 云府〔1994〕综7号.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.language.numerals import parse_numeral

_HAN = "[㐀-鿿]"
_NUMERAL = "[零〇○一二三四五六七八九十百千]"
_OPEN, _CLOSE = r"[〔\[(【﹝〈「{]", r"[〕\])】﹞〉」}]"
_BRACKET = rf"(?:{_OPEN}|{_CLOSE})"
_YEAR = rf"(?:(?:19|20)\d{{2}}|[一二]{_NUMERAL}{{3}}|\d{{2}}(?=\s*[〕\])】﹞]|年))"
# One of the two brackets is sometimes missing, or typed twice.
_BRACKETED = rf"(?:{_BRACKET}+{_YEAR}年?{_BRACKET}+年?|{_YEAR}年?[〕】﹞]|[〔【﹝]{_YEAR}年?)"
_IN_BRACKETS = rf"{_OPEN}(?!{_YEAR}{_CLOSE}){_HAN}{{1,8}}{_CLOSE}"
# 7, 7-1, 1—3, 十二
_SERIAL = rf"(?:\d{{1,6}}(?:[-–—―~至.]+\d{{1,4}})?(?:、\d{{1,4}}(?=[、号]))*|{_NUMERAL}{{1,7}})"
_ORGAN = rf"(?:{_HAN}|[A-Za-z])(?:{_HAN}|[A-Za-z0-9、·.]|{_IN_BRACKETS}){{0,30}}?"
_ORGANS = rf"{_HAN}(?:{_HAN}|、|第\d{{1,2}}届|{_IN_BRACKETS}){{0,40}}?"
# 云府发〔2026〕7号, 云民（养老）〔2026〕7号, 云府发〔2026〕第7号, 云府发〔2026〕7. Before the year a name of an organ.
_BY_YEAR = rf"{_ORGAN}(?:字|字第)?{_BRACKETED}(?:字?第)?{_SERIAL}(?:号|(?!\d))"
# 国务院令第711号, 云河市人民政府令2026年第3号, 税务总局公告2026年第3号, 云河市人民代表大会常务委员会公告〔十五届〕第7号
_BY_KIND = (
    rf"{_ORGANS}(?:令|公告|通告|公报|告示|决定)(?:{_OPEN}[^〕\])】﹞]{{1,8}}{_CLOSE})?年?"
    rf"(?:(?:{_YEAR}年?)?(?:字?第)?{_SERIAL}号|{_OPEN}(?:{_YEAR}年)?第?{_SERIAL}号{_CLOSE})"
)
# 国务院第711号令, 市政府7号令
_BY_ORDER = rf"{_ORGANS}(?:{_YEAR}年)?第?{_SERIAL}号(?:令|公告|通告)"
# 云府〔1994〕综7号, 云房〔1994〕商字发第7号
_BY_SECTION = rf"{_ORGAN}[〔\[]{_YEAR}年?[〕\]](?:{_HAN}|{_IN_BRACKETS}){{1,6}}?{_SERIAL}号"
# 云府发2026年7号
_WITHOUT_BRACKETS = rf"{_HAN}{{1,20}}?[发函办规字文电知通复告审政]{_YEAR}年第?{_SERIAL}号"
_NUMBER = re.compile("|".join((_BY_YEAR, _BY_KIND, _BY_ORDER, _BY_SECTION, _WITHOUT_BRACKETS)))
# These are words of a text as often as numbers, so that they count only where a line holds nothing else.
_ALONE = re.compile(
    "|".join(
        (
            _NUMBER.pattern,
            # Of many organs
            rf"(?:{_HAN}|、|{_IN_BRACKETS}){{1,80}}{_BY_KIND}",
            # 〔1994〕云财字第7号; 〔2026〕7号, whose organ stands above it
            rf"{_OPEN}?{_BRACKETED}(?:(?:{_HAN}|{_IN_BRACKETS}){{2,12}}|第)?{_SERIAL}号",
            # 云河市公安局2026年第3号, 云税公告2026第3号, 云应急2026-3号
            rf"{_ORGANS}{_YEAR}(?:年第?|第|-){_SERIAL}号",
            # 云河市人民政府第七号, 云办秘字第7号
            rf"{_ORGANS}(?:人民政府|代表大会|委员会|字)第{_SERIAL}号",
        )
    )
)
_BARE = re.compile(rf"(?:公告|通告|令)?(?:{_YEAR}年)?第{_SERIAL}号(?:公告|通告|令)?|{_BRACKETED}-?{_SERIAL}号?")
_LABEL = re.compile(r"(?:发文字号|发文号|公文文号|文件编号|文件号|文号|字号|编号|文)[:：]")
_BESIDE = re.compile(
    r"(?:(?:签发人|印发|发布|会签)[:：].*|(?<=号)(?:\(?\d{4}年\d{1,2}月\d{1,2}日\)?|文))$|^\d{4}年\d{1,2}月\d{1,2}日"
)
# Signs that a file's own code page left behind, and marks of no width.
_LEFT_BEHIND = re.compile("[\ue000-\uf8ff\u200b-\u200f\ufeff\ufffd]")
_SERIAL_IN_BRACKETS = re.compile(rf"{_OPEN}((?:{_YEAR}年)?第?{_SERIAL}号){_CLOSE}$")
_SERIAL_IN_NUMERALS = re.compile(rf"(?<=[〕第])({_NUMERAL}{{1,7}})(?=号$)")
_BETWEEN = re.compile(r"(?<=号)(?![令公通文〕\])】])[、,;/和及]*")
_ORDER = re.compile(rf"((?:{_YEAR}年)?第?{_SERIAL}号)(令|公告|通告)$")
_YEAR_IN_BRACKETS = re.compile(rf"{_BRACKET}+({_YEAR})年?{_BRACKET}+年?|({_YEAR})年?[〕】﹞]|[〔【﹝]({_YEAR})年?")
_YEAR_OF_KIND = re.compile(rf"(?<=[令告])({_YEAR})(?=第)")
_DIGITS = str.maketrans("零〇○一二三四五六七八九", "000123456789")
_WIDE = str.maketrans("()[]", "（）〔〕")
_LONGEST_LINE = 120


def folded(text: str) -> str:
    """The text with digits and brackets of one width, without spaces, as numbers are looked for in it."""
    return re.sub(r"\s+", "", _LEFT_BEHIND.sub("", unicodedata.normalize("NFKC", text)))


def canonical(number: str) -> str:
    """The number as GB/T 9704 writes it: no spaces, 〔〕 around the year, no 第 behind it, only digits.

    国务院第711号令 becomes 国务院令第711号.
    """
    plain = _SERIAL_IN_BRACKETS.sub(r"\1", folded(number))
    plain = _ORDER.sub(_as_order, plain)
    plain = _YEAR_IN_BRACKETS.sub(lambda match: f"〔{_year(match)}〕", plain, count=1)
    plain = _YEAR_OF_KIND.sub(r"\1年", plain)
    plain = re.sub(r"(〔\d{2,4}〕)(?:字?第)?0*(?=\d)", r"\1", plain)
    plain = _SERIAL_IN_NUMERALS.sub(_in_digits, plain)
    return plain.translate(_WIDE)


def _as_order(match: re.Match[str]) -> str:
    """令第7号 for 7号令, 令1991年第49号 for 1991年第49号令."""
    return match[2] + (match[1] if "第" in match[1] else f"第{match[1]}")


def _year(match: re.Match[str]) -> str:
    return (match[1] or match[2] or match[3]).translate(_DIGITS)


def _in_digits(match: re.Match[str]) -> str:
    try:
        return str(parse_numeral(match[1].replace("○", "〇")))
    except ValueError:
        return match[1]


def number_on_line(text: str) -> str | None:
    """The number if the line holds nothing else, a label and the name of the signer (签发人) apart.

    Several organs that issue together may each have given one: 云民发〔2026〕1号、云财社〔2026〕2号.
    """
    if len(text) > _LONGEST_LINE:
        return None
    plain = _LABEL.sub("", _BESIDE.sub("", folded(text).strip("?.。")), count=1)
    if re.fullmatch(rf"{_OPEN}.*{_CLOSE}", plain):
        plain = _BESIDE.sub("", plain[1:-1])
    parts = [_SERIAL_IN_BRACKETS.sub(r"\1", part) for part in _BETWEEN.split(plain) if part]
    is_number = bool(parts) and all(map(_ALONE.fullmatch, parts)) and "关于" not in plain
    return "、".join(map(canonical, parts)) if is_number else None


def labelled_number(text: str) -> str | None:
    """The number that a label names, also one without its organ: 发文字号：第38号."""
    return number_on_line(text) or bare_number(text)


def bare_number(text: str) -> str | None:
    """The number if the line is one without its organ: 第38号, （2026年第3号）, 公告2026年第3号."""
    plain = folded(text).strip("()")
    return canonical(plain) if _BARE.fullmatch(plain) else None


def numbers_in(text: str) -> Iterator[str]:
    """The numbers anywhere in a text, in canonical form. Words before a number cannot be told from its beginning."""
    for match in _NUMBER.finditer(folded(text)):
        yield canonical(match[0])


def without_numbers(text: str) -> str:
    return _NUMBER.sub(" ", folded(text))


def keys_of(number: str | None) -> frozenset[str]:
    """The numbers given, in the form in which they are compared. A number without its organ is left out: many
    organs have the same one.
    """
    given = filter(None, map(str.strip, (number or "").split("、")))
    return frozenset(_key(one) for one in given if not bare_number(one))


def is_named(number: str, text_numbers: frozenset[str]) -> bool:
    """Whether one of the numbers found in a text is this one of `keys_of`.

    Words may stand before it: 请问国办发〔2019〕3号.
    """
    return any(_key(named).endswith(number) for named in text_numbers)


def _key(number: str) -> str:
    """Without what is left out as often as not: 中华人民共和国, 第, 号."""
    return canonical(number).removeprefix("中华人民共和国").removesuffix("号").replace("第", "")
