"""Several answers of which one is likely meant: each short, with its source, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversations.outcomes import Outcome
from bot.replies.reply import Reply

LONGEST_OFFER = 160
_WHICH = "下面哪条说的是您的情况？"
_PERHAPS = "您看看这条说的是不是您的情况："
_SOURCES = ("来源：", "原文：", "归口：")


def together(replies: Sequence[Reply]) -> list[Reply]:
    """The replies as offers: numbered, cut to their first lines, each marked as only likely."""
    alone = len(replies) == 1
    return [_offer(reply, number, alone) for number, reply in enumerate(replies, start=1)]


def _offer(reply: Reply, number: int, alone: bool) -> Reply:
    text = reply.text if alone else f"{number}. {_short(reply)}"
    if number == 1:
        text = f"{_PERHAPS if alone else _WHICH}\n{text}"
    custom = {**(reply.custom or {}), "certainty": "likely"}
    return replace(reply, text=text, custom=custom, buttons=reply.buttons[:1], rest=() if not alone else reply.rest)


def _short(reply: Reply) -> str:
    """The first lines, and the line that names the source."""
    lines = reply.text.split("\n")
    if reply.outcome == Outcome.ANSWERED_BY_PASSAGE or len(reply.text) <= LONGEST_OFFER:
        return reply.text
    sources = [line for line in lines if line.startswith(_SOURCES)]
    kept: list[str] = []
    for line in lines:
        if line not in sources and (not kept or sum(map(len, kept)) + len(line) <= LONGEST_OFFER):
            kept.append(line)
    return "\n".join([*kept, *sources])
