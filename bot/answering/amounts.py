"""A question of how much is answered only by a record that tells an amount.

The ranker finds what the record of 低保 says one gets for “低保每个月多少钱”; but this record names no sum.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.answering.asked import SHORT
from bot.answering.service import Certainty, Decision, offered
from bot.answering.units import NO_FEE, Sort, Unit
from bot.language.numerals import with_digits

_ASKS = re.compile(
    "多少钱|好多钱|几块钱?|几百|多少元|几元|比例|百分之几"
    "|(?:[领发给补交缴贷报赔罚取拿]|报销|租金|标准|低保|补贴|津贴|补助|工资)[个到了是]{0,2}(?:多少|好多)(?![天年月日人次份种张个家])"
)
# A sum that is paid again and again, or to others, or that people receive, is no fee for handling a matter.
_IS_NO_FEE = re.compile(
    "标准|每个?月|一个?月|月月|每年|一年|[交缴报]税|税[率费款]|什么税|保险?费|租金|[领发补贷]|报销|津贴|补助|补贴|罚"
)
# “怎么领多少钱” asks for the way too, which a record without an amount tells.
_ASKS_HOW_TO = re.compile("(?:怎么|如何|咋|哪里|在哪|去哪)(?!算|计算|缴税)")
_ASKS_OF_TAX = re.compile("[交缴报免]什么税|[交缴报免]哪些税|要不要[交缴]税|[交缴]不[交缴]税|[交缴]税[吗么嘛不]")
_TELLS_OF_TAX = re.compile("税(?!务)")
_AMOUNT = re.compile(r"\d(?:\.\d+)?\s*(?:元|块|万|%|倍)|百分之")
# Score from which a unit more likely answers than not.
_EVEN = 0.0


def telling_the_amount(decision: Decision, text: str) -> Decision:
    """The decision without records that do not tell the amount asked for, if one of them came first.

    Another part of the same record is the answer if the first one was; what else is left is offered; if nothing is,
    nothing answers. Passages stay: they may say why there is no amount. A letter may ask for an amount and for more, so
    offers to it stay too.
    """
    is_sure = decision.certainty is Certainty.SURE
    if not decision.units or not (is_sure or len(text) <= SHORT):
        return decision
    if _ASKS_HOW_TO.search(text) or _may_answer(decision.units[0], text):
        return decision
    left = tuple(one for one in decision.considered if one[1] >= _EVEN and _may_answer(one[0], text))
    if is_sure and left and left[0][0].owner == decision.units[0].owner:
        return replace(decision, units=(left[0][0],), considered=left)
    units = offered(left) if left else ()
    certainty = Certainty.LIKELY if units else Certainty.NONE
    return replace(decision, certainty=certainty, units=units, considered=left or decision.considered)


def _may_answer(unit: Unit, text: str) -> bool:
    if _ASKS_OF_TAX.search(text):
        return bool(_TELLS_OF_TAX.search(unit.text))
    if unit.sort is not Sort.ITEM or not _ASKS.search(text):
        return True
    if unit.facet == "fee":
        return not (unit.text.startswith(NO_FEE) and _IS_NO_FEE.search(text))
    return bool(_AMOUNT.search(with_digits(unit.text)))
