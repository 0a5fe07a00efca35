"""Brings spoken wordings to the written ones that names, phrases and examples use. Standard library only.

as_written("能申请公开不")    # "能申请公开吗"
as_written("绿本找不到了")    # "绿本丢了"
as_written("老伴走了")        # "老伴去世了"
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

# “老伴走了”: a death, of which people speak in other words. “走丢了” and “走了三趟” tell of something else.
_DIED = re.compile(
    "(老伴|老人家?|老公|老婆|爱人|丈夫|妻子|爸爸?|妈妈?|父亲|母亲|爷爷|奶奶|外公|外婆|姥姥|姥爷|公公|婆婆|岳父|岳母|亲人|家人|家属|哥哥?|弟弟?|姐姐?|妹妹?)"
    "(?:刚|昨天|前天|上周|上个?月|去年|今年|前几天|已经|突然|都)*(?:走了|不在了|没了|过世了?|离世了?|病故了?)"
    "(?=[,。!?;~]|$|要|怎|该|户口|银行|存款|社保|医保|公积金|养老|房)"
)
# Words of dialects that our texts and examples seldom have → the written ones.
_DIALECT = (
    (re.compile("么子|么事"), "什么"),
    (re.compile("几多"), "多少"),
    (re.compile("哪(?:点|哈|垯)(?=儿?[办去交领找])"), "哪里"),
    (re.compile("啷个"), "怎么"),
    (re.compile("(?:得行|要得)[不没吗]"), "行吗"),
    (re.compile("么得|冇得|冇"), "没有"),
    (re.compile("老汉儿"), "父亲"),
    (re.compile("屋头"), "家里"),
    (re.compile("别个"), "别人"),
)
# What stands between the parts of a name: “车子想过户” speaks of 车子过户.
_BETWEEN = re.compile(
    "想要?|需要|准备|打算|怎么样?|如何|怎样|咋|能不能|可不可以|可以|能|一下|要不要|要|我们?的?|[给把去来又也再已]|已经|现在"
)


def without_what_stands_between(text: str) -> str:
    """`text`, normalised, without the words of wishing and asking that part a name: 想, 要, 怎么, 我的."""
    return _BETWEEN.sub("", text)


def as_written(text: str) -> str:
    """`text`, normalised, as it would be written.

    “吗” for a “不” that asks, “丢了” for the many ways to say that a paper is lost, “去世了” for a death that is told
    in other words, and no rare words of dialects.
    """
    for spoken, written in _DIALECT:
        text = spoken.sub(written, text)
    return _DIED.sub(r"\1去世了", _LOST.sub("丢了", _ASKING_NOT.sub(r"\1吗", text)))
