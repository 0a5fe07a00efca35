"""The line of English under an answer to a question that was asked in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.replies.reply import Reply

_WHAT_IT_IS = {
    "approval_item": "Above, in Chinese: the official guide to this matter.",
    "joint_service": "Above, in Chinese: the official guide to this group of matters.",
    "policy_answer": "Above, in Chinese: a passage of a published document, with its source.",
    "approval_choices": "Above, in Chinese: matters to choose from; answer with a number.",
    "route": "Above, in Chinese: the office that can help you.",
    "office": "Above, in Chinese: address, hours and phone of the office.",
    "absent": "Above, in Chinese: the office in charge; this matter is not handled here.",
    "handoff": "A member of staff will take up your question.",
}
_ELSE = "We answer in Chinese."
# 国家移民管理机构服务热线 12367 answers in Chinese and English at all hours (国家移民管理局公告, 2021-04-08).
_WHO_SPEAKS = "English is spoken at {hotline} (city hotline) and 12367 (visas and residence of foreigners, 24 hours)."


def told_in_english(replies: Sequence[Reply], hotline: str) -> list[Reply]:
    """The replies, with a line under the last one: what kind of answer it is and who speaks English."""
    *before, last = replies
    about = replies[0].about
    what = _WHAT_IT_IS.get(about.kind, _ELSE) if about else _ELSE
    line = f"{what} {_WHO_SPEAKS.format(hotline=hotline)}"
    return [*before, replace(last, text=f"{last.text}\n{line}")]
