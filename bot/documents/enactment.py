"""Reads how a statute came about, in the lines between its title and its text.

（1998年4月29日云河市第十届人民代表大会常务委员会第二次会议通过　根据2020年7月3日……《关于修改……的决定》修正）
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.documents.days import first_day

_MOST_LINES, _LONGEST_LINE = 40, 2000
_NUMERAL = r"[\d一二三四五六七八九十]{1,3}"
_DATE = rf"(?:\d{{4}}|[〇零一二三四五六七八九]{{4}})\s*[年\-./]\s*{_NUMERAL}\s*[月\-./]\s*{_NUMERAL}\s*日?"
_CAME_ABOUT = r"通过|公布|发布|修订|修正|修改|批准|印发|制定|颁布|令\s*第?\s*\d{1,5}\s*号"
_BEGINS = re.compile(rf"[>\s]*[（(]?\s*(?:根据|经)?\s*(?:{_DATE})[^。]*?(?:{_CAME_ABOUT}|施行|实施)")
_DEED = re.compile(rf"({_DATE})((?:(?!{_DATE}).)*?)({_CAME_ABOUT}|施行|实施)(?!的|办法|条例|细则|决定)", re.DOTALL)
_ORDER = re.compile(r"日\s*([一-龥]{2,30})令\s*第?\s*(\d{1,5})\s*号")
_CONGRESS = re.compile(r"([一-龥]{2,14}?)?第[^第\s]{1,5}届\s*(全国)?人民代表大会(常务委员会)?第?")


@dataclass(frozen=True)
class Enactment:
    """`day`: when the version at hand was made. `effective_on`: from when it applies, if the lines say so.

    `issuer`, `number`: of the body and the order that made the statute first.
    """

    day: date | None
    effective_on: date | None
    issuer: str | None
    number: str | None


NO_ENACTMENT = Enactment(None, None, None, None)


def begins_enactment(text: str) -> bool:
    """Whether a line tells a deed with its day. A sentence of the text (2026年3月1日，市政府印发通知。) does not."""
    is_sentence = text.endswith("。") or ("，" in text and text.lstrip("> ")[:1] not in "（(")
    return len(text) <= _LONGEST_LINE and not is_sentence and bool(_BEGINS.match(text))


def enactment_in(lines: Sequence[str]) -> Enactment:
    """The first one that the lines tell, `NO_ENACTMENT` if there is none."""
    begin = next((place for place, line in enumerate(lines) if begins_enactment(line)), len(lines))
    taken: list[str] = []
    for line in lines[begin : begin + _MOST_LINES]:
        # A bracket may go over several lines.
        is_open = "".join(taken).count("（") > "".join(taken).count("）")
        if not (begins_enactment(line) or (is_open and len(line) <= _LONGEST_LINE)):
            break
        taken.append(line)
    if not taken:
        return NO_ENACTMENT
    text = "　".join(taken)
    deeds = [(first_day(day), deed in ("施行", "实施")) for day, _, deed in _DEED.findall(text)]
    made = [day for day, is_applied in deeds if day and not is_applied]
    applied = [day for day, is_applied in deeds if day and is_applied]
    order, congress = _ORDER.search(text), _CONGRESS.search(text)
    return Enactment(
        max(made, default=None),
        max(applied, default=None),
        order[1] if order else _body(congress) if congress else None,
        f"{order[1]}令第{order[2]}号" if order else None,
    )


def _body(congress: re.Match[str]) -> str:
    place = re.sub(r"^.*[年月日]", "", congress[1] or "")
    return f"{place}{congress[2] or ''}人民代表大会{congress[3] or ''}"
