"""Replies to “删除我的记录”: asks for confirmation once, then gives the number of the deletion."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import DeletionAsked
from bot.replies.lists import numbered
from bot.replies.reply import Button, Reply

CONFIRM = "确认删除"
# `Reply.awaits` while the confirmation is awaited.
AWAITS = "deletion"
# By name, not as a link: somebody on a telephone has no web page open.
WHERE = "政务助手网页下方的《个人信息说明》"


def ask_to_confirm(stays: Sequence[str]) -> Reply:
    lines = [
        f"要删除这段对话的记录，请回复“{CONFIRM}”；删了就找不回来。",
        "会删掉：您说过的话、我的答复、没有提交的申请草稿、已办结事项里您的话和联系方式。",
        *_what_stays(stays),
        f"想留着，不用回复。记录平时留多久、找谁问，见{WHERE}。",
    ]
    return Reply(
        "\n".join(lines),
        Outcome.ASKED_BACK,
        about=DeletionAsked(None, tuple(stays)),
        buttons=(Button.to(CONFIRM, "confirm_deletion"),),
        awaits=AWAITS,
    )


def taken_down(receipt: str, stays: Sequence[str]) -> Reply:
    lines = [
        f"好的，这段对话的记录马上删除，一般两分钟内删完。删除编号：{receipt}",
        *_what_stays(stays),
        f"凭编号可以在{WHERE}里查删完没有。您还可以接着问别的。",
    ]
    return Reply("\n".join(lines), Outcome.COMMAND, DeletionAsked(receipt, tuple(stays)))


def _what_stays(stays: Sequence[str]) -> list[str]:
    return ["依法要留下的：", *numbered(list(stays))] if stays else []
