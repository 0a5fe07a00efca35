"""Replies while a supervisor has switched off the bot or a part of it."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import Fallback, Handoff
from bot.replies.reply import PERSON, Reply

_EMERGENCY = "遇到紧急情况请直接拨打 110、119、120。"


def switched_off(notice: str) -> Reply:
    """A part of the bot is off; citizens can still ask for a person."""
    return Reply(
        text=notice,
        outcome=Outcome.SWITCHED_OFF,
        about=Fallback(),
        buttons=(PERSON,),
    )


def person_instead(notice: str, case_number: str) -> Reply:
    """The bot is off, and staff are on duty."""
    return Reply(
        text=f"{notice}\n您的话已转给工作人员，编号 {case_number}，请稍等。{_EMERGENCY}",
        outcome=Outcome.HANDED_OVER,
        about=Handoff(case_number, online=True),
    )


def nobody_there(notice: str, duty_hours: str) -> Reply:
    """The bot is off, and no staff are on duty."""
    return Reply(
        text=f"{notice}\n现在不是工作时间（{duty_hours}），请在工作时间再来，由工作人员回答您。{_EMERGENCY}",
        outcome=Outcome.SWITCHED_OFF,
        about=Fallback(),
    )
