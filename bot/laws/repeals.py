"""Reads repeal clauses: “本法自2026年8月15日起施行。《……法》、《……法》同时废止。” Pure functions of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.language.numerals import with_digits
from bot.laws.citations import short_name

_ENDS = r"(?:废止|失效|不再适用|停止执行)"
_CLAUSE = re.compile(rf"[^。；\n]*《[^。；\n]*?(?:同时|即行|相应|予以|一并|即|自行|均|分别)?{_ENDS}")
# With a number instead of a name too: 云府发〔2004〕18号同时废止.
_ANY_CLAUSE = re.compile(rf"[^。；\n]*?(?:同时|即行|相应|予以|一并|均|分别){_ENDS}")
_NAME = re.compile(r"《([^《》]{2,120})》")
_BRACKET = re.compile(r"[（(\[][^（）()\[\]]*[）)\]]")
_BEGINS = re.compile(r"自\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*起")
_AT_ONCE = re.compile(r"自(?:公布|发布|颁布|通过|发文|印发|本|.{0,20}(?:会议)?通过)之?日起")
# The words after a law's name if only a part of the law ends: 第三十二条第一款, 中关于……的规定.
_PART = re.compile(
    r"^((?:第[^，、和第]{1,12}[条款项])+(?:[、和](?:第[^，、和第]{1,12}[条款项])+)*|中(?:有关|关于)?[^，、《]{1,40}?规定)"
)
_IS_LIST_OF_REPEALED = re.compile(r"(?:废止|失效|停止施行)的.*(?:目录|行政法规|法律|规章|文件|决定|规定)")
# Decisions that repeal several laws at once.
_IS_CLEARING = re.compile(r"废止|失效|清理")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_LISTED = re.compile(r"^(?:[一二三四五六七八九十百]+、|\d+\s*[.．、]\s*)\s*(?P<name>.{3,120})$")


@dataclass(frozen=True)
class Repealed:
    """A law that a clause repeals. `law`: its short name. `part`: what of it ends (第三十二条第一款), empty for all.

    `on`: the day from which; None if the clause says “from the day of publication”. `article`: which has the clause.
    """

    law: str
    part: str
    on: date | None
    article: str


@dataclass(frozen=True)
class NamedToEnd:
    """A document that a clause repeals as a whole. `law`: its name as in 《》, empty if only a number is given.

    `after`: what follows the name, or the clause where there is none, with the number (文号). `text`: the clause.
    """

    law: str
    after: str
    on: date | None
    text: str


def named_in_clauses(text: str) -> Iterator[NamedToEnd]:
    """The documents, laws or not, that the text repeals: 《……通知》（云府发〔2004〕18号）同时废止."""
    on = _day(with_digits(text.translate(_WIDE_DIGITS)))
    for clause in _ANY_CLAUSE.finditer(text):
        words = clause[0]
        names = list(_NAME.finditer(words))
        if not names:
            yield NamedToEnd("", words, on, words)
        for number, name in enumerate(names):
            after = words[name.end() : names[number + 1].start() if number + 1 < len(names) else len(words)]
            if not _PART.match(_BRACKET.sub("", after, count=1).strip()):
                yield NamedToEnd(name[1], after, on, words)


def repeals_of(title: str, passages: Sequence[tuple[str, str]]) -> list[Repealed]:
    """The repeals that a law declares.

    Args:
        title: the title of the law itself. A clause by which it replaces its own earlier version is left out.
        passages: its articles in order, (number as written, text); of annexes the number is empty.
    """
    own = short_name(title)
    found: dict[tuple[str, str], Repealed] = {}
    begins = None
    for article, text in passages:
        # The clause and the day may stand in two paragraphs or in two neighbouring articles.
        plain = with_digits(text.translate(_WIDE_DIGITS))
        begins = _day(plain) or (None if _AT_ONCE.search(plain) else begins)
        for law, part in _in_clauses(text):
            if law != own:
                found.setdefault((law, part), Repealed(law, part, begins, article))
    if _IS_CLEARING.search(title):
        for law in _in_lists("\n".join(text for article, text in passages if not article)):
            found.setdefault((law, ""), Repealed(law, "", begins, ""))
    return list(found.values())


def _day(text: str) -> date | None:
    match = _BEGINS.search(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _in_clauses(text: str) -> Iterator[tuple[str, str]]:
    for clause in _CLAUSE.finditer(text):
        words = clause[0]
        if not re.search(rf"(?:同时|即行|相应|予以|一并|均|分别){_ENDS}$", words):
            continue
        names = list(_NAME.finditer(words))
        for number, name in enumerate(names):
            after = words[name.end() : names[number + 1].start() if number + 1 < len(names) else len(words)]
            part = _PART.match(_BRACKET.sub("", after, count=1).strip())
            yield short_name(name[1]), part[1] if part else ""


def _in_lists(text: str) -> Iterator[str]:
    """The names in the annex of a decision: 国务院决定废止的行政法规, then a name a line, its history in brackets."""
    is_list = False
    for line in text.split("\n"):
        listed = _LISTED.match(line.strip())
        if not listed:
            is_list = bool(_IS_LIST_OF_REPEALED.search(line)) or (is_list and not line.startswith("附件"))
        elif is_list and "《" not in listed["name"].split("（")[0]:
            name = listed["name"].split("（")[0].split("(")[0]
            if not name.endswith(("件", "：", "。")):
                yield short_name(name)
