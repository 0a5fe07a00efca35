"""Several answers in one turn: likely ones to choose from, or one for each question asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import ApprovalItem
from bot.replies.lists import numbered
from bot.replies.reply import Reply

LONGEST_OFFER = 160
_WHICH = "下面哪条说的是您的情况？回复序号，给您细说。"
_WHICH_PART = "您问的是不是下面这几点？回复序号，给您细说。"
_MORE = "……"
_PERHAPS = "您看看这条说的是不是您的情况："
_ALSO = "和这件事有关的，供您参考："
_EACH = "您问了几件事，一件一件回答："
_EACH_PERHAPS = "您问了几件事，一件一件回答，您看看说的是不是您的情况："
_SOURCES = ("来源：", "原文：", "归口：")
_NUMBER = re.compile(r"^\d+\. ")
# Parts of a record that are lists. Of a long one, the lines that fit the question are worth more than the first.
_LISTS = ("conditions", "materials", "process")

# From a title and the lines below it chooses the lines that fit what the citizen asked; none if none does.
Fitting = Callable[[str, Sequence[str]], Sequence[str]]


def together(replies: Sequence[Reply], fitting: Fitting) -> list[Reply]:
    """The replies as offers: numbered, cut to the lines that fit or to the first, each marked as only likely."""
    if len(replies) == 1:
        return [_offer(replies[0], f"{_PERHAPS}\n{replies[0].text}")]
    texts = numbered(_short(reply, fitting) for reply in replies)
    records = {reply.about.code if isinstance(reply.about, ApprovalItem) else None for reply in replies}
    which = _WHICH_PART if len(records) == 1 and None not in records else _WHICH
    texts[:1] = [f"{which}\n{text}" for text in texts[:1]]
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


def _short(reply: Reply, fitting: Fitting) -> str:
    """The lines that fit or else the first, and those that name the source; a mark where something was left out."""
    if reply.outcome == Outcome.ANSWERED_BY_PASSAGE or len(reply.text) <= LONGEST_OFFER:
        return reply.text
    lines = reply.text.split("\n")
    sources = [line for line in lines if line.startswith(_SOURCES)]
    title, *told = (line for line in lines if line not in sources)
    is_list = isinstance(reply.about, ApprovalItem) and reply.about.facet in _LISTS
    fit = [_NUMBER.sub("", line) for line in fitting(title, told)] if is_list else []
    return "\n".join([*([title, *fit, _MORE] if fit else _first_lines([title, *told])), *sources])


def _first_lines(lines: Sequence[str]) -> list[str]:
    kept = list(lines[:1])
    while len(kept) < len(lines) and sum(map(len, kept)) + len(lines[len(kept)]) <= LONGEST_OFFER:
        kept.append(lines[len(kept)])
    return [*kept, _MORE] if len(kept) < len(lines) else kept
