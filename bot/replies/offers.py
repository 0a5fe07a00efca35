"""Several answers in one turn: likely ones to choose from, or one for each question asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversations.outcomes import Outcome
from bot.replies.lists import numbered
from bot.replies.reply import Reply

LONGEST_OFFER = 160
_WHICH = "下面哪条说的是您的情况？回复序号，给您细说。"
_MORE = "……"
_PERHAPS = "您看看这条说的是不是您的情况："
_ALSO = "和这件事有关的，供您参考："
_EACH = "您问了几件事，一件一件回答："
_EACH_PERHAPS = "您问了几件事，一件一件回答，您看看说的是不是您的情况："
_SOURCES = ("来源：", "原文：", "归口：")


def together(replies: Sequence[Reply]) -> list[Reply]:
    """The replies as offers: numbered, cut to their first lines, each marked as only likely."""
    if len(replies) == 1:
        return [_offer(replies[0], f"{_PERHAPS}\n{replies[0].text}")]
    texts = numbered(map(_short, replies))
    texts[:1] = [f"{_WHICH}\n{text}" for text in texts[:1]]
    return [replace(_offer(reply, text), rest=()) for reply, text in zip(replies, texts, strict=True)]


def in_turn(replies: Sequence[Reply], *, likely: bool) -> list[Reply]:
    """The answers to several questions of one message, numbered in the order in which they were asked.

    `likely`: at least one of the answers is not certain.
    """
    texts = numbered(reply.text for reply in replies)
    texts[:1] = [f"{_EACH_PERHAPS if likely else _EACH}\n{text}" for text in texts[:1]]
    return [
        _offer(reply, text) if likely else replace(reply, text=text) for reply, text in zip(replies, texts, strict=True)
    ]


def beside(reply: Reply) -> Reply:
    """An answer that may also be useful, after another action was done."""
    return _offer(reply, f"{_ALSO}\n{reply.text}")


def _offer(reply: Reply, text: str) -> Reply:
    about = reply.about and replace(reply.about, likely=True)
    return replace(reply, text=text, about=about, buttons=reply.buttons[:1])


def _short(reply: Reply) -> str:
    """The first lines, and the lines that name the source; a mark between them where something was left out."""
    lines = reply.text.split("\n")
    if reply.outcome == Outcome.ANSWERED_BY_PASSAGE or len(reply.text) <= LONGEST_OFFER:
        return reply.text
    sources = [line for line in lines if line.startswith(_SOURCES)]
    told = [line for line in lines if line not in sources]
    kept = told[:1]
    while len(kept) < len(told) and sum(map(len, kept)) + len(told[len(kept)]) <= LONGEST_OFFER:
        kept.append(told[len(kept)])
    return "\n".join([*kept, *([_MORE] if len(kept) < len(told) else []), *sources])
