"""Brings spoken wordings to the written ones that names, phrases and examples use. Standard library only.

as_written("能申请公开不")    # "能申请公开吗"
as_written("绿本找不到了")    # "绿本丢了"
"""

from __future__ import annotations

import re

_CLAUSE_ENDS = r"(?=[啊呀哦哈呢嘞]?(?:[,。!?;~]|$))"
# “不” that ends a clause with one of these verbs asks; “要不” and “是不” begin another clause or are unfinished.
_ASKING_NOT = re.compile(
    rf"((?:能|可以|会|需要|得|用|给|收|管|算|够)[^,。!?;不没吗说]{{1,14}}|(?:要|有)[^,。!?;不没吗说也都就从]{{1,14}}|[行在好对能]|可以)"
    rf"不[啊呀哦哈呢嘞]?{_CLAUSE_ENDS}"
)
# What one has for a certificate, card or book: only of these does “掉了” mean that it is lost.
_PAPER = "证|卡|本|照|簿|牌|章|书|票"
_LOST = re.compile(
    rf"(?<=[{_PAPER.replace('|', '')}])(?:(?:好像|可能|不小心|不知道怎么|不知怎么|又|都|也|给我?|被我|让我)*"
    r"(?:找不[到着见]了?|不见了?|[弄搞整]?掉了|[弄搞整](?:丢|没|不见)了?|没找到|遗失了|丢失了|丢掉了))"
)

# What stands between the parts of a name: “车子想过户” speaks of 车子过户.
_BETWEEN = re.compile(
    "想要?|需要|准备|打算|怎么样?|如何|怎样|咋|能不能|可不可以|可以|能|一下|要不要|要|我们?的?|[给把去来又也再已]|已经|现在"
)


def without_what_stands_between(text: str) -> str:
    """`text`, normalised, without the words of wishing and asking that part a name: 想, 要, 怎么, 我的."""
    return _BETWEEN.sub("", text)


def as_written(text: str) -> str:
    """`text`, normalised, with “吗” for a “不” that asks, and “丢了” for the many ways to say that a paper is lost."""
    return _LOST.sub("丢了", _ASKING_NOT.sub(r"\1吗", text))
