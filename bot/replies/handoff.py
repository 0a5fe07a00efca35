"""What a citizen reads when a person takes the question."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.replies.reply import Reply


def handed_over(case_number: str, is_on_duty: bool, duty_hours: str, hotline: str) -> Reply:
    when = "现在是工作时间，工作人员会尽快看到" if is_on_duty else f"现在不是工作时间（{duty_hours}），上班后会有人处理"
    return Reply(
        text=f"已转给工作人员，编号 {case_number}，前面的对话也一并转过去了，不用重说。{when}；急事请拨 {hotline}。",
        outcome=Outcome.HANDED_OVER,
        custom={"kind": "handoff", "case": case_number, "online": is_on_duty},
    )
