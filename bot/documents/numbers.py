"""Document numbers (文号) in every form that offices write: 云府发〔2026〕7号, 国务院令第711号, 公告 2026 年第 3 号.

GB/T 9704 writes the year in 〔〕; files that were typed or exported have [], （）, 【】, spaces, and no 号.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.language.numerals import parse_numeral

_HAN = "[㐀-鿿]"
_NUMERAL = "[零〇○一二三四五六七八九十百千]"
_OPEN, _CLOSE = r"[〔\[(【﹝〈「{]", r"[〕\])】﹞〉」}]"
_YEAR = rf"(?:(?:19|20)\d{{2}}|[一二]{_NUMERAL}{{3}}|\d{{2}}(?=\s*[〕\])】﹞]))"
# One of the two brackets is sometimes missing.
_BRACKETED = rf"(?:{_OPEN}{_YEAR}年?{_CLOSE}|{_YEAR}年?[〕】﹞]|[〔【﹝]{_YEAR}年?)"
_SERIAL = rf"(?:\d{{1,6}}(?:[-—.]\d{{1,4}})?|{_NUMERAL}{{1,7}})"
# 云府发〔2026〕7号, 云民（养老）〔2026〕7号, 云府发〔2026〕第7号, 云府发〔2026〕7. Before the year a name of an organ.
_BY_YEAR = (
    rf"(?:{_HAN}|[A-Za-z])(?:{_HAN}|[A-Za-z0-9、·.]|\((?!\d{{4}}\)){_HAN}{{1,8}}\)){{0,30}}?"
    rf"(?:字|字第)?{_BRACKETED}(?:字?第)?{_SERIAL}(?:号|(?!\d))"
)
# 国务院令第711号, 云河市人民政府令2026年第3号, 税务总局公告2026年第3号, 云河市人民代表大会常务委员会公告〔十五届〕第7号
_BY_KIND = (
    rf"{_HAN}(?:{_HAN}|、){{0,40}}?(?:令|公告|通告|公报|告示|决定)"
    rf"(?:{_OPEN}[^〕\])】﹞]{{1,8}}{_CLOSE})?(?:{_YEAR}年)?(?:字?第)?{_SERIAL}号"
)
_NUMBER = re.compile(rf"(?:{_BY_YEAR}|{_BY_KIND})")
_LABEL = re.compile(r"(?:发文字号|发文号|公文文号|文件编号|文件号|文号|字号|编号|文)[:：]")
_BESIDE = re.compile(r"(?:(?:签发人|印发|发布|会签)[:：].*|(?<=号)\(?\d{4}年\d{1,2}月\d{1,2}日\)?)$")
_SERIAL_IN_BRACKETS = re.compile(rf"\(((?:{_YEAR}年)?第?{_SERIAL}号)\)$")
_SERIAL_IN_NUMERALS = re.compile(rf"(?<=[〕第])({_NUMERAL}{{1,7}})(?=号$)")
_SEPARATORS = re.compile(r"[、,，;；/]")
_YEAR_IN_BRACKETS = re.compile(rf"{_OPEN}({_YEAR})年?{_CLOSE}|({_YEAR})年?[〕】﹞]|[〔【﹝]({_YEAR})年?")
_DIGITS = str.maketrans("零〇○一二三四五六七八九", "000123456789")
_LONGEST_LINE = 120


def folded(text: str) -> str:
    """The text with digits and brackets of one width, without spaces, as numbers are looked for in it."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def canonical(number: str) -> str:
    """The number as GB/T 9704 writes it: no spaces, 〔〕 around the year, no 第 behind it, only digits."""
    plain = _SERIAL_IN_BRACKETS.sub(r"\1", folded(number))
    plain = _YEAR_IN_BRACKETS.sub(lambda match: f"〔{_year(match)}〕", plain, count=1)
    plain = re.sub(r"(〔\d{2,4}〕)(?:字?第)?0*(?=\d)", r"\1", plain)
    plain = _SERIAL_IN_NUMERALS.sub(_in_digits, plain)
    return plain.replace("(", "（").replace(")", "）")


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
    plain = _LABEL.sub("", _BESIDE.sub("", folded(text)), count=1)
    if plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1]
    plain = _SERIAL_IN_BRACKETS.sub(r"\1", plain)
    found = list(_NUMBER.finditer(plain))
    rest = _SEPARATORS.sub("", _NUMBER.sub("", plain))
    return "、".join(canonical(match[0]) for match in found) if found and not rest else None


def numbers_in(text: str) -> Iterator[str]:
    """The numbers anywhere in a text, in canonical form. Words before a number cannot be told from its beginning."""
    for match in _NUMBER.finditer(folded(text)):
        yield canonical(match[0])


def without_numbers(text: str) -> str:
    return _NUMBER.sub(" ", folded(text))


def keys_of(number: str | None) -> frozenset[str]:
    """The numbers given, in the form in which they are compared."""
    return frozenset(_key(one) for one in (number or "").split("、") if one.strip())


def is_named(number: str, text_numbers: frozenset[str]) -> bool:
    """Whether one of the numbers found in a text is this one of `keys_of`.

    Words may stand before it: 请问国办发〔2019〕3号.
    """
    return any(_key(named).endswith(number) for named in text_numbers)


def _key(number: str) -> str:
    """Without what is left out as often as not: 中华人民共和国, 第, 号."""
    return canonical(number).removeprefix("中华人民共和国").removesuffix("号").replace("第", "")
