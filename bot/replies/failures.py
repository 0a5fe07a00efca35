"""Replies when a part of the system fails or a message is empty. Used in both environments."""

from __future__ import annotations

from typing import Any

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import Fallback
from bot.replies.reply import PERSON, Reply

EMPTY = Reply(
    text="没有看到文字。请直接写下您想问的，比如“补办身份证要带什么”。",
    outcome=Outcome.ASKED_BACK,
    about=Fallback(),
)

ENGINE_FAILED = Reply(
    text="抱歉，系统刚才出了点问题，这句话我没能回答。您的话已经记下，请稍后再试，或者拨打 12345。",
    outcome=Outcome.FAILED_ACTIONS,
    about=Fallback(),
    buttons=(PERSON,),
)

HELD = Reply(
    text="这会儿答得慢，您的问题已经记下：一有答案就在这里回答，不用再发一遍。不想等的话，可以转人工，留给工作人员。",
    outcome=Outcome.FAILED_ENGINE,
    about=Fallback(),
    buttons=(PERSON,),
)
"""Sent while the answer is still to come; the real answer follows."""

NOT_NOTED = Reply(
    text="这会儿答得慢，您的问题还没能记下，正在再试：请先不要关掉这个网页，一有答案就在这里回答。急事请拨打 12345。",
    outcome=Outcome.FAILED_ENGINE,
    about=Fallback(),
)
"""The same while the question itself could not be stored yet."""

EMPTY_MESSAGE: dict[str, Any] = EMPTY.as_message()


def engine_failed() -> dict[str, Any]:
    """`ENGINE_FAILED` as a message of the REST channel, with the outcome that the gateway stores."""
    return {**ENGINE_FAILED.as_message(), "turn": {"outcome": ENGINE_FAILED.outcome.value}}
