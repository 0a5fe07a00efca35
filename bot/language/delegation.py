"""Finds messages that ask the assistant to act in the citizen's place: “你能帮我预约吗”."""

from __future__ import annotations

import re

_ASKS_TO_ACT = re.compile(
    r"(?:[你您]|机器人|助手|能不能|可不可以|能否|可以|能)[^,。!?;]{0,6}[帮替]我?[^,。!?;]{0,6}"
    r"(?:预约|约[个一]|挂号|排队|取号|办(?!法)|[上递]?交|填|报名|缴|充值|跑一?[趟腿]|打个?电话|代?领)"
)


def asks_to_act(text: str) -> bool:
    """`text`: normalised."""
    return bool(_ASKS_TO_ACT.search(text))
