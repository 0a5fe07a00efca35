"""Finds the office that a message names; people shorten names (“公积金中心” for 住房公积金管理中心)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.districts import Whereabouts, within
from bot.catalogue.models import Item, Office

# These words alone do not name an office.
_ANY = ("中心", "大厅")
_HEADS = (*_ANY, "车管所", "派出所", "登记处", "服务站", "接待窗口", "服务窗口")
_LONGEST, _SHORTEST = 14, 3
_ASKS = re.compile(
    "在哪|哪里|哪儿|地址|位置|怎么[去走到]|几点|上班|下班|开门|关门|营业|时间|周[一二三四五六日末]|星期|中午|电话|号码|联系方式"
)
# “你们周六上不上班”, “政务大厅中午休息吗”: the hall where most matters are handled.
_HOURS_OF_HALL = re.compile(
    "(?:你们|政务(?:服务)?(?:大厅|中心)|办事大厅|行政服务中心).*(?:几点|上班|下班|开门|关门|周[一二三四五六日末]|星期|中午|休息|有人)"
)
# “周末上班不”
_HOURS_ALONE = re.compile(
    "(?:请问|那)?(?:周[一二三四五六日末天]|星期.|礼拜.|节假日|中午|下午|早上|晚上|今天|明天|几点)*(?:几点|也|还|都)?"
    "(?:上不上班|上班|下班|开门|关门|营业|休息)(?:吗|不|么|没|没有|呢)?[?？]?"
)
_ASKS_MORE = re.compile("办(?!公|事大厅)|材料|带|申请|领|提取|预约|钱|收费|投诉|条件")


def office_asked_for(session: Session, text: str, where: Whereabouts, *, is_first: bool = True) -> Office | None:
    """The office whose address, hours or phone a normalised message asks for.

    Of several, the one of the citizen's district or street, else the one of the whole city. Opening hours of “你们” or
    of the hall are those of the hall where most items are handled; so are those of nothing, if the message `is_first`:
    nothing was told before it. None if the message asks for more, or names no office, or more than one is left.
    """
    if not _ASKS.search(text) or _ASKS_MORE.search(text):
        return None
    is_of_hall = _HOURS_OF_HALL.search(text) or (is_first and _HOURS_ALONE.fullmatch(text))
    if is_of_hall and where.spot is None:
        return _hall(session)
    offices = list(session.scalars(select(Office).order_by(Office.code)))
    for mention in _mentions(text):
        named = [office for office in offices if _is_short_for(mention, office.name)]
        if len(named) > 1:
            nearest = within(named, where.spot) if where.spot else []
            named = nearest or [office for office in named if office.branch_of is None]
        if len(named) == 1:
            return named[0]
    return None


def branches_told_for(session: Session, office: Office) -> list[Office]:
    """The branches of an office that has no place of its own; none for an office that has one."""
    if office.district:
        return []
    return list(session.scalars(select(Office).where(Office.branch_of == office.code).order_by(Office.code)))


def _hall(session: Session) -> Office | None:
    """An office without a district may stand for its branches, as 公安派出所 does, so it comes last."""
    by_items = select(Office).join(Item).where(Office.branch_of.is_(None)).group_by(Office.code)
    return session.scalar(by_items.order_by(Office.district == "", func.count().desc(), Office.code).limit(1))


def _mentions(text: str) -> Iterator[str]:
    """Parts of the text that may be the name of an office, longest first."""
    ends = [found.end() for head in _HEADS for found in re.finditer(head, text)]
    spans = [(start, end) for end in ends for start in range(max(0, end - _LONGEST), end - _SHORTEST + 1)]
    for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
        yield text[start:end]


def _is_short_for(mention: str, name: str) -> bool:
    """Whether the name contains all characters of the mention in the same order."""
    rest = iter(name)
    return mention not in _ANY and all(character in rest for character in mention)
