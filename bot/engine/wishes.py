"""Explicit wishes about a member of staff or about a case, found by patterns, so that vague words trigger nothing.

All texts are normalised (`bot/language/text.py`). A question never calls a person; nor do “个人” and “人”.

    wish_of("给我转人工")        # "handoff"
    wish_of("人工几点上班")      # "ask_person"
    wish_of("不用转了")          # "withdraw_case"
"""

from __future__ import annotations

import re
from typing import Optional, Text

from bot.language.case_numbers import find_case_number

HANDOFF = "handoff"
ASK_PERSON = "ask_person"
WITHDRAW = "withdraw_case"
ASK_CASE = "ask_case"
ADD = "add_to_case"
WISHES = frozenset({HANDOFF, ASK_PERSON, WITHDRAW, ASK_CASE, ADD})

# A longer message that asks whether there is a person also asks something else.
LONGEST_QUESTION_FOR_PERSON = 30
# A longer text is a letter. Only its last clause can wish for a person: “…… 帮我转人工”; the rest tells of others.
LONGEST_WISH = 40


def _any(*ways: Text) -> Text:
    return f"(?:{'|'.join(ways)})"


# Words that may come before and after without changing the meaning.
_STOP = r"[,。.!?;:~… ]*"
_HEAD = (
    _any(
        "好的?",
        *"行嗯哦那就先我请把也都",
        "那就",
        "算了",
        "要不",
        "还是",
        "暂时",
        "现在",
        "麻烦",
        "帮我",
        "给我",
        r"[,。.!?;:~… ]",
    )
    + "*"
)
_TAIL = _any(*"了吧啊呀呢啦哈嘛哦您你", "谢谢", r"[,。.!?;:~… ]") + "*"

_ONLY_PERSON = _any("人工", "真人", "活人", "坐席", "接线员", "话务员")
_PERSON = _any(_ONLY_PERSON, "客服", "工作人员", "值班(?:的|人员)", "你们的?人", "你们领导")
_CALL = _any("转接?", "转到", "接通?", *"找叫喊换派要来", "呼叫", "联系", "安排")
_SERVICE = _any("服务", "客服", "台", "坐席", "帮助", "处理", "接听", "介入", "解答", "咨询") + "*"

_NO = _any(*"不别", "不用", "不要", "不想", "不必", "不需要", "无需", "用不着", "不先", "先不", "先别")
_NO_PERSON = re.compile(
    _any(
        rf"{_HEAD}{_NO}(?:再|给我|帮我|麻烦)*{_CALL}?[个到给]?(?:{_PERSON}|人)?{_SERVICE}[了啦]{_TAIL}",
        rf"{_HEAD}{_NO}再?{_CALL}[个到给]?(?:{_PERSON}|人){_SERVICE}{_TAIL}",
        rf"{_HEAD}取消转?接?人工{_TAIL}",
    )
)
_MATTER = _any(
    *("问题", "案件", "案子", "投诉", "建议", "意见", "反映", "诉求", "举报", "表扬", "请求", "求助"),
    *("留言", "工单", "来信", "信", "件", "事情?"),
)
_NUMBER = r"aj ?-? ?\d{1,9}"
_TAKES_BACK = re.compile(
    _any(
        rf"{_HEAD}{_any('撤回', '撤销', '撤', '取消')}[掉了]?(?:我的?|[这那]个?|刚[才刚]的?|上面的?)*"
        rf"(?:{_MATTER}|登记|{_NUMBER})?{_TAIL}",
        rf"{_HEAD}{_NUMBER}{_STOP}我?[要想]?{_any('撤回', '撤销', '撤了', '取消', '不用了', '不要了')}{_TAIL}",
        rf"{_HEAD}不[再想要用]?{_any('投诉', '反映', '举报', '建议', '表扬', '留言', '求助')}{_TAIL}",
        rf"{_HEAD}{_NO}再?{_any('记', '登记', '上报', '往上报')}(?:下来)?了?{_TAIL}",
        rf"{_HEAD}{_MATTER}我?{_any('撤', '撤回', '撤销', '取消', '收回')}{_TAIL}",
    )
)
_LETS_BE = re.compile(
    _HEAD
    + _any("不用", "不必", "不需要", "不要", "不用麻烦", "算", "取消", "没事", "不弄", "不说", "当我没[说问]", "不了")
    + _TAIL
)

