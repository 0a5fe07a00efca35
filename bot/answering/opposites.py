"""A matter whose name says the opposite of what the message tells: “我跟他妈都是云河的” and 户口迁移审批(市外迁入)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from bot.answering.ranker import OFFERED
from bot.answering.service import Certainty, Decision, offered
from bot.answering.units import Sort, Unit


class _Opposite(NamedTuple):
    """`named`: what stands in the matter's name. `told`: how a message says the opposite; `CITY` is the city's name.
    `unless`: words with which the message says both. `instead`: what the message means, in the words of names; the
    first two characters stand in the right one.
    """

    named: str
    told: str
    unless: str
    instead: str


_OPPOSITES = (
    _Opposite(
        "市外",
        "市内|同城|同市|本市户口|(?:都|本来就?|一直)(?:是|在)(?:CITY|本地|本市)(?!外)",
        "外[地市省]|老家|农村",
        "市内迁户口",
    ),
    _Opposite("二手房", "新房|期房|一手房|开发商|楼盘", "二手|买卖|旧房", "商品房办证"),
    _Opposite("大型", "小(?:一?点|型|块|的|尺寸)|不大", "大型|大的", "店招"),
    _Opposite("新生儿", "去世|死亡|病故", "出生|生下", "死亡证明"),
    _Opposite("首次", "第[二两三四]次|再次", "第一次|头一次|首次", "换领"),
    _Opposite("第三类", "[一二]类", "三类", "二类"),
)  # fmt: skip


def without_opposites(
    decision: Decision, text: str, city: Callable[[], str], decide: Callable[[str], Decision]
) -> Decision:
    """The decision without items whose name says the opposite of the normalised text, if one of them came first.

    `city` tells its name. `decide` asks the search again, in words that say what is meant. Nothing is sure then.
    """
    if not decision.units:
        return decision
    first = decision.units[0]
    found = next((one for one in _OPPOSITES if _is_against(one, first, text, city)), None)
    if found is None:
        return decision
    again = decide(found.instead + text)
    left = tuple(one for one in again.considered if not _is_against(found, one[0], text, city))
    called = tuple(unit for unit, _ in left if any(found.instead[:2] in name for name in unit.names))[:1]
    near = offered(left) if left and again.certainty is not Certainty.NONE else ()
    beside = (unit for unit in near if unit not in called and (not called or unit.sort is Sort.PASSAGE))
    units = (*called, *beside)[:OFFERED]
    certainty = Certainty.LIKELY if units else Certainty.NONE
    return replace(decision, certainty=certainty, units=units, considered=left or decision.considered)


def _is_against(opposite: _Opposite, unit: Unit, text: str, city: Callable[[], str]) -> bool:
    if unit.sort not in (Sort.ITEM, Sort.JOINT) or opposite.named not in unit.title.split(" ")[0]:
        return False
    told = opposite.told
    if "CITY" in told:
        told = told.replace("CITY", re.escape(city().removesuffix("市")))
    return bool(re.search(told, text)) and not re.search(opposite.unless, text)
