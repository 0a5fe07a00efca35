"""Finds laws that a text cites: 《城镇燃气管理条例》第二十条、第四十条. Pure functions of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.language.numerals import parse_numeral

STATE = "中华人民共和国"
MOST_ARTICLES_OF_A_RANGE = 200

_NUMERAL = "[零〇一二两三四五六七八九十百千]+|[0-9]{1,4}"
_PART = rf"第(?:{_NUMERAL})[款项目]"
_ARTICLE = rf"第(?:{_NUMERAL})条(?:之(?:{_NUMERAL}))?(?:{_PART})*(?:[、和](?:{_PART})+)*"
_BETWEEN = r"(?:、|，|,|以及|和|及|或者|或|至|到|—|－|-)"
_NAME = r"《(?P<name>[^《》\n]{1,80})》"
_BRACKET = r"(?:[（(](?P<bracket>[^（）()\n]{1,30})[）)])?"
_CITED = re.compile(rf"{_NAME}{_BRACKET}(?P<articles>{_ARTICLE}(?:{_BETWEEN}{_ARTICLE})*)?")
_NUMBER = re.compile(rf"第({_NUMERAL})条(?:之({_NUMERAL}))?")
_RANGE = re.compile(rf"第({_NUMERAL})条(?:{_PART})*(?:至|到|—|－|-)第({_NUMERAL})条")
_YEAR = re.compile(r"(?:19|20)\d{2}")
# A bracket names a version if it is a year with one of these words, or a year alone: （2025修订）, （2018年）. Other
# brackets with a year are document numbers: （法释〔2017〕12号）.
_VERSION = re.compile(r"\s*(?:19|20)\d{2}\s*年?[^〔\[]*(?:修订|修正|修改|公布|施行|版|年|本|)\s*")
_VERSION_IN_NAME = re.compile(rf"[（(]({_VERSION.pattern})[）)]$")
_LAW = re.compile(r"(?:法典|(?<![方书做看说写想用])法|条例|规定|办法|细则|规则|规程|解释)(?:[（(][^（）()]*[）)])?$")
_INNER_MARKS = str.maketrans("《》<>＜＞", "〈〉〈〉〈〉")
# Right after a name, or after several: 《……》、《……》（1998年修订）同时废止, 《……》已废止, 《……》【已废止】.
_ENDED = re.compile(
    r"(?:[、和及，]|《[^《》\n]{1,80}》|[（(][^（）()\n]{0,60}[）)])*\s*[【（(]?(?:同时|同日|即行|相应|予以|已经|已|现已)废止"
)
# 城市供水条例 is national, 海江市供水条例 is not.
_LOCAL = re.compile(r"^(?:[一-龥]{2,3}(?:省|(?<!城)市(?![场民区容政属辖])|自治区|自治州|自治县)|[一-龥]{2,4}经济特区)")


@dataclass(frozen=True)
class Citation:
    """A law as a text cites it.

    `law`: the name as written, without 《》 and version. `version`: 2025修订, empty if none is named. `articles`: as
    written, 第三十条、第三十一条第二款, empty if none is named. `start` and `end`: where the name with its 《》 stands.
    """

    law: str
    version: str
    articles: str
    start: int
    end: int

    @property
    def year(self) -> int | None:
        """The year of the version that is named."""
        found = _YEAR.search(self.version)
        return int(found[0]) if found else None


def find_citations(text: str) -> Iterator[Citation]:
    """All names in 《》, each with the articles that follow it. Whether a name is a law's, `is_law` tells."""
    for match in _CITED.finditer(text):
        name, bracket = match["name"].strip(), match["bracket"] or ""
        inside = _VERSION_IN_NAME.search(name)
        version = inside[1] if inside else bracket if _VERSION.fullmatch(bracket) else ""
        if inside:
            name = name[: inside.start()]
        yield Citation(name, version.strip(), match["articles"] or "", match.start(), match.end("name") + 1)


def is_said_to_end(text: str, citation: Citation) -> bool:
    """Whether the text itself says of a law that it ends or has ended, and so does not rest on it."""
    after = text[citation.end : citation.end + 300]
    return bool(_ENDED.match(after)) or (after.startswith("（") and "废止" in after.split("）", 1)[0])


def short_name(name: str) -> str:
    """The name by which laws are compared: without 中华人民共和国, version, spaces, and title marks around it.

    Titles within a title stand in 〈〉 in a text and in 《》 in a list.
    """
    plain = re.sub(r"\s+", "", name).translate(_INNER_MARKS)
    if plain.startswith("〈") and plain.find("〉") == len(plain) - 1:
        plain = plain[1:-1]
    plain = _VERSION_IN_NAME.sub("", plain)
    return plain.replace(f"〈{STATE}", "〈").removeprefix(STATE) or plain


def titled(name: str) -> str:
    """《生态环境法典》: the short name in title marks, or the name as it is if it has title marks already."""
    return name if "《" in name else f"《{short_name(name)}》"


def is_law(name: str) -> bool:
    """Whether a name in running text is that of a law or rule, and not of a form, a licence or a newspaper."""
    return bool(_LAW.search(short_name(name)))


def is_local(name: str, city: str = "") -> bool:
    """Whether the name is that of a rule of a province or city; `city`: the name of our own."""
    plain = short_name(name)
    return bool(city and plain.startswith(city)) or bool(_LOCAL.match(plain))


def article_keys(articles: str) -> tuple[str, ...]:
    """The numbers of the articles, each once, in order: 第三十条、第三十一条第二款 is ("30", "31"), 第三条之一 is
    ("3-1"). A range (第四条至第六条) counts all of its articles.
    """
    keys: dict[str, None] = {}
    for match in _RANGE.finditer(articles):
        first, last = _number(match[1]), _number(match[2])
        if first and last and first <= last <= first + MOST_ARTICLES_OF_A_RANGE:
            keys.update(dict.fromkeys(map(str, range(first, last + 1))))
    for match in _NUMBER.finditer(articles):
        number = _number(match[1])
        if number:
            keys[f"{number}-{_number(match[2])}" if match[2] else str(number)] = None
    return tuple(sorted(keys, key=lambda key: tuple(map(int, key.split("-")))))


def _number(numeral: str) -> int:
    """0 if the characters write no number."""
    try:
        return parse_numeral(numeral)
    except ValueError:
        return 0