_ASKS = re.compile(
    _any(
        *(
            "怎么",
            "如何",
            "怎样",
            "哪里",
            "在哪",
            "哪儿",
            "几点",
            "多久",
            "多长",
            "什么时候",
            "何时",
            "什么时间",
            "多少",
        ),
        *("有没有", "有无", "是不是", "是否", "为什么", "为啥", r"[?]", r"[吗么呢][,。.! ]*$", r"没有[,。.! ]*$"),
    )
)
_POLITE = _any("能不能", "能否", "可不可以", "可否", "可以", "能", "是否可以", "麻烦")
_TO = r"(?:一下|一?个|到|给|我|你们这?的?|在线)*"
_GET = _any("转接?", "转到", "接通", "呼叫", "我?要", *"找叫喊换派接请", "安排", "联系", "[想要][和跟]")
_TO_ME = _any("给我", "联系我", "跟我", "和我", "帮我", "回我", "来回答", "来处理", "接一下", "服务一下")
_WANTS = _any(
    rf"{_GET}{_TO}{_PERSON}",
    rf"{_PERSON}.{{0,4}}{_TO_ME}",
    *("[换叫找派来](?:一?个|活|真)+人", "[换叫]人(?:来|$|[,。!])", "[要想](?:找|打给|跟|和|与)个?[活真的]?人"),
    *("让(?:你们的?)?人(?:来|给我|跟我)[回打说讲处]", "直接[和跟][真活]?人"),
    *("[跟和与](?:你们)?(?:窗口|单位|局里)的人[说讲聊谈直]", "不[想要愿]?再?[跟和用要]机器(?:人|的)?", "别[跟和]机器"),
)
_WISH = re.compile(_WANTS)
_POLITE_WISH = re.compile(rf"{_POLITE}.{{0,6}}{_WANTS}")
# The name of the service alone: “人工”, “人工客服！”, “在线客服”.
_BARE = re.compile(
    rf"{_HEAD}{_any('在线', *'接转求', '我?要', '需要', '呼叫')}*"
    rf"{_any(_ONLY_PERSON, '客服', '工作人员')}{_SERVICE}{_TAIL}"
)
_SPEAKS_OF_PERSON = re.compile(
    _any(_PERSON, "机器人(?!.{0,6}帮)", "(?:[找叫换来派让跟和要]|打给)(?:一?个|你们的?)?人", "打电话", "回话")
)
_NAMES_PERSON = re.compile(_any(_ONLY_PERSON, "客服"))
_ASKS_WHO_YOU_ARE = re.compile(r"^那?你们?这?(?:是|到底|究竟|真的)|[是跟和]真?人[工在]?(?:还是|回答)")

_WHEN = _any("什么时候", "何时", "啥时候?", "多久", "几时", "几点", "要?多长时间")
_REPLY = _any("回复", "答复", "回音", "回信", "回话", "联系我", "有人[来理回处管]")
_MINE = _any(
    "我的?[那这]?[个件]?",
    "我(?:刚[才刚]|上次|昨天|前天|之前|前几天)?(?:给.{1,4})?(?:提|反映|投诉|留|说|写|问|转)的?",
    "(?:刚[才刚]|上次|之前)的?",
    "[那这]个",
)
_HOW_FAR = _any(
    *("到哪", "到什么", "怎么样", "咋样", "进展", "进度", "有结果", "有没有", "有人", "有消息", "有回"),
    *("好了没", "了没", "了吗", "没有", "解决", "什么时候", "多久", "几时", "还要"),
)
_SOMEBODY_THERE = re.compile(rf"{_HEAD}(?:请问)?还?有(?:没有)?人[在管理吗么没啊回处看有]*{_TAIL}|{_HEAD}人呢{_TAIL}")
_WAITING = re.compile(rf"{_HEAD}(?:还?[要得]|还?需要|还)?等到?(?:多久|多长时间|[什啥]么?时候|几天).{{0,4}}")
_WHERE_TO = _any("怎么", "如何", "在?哪里?", "去哪")
_ASKS_CASE = re.compile(
    _any(
        rf"{_HEAD}{_any('怎么', '为什么', '为啥', '咋')}?[还都]?(?:一直)?没有?人[回理管处答联].{{0,5}}",
        rf".{{0,6}}{_WHEN}.{{0,6}}{_REPLY}.{{0,6}}",
        rf".{{0,4}}{_MINE}{_MATTER}(?:现在|目前|到底|处理|办理|办|解决|转|查|得)*{_HOW_FAR}.{{0,12}}",
        rf"{_HEAD}(?:案件|案子|工单|投诉|建议|留言|处理)的?(?:进度|进展|结果|编号|情况).{{0,10}}",
        r".{0,8}(?:案件|工单)(?:编号|号).{0,8}",
        rf"(?:网上)?(?:来信|写的信)?{_WHERE_TO}查(?:来信|写的信|我的信).{{0,4}}|(?:网上)?来信{_WHERE_TO}查.{{0,4}}",
    )
)
_SPEAKS_OF_CASE = re.compile(_any(_REPLY, _MATTER, "有人", "没人", "结果", "下文", "处理"))
_ABOUT_DISCLOSURE = re.compile(_any("xxgk", "公开", "回执", "查询码", "申请"))
_ADDS = re.compile(
    rf"{_HEAD}(?:对了|还|另外|再)?{_STOP}有?(?:一?[点些]|几[点句]|一件事|一?个?情况|事)?我?[想要得来]?(?:需要)?再?"
    r"补充(?!材料|资料|手续|公积金|医疗|保险|养老|协议|合同|申请|证明)(?:一?[下点些]|几[点句]|说明|情况|的是)*"
    r"(?P<words>.*)",
    re.DOTALL,
)
_CHARGE = re.compile(_any("不是", "不对", "应该", "应当", "归", "[转交]给?", "改", "找错", "搞错"))
_AROUND_WORDS = re.compile(rf"^(?:{_STOP}[的是了吧啊]?)+|[,。.!;: ]+$")


