"""The fixed lists of question time: the states of talks and questions, how long texts may be, how errors are told."""

from __future__ import annotations

from enum import StrEnum

from bot.voices.terms import Hold

MOST_TITLE = 60
MOST_TOPIC = 1000
MOST_GUESTS = 10
MOST_GUEST = 60
MOST_QUESTION = 500
LEAST_QUESTION = 5
MOST_ANSWER = 4000
MOST_WHY = 200
MOST_PICTURES = 20
MOST_CAPTION = 60


class State(StrEnum):
    """Of a talk. After ENDED and CANCELLED it does not begin again."""

    LIVE = "live"
    ANNOUNCED = "announced"
    ENDED = "ended"
    CANCELLED = "cancelled"


# In the order in which lists show them.
STATE_TITLES: dict[str, str] = {
    State.LIVE: "正在进行",
    State.ANNOUNCED: "预告",
    State.ENDED: "已结束",
    State.CANCELLED: "已取消",
}


class QuestionState(StrEnum):
    """Everybody sees TAKEN questions without and ANSWERED ones with their answer; the others only who asked."""

    WAITING = "waiting"
    TAKEN = "taken"
    ANSWERED = "answered"
    LEFT_OUT = "left_out"


QUESTION_TITLES: dict[str, str] = {
    QuestionState.WAITING: "待审核",
    QuestionState.TAKEN: "已选用",
    QuestionState.ANSWERED: "已答复",
    QuestionState.LEFT_OUT: "未选用",
}
PUBLIC_STATES = (QuestionState.TAKEN, QuestionState.ANSWERED)

# What the person who asked is told at once, and staff see: `bot.voices.holding` finds these.
HOLD_TITLES: dict[str, str] = {
    Hold.OFTEN: "同一网络短时间内提问较多",
    Hold.SAME: "和这场访谈已有的一个问题相同",
    Hold.WORDS: "问题里有需要核实的用语",
    Hold.LINK: "问题里有链接",
}


class InterviewRefused(ValueError):
    """The step is not possible; the message, in Chinese, says what to correct."""


class NoSuchInterview(LookupError):
    """There is no such talk, question or picture, or it is not the department's own."""
