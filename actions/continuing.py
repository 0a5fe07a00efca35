"""How a message stands to the matter of before: “那医保呢” asks the same of another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import jieba

from bot.answering.evidence import Context
from bot.answering.service import Answering, Certainty, Decision, offered
from bot.answering.units import Sort, Unit
from bot.answering.wordings import owner_of

# “那低保呢”
ANOTHER = re.compile(r"^那?么?(.{2,12}?)呢[?？]?$")
# Who, when, where or by what way: no matter of its own.
_NO_MATTER = re.compile(
    "孩子|小孩|宝宝|老人|父母|[爸妈爹娘]|爷爷|奶奶|老[公婆伴]|丈夫|妻子|对象|配偶|家[属人里]|朋友|别人|本人|我|[他她它]|单身|离异|外国人"
    "|[外本异]地|[外本]市|[外本]省|农村|城[里镇市]|周[一二三四五六末日]|星期|节假日|[今明后去]年|现在|以后|以前|之前|之后|[上下]个?月|过期|到期"
    "|网上|线上|手机|窗口|自己|单位|公司的|材料|费用|时间|地址|电话|流程|条件|照片|复印件|原件|户口[本簿]|[0-9一二三四五六七八九十]+[岁年月天级]"
)
# Score from which a unit more likely answers than not. What is only offered counts as no likelier than `_DOUBTED`.
_EVEN, _DOUBTED = 0.0, 0.5
_MOST_NAMES = 3
# What is done with a matter, and says nothing of which.
_DEED = re.compile("[办卖买开做领申请转提取换补登记交缴弄搞]")
_ASKS = re.compile("[多几]少|几|怎么|咋|什么|啥|哪|谁|吗|可以|能不能|要不要|为")
# Words of asking and of doing, by which no matter is named: “要备案吗”, “登记费多少”.
_NAMES_NOTHING = re.compile(
    "什么时候|什么|怎么|如何|多少钱?|多久|几[天年月次个]|哪[里儿个些]?|要不要|能不能|可不可以|需要|可以|备案|登记|申请|办理|审批|许可|手续|材料|流程|条件|证件"
    "|费用?|预约|报名|一起|现在|[要能不没有是的了去来到都也还就再在这那个我你他她给把吗呢吧啊哦嘛么呀办交领开批补换查做等\\W]"
)
# Words of a question that name no matter. The other words of the question say what it is about.
_ASKING = frozenset(
    (
        "怎么",
        "什么",
        "多少",
        "可以",
        "需要",
        "外地",
        "办理",
        "申请",
        "登记",
        "手续",
        "材料",
        "单位",
        "员工",
        "孩子",
        "哪里",
    )
)


def asked_of_another(index: Answering, text: str, asked_before: str, context: Context) -> Decision | None:
    """The decision on “那医保呢” after another matter: what was asked of that one is asked of the one named now.

    None if the message names none: then it asks of somebody or of something that the matter of before has.
    """
    named = ANOTHER.match(text)
    if named is None or context.is_empty or _NO_MATTER.search(named[1]) or _ASKS.search(named[1]):
        return None
    shown = [unit for name in context.shown if (unit := index.unit(name))]
    subject, before = named[1], {owner_of(name) for name in context.shown}
    head = _DEED.sub("", subject) or subject
    if not shown or _speaks_of(index, shown[0].owner, head):
        return None

    def named_in(decision: Decision) -> list[tuple[Unit, float]]:
        found = [one for one in decision.considered if one[0].owner not in before]
        return [one for one in found if any(head in name for name in (one[0].title, *one[0].names))]

    asked = [index.decide(query) for query in dict.fromkeys(_instead(subject, asked_before, shown))]
    for decision in asked:
        if decision.certainty is Certainty.SURE and decision.considered[:1] == tuple(named_in(decision)[:1]):
            return decision
    alone = index.decide(subject)
    pool = [one for decision in asked for one in named_in(decision) if one[1] >= _EVEN] or named_in(alone)[:1]
    best = {unit.name: (unit, score) for unit, score in sorted(pool, key=lambda one: one[1])}
    considered = tuple(sorted(best.values(), key=lambda one: -one[1]))
    if not considered:
        return None
    any_ = max(decision.any for decision in (*asked, alone))
    return Decision(Certainty.LIKELY, offered(considered), considered, min(any_, _DOUBTED), any_)


def keeping_the_matter(decision: Decision, context: Context) -> Decision:
    """The decision on a short message that names no matter.

    Items, doors and absent matters other than the one of before are not offered beside what is found of that one. After
    a passage nothing is left out, since an item is often what the passage is about.
    """
    if decision.certainty is not Certainty.LIKELY or context.is_empty:
        return decision
    own = owner_of(context.shown[0])
    if own.startswith("doc:") or not any(unit.owner == own for unit in decision.units):
        return decision
    first, *others = decision.units
    kept = (unit for unit in others if unit.owner == own or unit.sort is Sort.PASSAGE)
    return replace(decision, units=(first, *kept))


def what_is_named(text: str) -> str:
    """What is left of a normalised text without words of asking and of doing; empty if it names no matter."""
    return _NAMES_NOTHING.sub("", text)


def _speaks_of(index: Answering, owner: str, subject: str) -> bool:
    """Whether the matter itself says something of it: the record of a passport speaks of 户口簿."""
    corpus = index.evidence.corpus
    units = corpus.units.of_group(corpus.owners[owner])
    return any(subject in f"{unit.title}{unit.text}" for unit in units if unit.sort is not Sort.PASSAGE)


def _instead(subject: str, asked_before: str, shown: list[Unit]) -> Iterator[str]:
    """What may be asked: the question and the names of before with the subject in the place of theirs."""
    titles = [name for unit in shown for name in (unit.title.split(" ")[0], *unit.names)]
    words = [word for word in jieba.lcut(asked_before) if len(word) > 1 and word not in _ASKING]
    known = [word for word in words if any(word in title or title in word for title in titles)]
    for word in sorted(known, key=len, reverse=True)[:1]:
        yield asked_before.replace(word, subject)
        yield from [title.replace(word, subject) for title in titles if word in title][:_MOST_NAMES]
    # “卖烟要什么证” and “那卖酒呢” share 卖.
    if subject[:-1] in asked_before:
        yield re.sub(f"{re.escape(subject[:-1])}.", subject, asked_before, count=1)