def wish_of(text: Text) -> Optional[Text]:
    """The wish that the message expresses, one of `WISHES`; None if it expresses none."""
    if any(way.fullmatch(text) for way in (_NO_PERSON, _TAKES_BACK, _LETS_BE)):
        return WITHDRAW
    person = wish_for_person(text)
    if person == HANDOFF:
        return HANDOFF
    if _ADDS.fullmatch(text) and not _ASKS.search(text):
        return ADD
    if find_case_number(text):
        return ASK_CASE
    asks_case = any(way.fullmatch(text) for way in (_ASKS_CASE, _SOMEBODY_THERE, _WAITING))
    return ASK_CASE if asks_case and not _ABOUT_DISCLOSURE.search(text) else person


def wish_for_person(text: Text) -> Optional[Text]:
    """`HANDOFF` for a clear wish, `ASK_PERSON` for a question whether or how a person can be reached."""
    if _BARE.fullmatch(text):
        return HANDOFF
    parts = [part for part in re.split(r"(?<=[?])|[,。!;\n]", text) if part.strip()]
    if any(_is_wish(part) for part in (parts if len(text) <= LONGEST_WISH else parts[-1:])):
        return HANDOFF
    is_question = len(text) <= LONGEST_QUESTION_FOR_PERSON and any(_asks_for_person(part) for part in parts)
    return ASK_PERSON if is_question else None


def may_stand(intent: Text, text: Text) -> bool:
    """Whether a message that no pattern matched may still have the wish `intent` that the classifier gave it."""
    if intent == HANDOFF:
        is_asked = _ASKS.search(text) or _ASKS_WHO_YOU_ARE.search(text)
        return bool(_SPEAKS_OF_PERSON.search(text)) and not is_asked
    return intent == ASK_CASE and bool(_SPEAKS_OF_CASE.search(text)) and not _ABOUT_DISCLOSURE.search(text)


def is_plain_withdrawal(text: Text) -> bool:
    """Whether the text can only be about the case; “不用了” and “算了” may be about anything."""
    return bool(_NO_PERSON.fullmatch(text) or _TAKES_BACK.fullmatch(text)) and not _LETS_BE.fullmatch(text)


def is_somebody_there(text: Text) -> bool:
    """“有人吗”: asks about the case if the citizen waits for an answer, else it is a greeting."""
    return bool(_SOMEBODY_THERE.fullmatch(text))


def is_about_waiting(text: Text) -> bool:
    """“要等多久”: may be about a case or about anything else that takes time."""
    return bool(_WAITING.fullmatch(text))


def names_own_case(text: Text) -> bool:
    """Whether a question like “我的投诉到哪了” can only be about a case; “多久给答复” may be about anything."""
    return bool(re.search(rf"{_MINE}{_MATTER}|案件|案子|工单|来信", text)) or find_case_number(text) is not None


def asks(text: Text) -> bool:
    """Whether `text` has a question word or a question mark."""
    return bool(_ASKS.search(text))


def speaks_of_charge(text: Text) -> bool:
    """Whether the text says who is in charge, like “不是住建局，应该归城管局管”; it may name the right department."""
    return bool(_CHARGE.search(text))


def added_words(text: Text) -> Text:
    """The words that “还有一点要补充：灯也坏了” adds; empty if the text only announces an addition."""
    found = _ADDS.fullmatch(text)
    return _AROUND_WORDS.sub("", found["words"]) if found else text


def _is_wish(part: Text) -> bool:
    return bool(_POLITE_WISH.search(part)) or (bool(_WISH.search(part)) and not _ASKS.search(part))


def _asks_for_person(part: Text) -> bool:
    return bool(_NAMES_PERSON.search(part) and _ASKS.search(part)) and not _ASKS_WHO_YOU_ARE.search(part)
