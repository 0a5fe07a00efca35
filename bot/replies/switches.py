"""What a citizen reads where a supervisor has turned the bot, or a part of it, off."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.replies.reply import PERSON, Reply

_EMERGENCY = "遇到紧急情况请直接拨打 110、119、120。"


def switched_off(notice: str) -> Reply:
    """A part is off; a person can still be asked for."""
    return Reply(
        text=notice,
        outcome=Outcome.SWITCHED_OFF,
        custom={"kind": "fallback", "suggestions": []},
        buttons=(PERSON,),
    )


def person_instead(notice: str, case_number: str) -> Reply:
    """The bot is off, and staff are on duty."""
    return Reply(
        text=f"{notice}\n您的话已转给工作人员，编号 {case_number}，请稍等。{_EMERGENCY}",
        outcome=Outcome.HANDED_OVER,
        custom={"kind": "handoff", "case": case_number, "online": True},
    )


def nobody_there(notice: str, duty_hours: str) -> Reply:
    """The bot is off, and so are staff."""
    return Reply(
        text=f"{notice}\n现在不是工作时间（{duty_hours}），请在工作时间再来，由工作人员回答您。{_EMERGENCY}",
        outcome=Outcome.SWITCHED_OFF,
        custom={"kind": "fallback", "suggestions": []},
    )
