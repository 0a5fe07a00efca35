"""Recognises that an applicant wants to take a filed disclosure request back (撤回) or supplement it (补正).

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
    return "公开" in words and (errand_in(text) is not None or _READS.fullmatch(words) is not None)
