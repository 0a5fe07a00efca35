"""What is said about a disclosure request that was filed: to take it back (撤回), to supplement it (补正), to see its
answer, or to ask what can be done against a refusal.

Python 3.10: the engine's environment reads this module too.
"""

from __future__ import annotations

import re
from enum import Enum

from bot.language.text import normalise


class ErrandKind(str, Enum):  # noqa: UP042  # Python 3.10 has no StrEnum
    WITHDRAW = "withdraw"
    SUPPLEMENT = "supplement"


_NO_CHINESE = re.compile("[^一-龥]+")
# Words that may stand around the wish. With any other word the message asks or tells something else, as in
# “撤回的申请还能恢复吗” or “补正材料交上去了”.
_AROUND = (
    r"(?:我们?|[想需]?要|想|来|请|帮忙?|麻烦|把|将|给|对|就|现在|一下|的|了|吧|啊|掉|吗|呢"
    r"|能不能|可不可以|可以|能|怎么|怎样|如何|这|那|[一]?[个件份]|之前|以前|刚才|提交|补交|交|递交|办理?|做"
    r"|政府|信息|公开|依|申请|材料|内容|书|回执|编号|受理|查询|号|码|是|为)*"
)
_WITHDRAWS = re.compile(f"{_AROUND}(?:撤回|撤销|撤|取消){_AROUND}")
_READS = re.compile(f"{_AROUND}(?:查看?|看看?){_AROUND}答复{_AROUND}")
_SUPPLEMENTS = re.compile(f"{_AROUND}补正{_AROUND}")
# “信息公开答复书发出来没”
_ASKS_FOR_ANSWER = re.compile(
    f"{_AROUND}答复书?{_AROUND}(?:发|寄|做|写|下|出|有|到)?(?:出|下)?来?了?(?:没有?了?|了吗|没有?呢){_AROUND}"
)
_IS_REFUSED = re.compile(
    "不公开|不予公开|不给|不肯|不让|不同意|不答复|没答复|没有答复|不理|没人理|被拒|拒绝|驳回|不存在"
)
# “告他们”, but not 告知, 告诉, 公告, 报告.
_MAY_BE_ASKED_FOR = re.compile("(?:能|可以|可否)[^,。]{0,8}(?:申请|依法)[^,。]{0,4}公开[^,。]{0,3}$")
_MOVES_AGAINST = re.compile(
    "起诉|诉讼|打官司|法院|复议|维权|救济|不服|怎么办|咋办|咋班|找谁|找哪|合法|违法"
    "|(?:[能要想可]|怎么|如何|去哪里?|到哪里?|哪儿|哪里|可以|直接)去?告(?![知诉示])"
)

# “20多天了还没回我”, “他们回复说不存在”, “什么时候给我”: what was, or was not, done with a request of before.
_HEARD_OF_IT = re.compile(
    "(?:没有?|未|不|没人|咋没)(?:给|有|见|收到)?我?(?:们)?(?:任何)?(?:回[复音信应话我]?|答[复应]|消息|动静|音讯|结果|下文|反应|理)(?!的)"
    "|(?:回复|答复|通知|告诉|告知)(?:书?上)?(?:我们?)?(?:说|是)|(?:什么时候|啥时候|何时|哪天|多久)(?:能|会|才|可以)*(?:给|回|答|有|拿)"
    "|[天周月年]了(?:还|都|也)?(?:没|不|$)"
)
_A_REQUEST = re.compile("申请.{0,6}公开|公开.{0,6}申请")
_LONGEST_TOLD = 60
_WISHES = re.compile("(?:想|要|帮我|来|再|怎么|如何)(?:依法|再)?申请|(?<!申)请(?:依法)?公开")


def errand_in(text: str) -> ErrandKind | None:
    """The errand that the message is about and nothing else; receipts, codes and punctuation are left aside.

    After “补正 XXGK-2026-000102” anything may follow.
    """
    plain = normalise(text)
    before_receipt = plain.partition("xxgk")[0] if "xxgk" in plain else ""
    for part in (plain, before_receipt):
        words = _NO_CHINESE.sub("", part)
        if _WITHDRAWS.fullmatch(words):
            return ErrandKind.WITHDRAW
        if _SUPPLEMENTS.fullmatch(words):
            return ErrandKind.SUPPLEMENT
    return None


def is_about_own_request(text: str) -> bool:
    """Whether a text without a receipt is plainly an errand at a disclosure request, or asks to see its answer."""
    words = _NO_CHINESE.sub("", normalise(text))
    if words == "查看答复":
        return True
    asks_to_see = _READS.fullmatch(words) or _ASKS_FOR_ANSWER.fullmatch(words)
    return "公开" in words and (errand_in(text) is not None or asks_to_see is not None)


def asks_what_to_do_against_refusal(text: str) -> bool:
    """Whether somebody whose request was refused, or not answered, asks what to do: “他们说不公开，我能去哪里告”."""
    words = normalise(text)
    if "公开" not in words or len(words) > _LONGEST_TOLD:  # a letter tells of many things
        return False
    return bool(_IS_REFUSED.search(words) and _MOVES_AGAINST.search(words))


def asks_what_may_be_asked_for(text: str) -> bool:
    """Whether the text asks if one may apply for some information: “当时的补偿方案，能申请公开吗”."""
    return _MAY_BE_ASKED_FOR.search(normalise(text)) is not None


def tells_of_an_earlier_request(text: str) -> bool:
    """Whether the text says what became of a request for information: “我申请公开的东西都20多天了还没回我”.

    Only of a short text: a letter tells of many things.
    """
    words = normalise(text)
    is_about_a_request = len(words) <= _LONGEST_TOLD and _A_REQUEST.search(words) and not _WISHES.search(words)
    return bool(is_about_a_request and _HEARD_OF_IT.search(words))
