"""Finds messages that announce a letter and do not tell it yet: “我要投诉”.

Others hand in what was told before: “记下来”.
"""

from __future__ import annotations

import re

from bot.letters.acts import COMPLAIN, PRAISE, REQUEST, SUGGEST

_WISH = (
    "(?:你好|您好|请问|那|我们?|想要?|要|来|需要|打算|可以|能不能|能|怎么|如何|在(?:这里|哪里?|哪儿)|这里"
    "|[向跟给]你们|帮我|[,，。.! ])*"
)
_SOME = r"(?:一?[下个点条些件]|几[点条个]|情况|一?个?事情?)*"
_WHOM = "(?:市长|书记|领导|政府|你们)"
_END = r"(?:[吗么呢吧啊呀了]|可以吗|行吗|怎么弄|[,，。.!！?？~ ])*"
_ANNOUNCED = [
    (act, re.compile(f"{_WISH}(?:{words}){_END}"))
    for act, words in (
        (COMPLAIN, rf"(?:投诉|举报|反映|反应|告状|申诉){_SOME}(?:问题|情况|事情?|人)?"),
        (SUGGEST, rf"(?:提|写|说|有){_SOME}的?(?:建议|意见)|建议{_SOME}|点题公开|点题"),
        (PRAISE, rf"表扬{_SOME}(?:人|工作人员)?|(?:写|送){_SOME}表扬信"),
        (REQUEST, rf"求助{_SOME}|(?:给|找){_WHOM}写信|写信(?:给{_WHOM})?|市长信箱|写{_SOME}信"),
    )
]
# Nothing of this kind is longer. Longer texts are not compared, since many ways to read “想要想要…” would take long.
_LONGEST = 25
_HANDS_IN = re.compile(
    "(?:好的?|行|可以|嗯|请|那|你们?|您|就|麻烦|帮我?|给我|替我|把(?:它|这个|刚才的)|[,，。 ])*"
    "(?:记(?:下来?|一下|一记)|上报|转办|反映上去|(?:登记|记录|反映)(?:下来|一下))(?:转办|一下)?[吧了啊呀,，。.!！ ]*"
)


# “我要投诉他们”, after what they do was told.
_OF_THEM = re.compile(
    f"{_WISH}(?:投诉|举报|反映|告|曝光)(?:他|她|它|[这那]一?[家个]|对方|对面)(?:们|家|店|公司|单位|商家|人|司机|老板|医院|学校)*{_END}"
)
_COMPLAINS = re.compile(f"{_WISH}(?:投诉|举报|告)(?!电话|热线|渠道|方式|在|去)")
# “打了没人管”, after the answer which number to call.
_NOBODY_ACTS = re.compile(
    "(?:可是?|但是?|我|早就?|已经|都|也|电话|[,，])*(?:打|反映|投诉|举报|报|找|说)[过了]"
    "(?:他们|电话|1?2345|好?[几多]次|[了,，也都又还是])*(?:没有?人|没有?|不)[管理来接](?:我|了|啊)*(?:[,，。.!！ ])*"
)


def announced_act(text: str) -> str | None:
    """What kind of letter a normalised message announces, one of `bot.letters.acts.TAKEN_DOWN`; None if none."""
    if is_about_what_was_told(text):
        return COMPLAIN
    return next((act for act, pattern in _ANNOUNCED if _is_all(pattern, text)), None)


def wishes_to_complain(text: str) -> bool:
    """Whether a normalised message says of itself that it complains: “我要投诉自来水公司”."""
    return _COMPLAINS.match(text) is not None


def is_about_what_was_told(text: str) -> bool:
    """Whether what was told before is to be taken down: “记下来转办”, “我要投诉他们”, “打了没人管”."""
    return any(_is_all(pattern, text) for pattern in (_HANDS_IN, _OF_THEM, _NOBODY_ACTS))


def nobody_acts(text: str) -> bool:
    """Whether the message only tells that nobody acts on what was told before."""
    return _is_all(_NOBODY_ACTS, text)


def _is_all(pattern: re.Pattern[str], text: str) -> bool:
    return len(text) <= _LONGEST and pattern.fullmatch(text) is not None
