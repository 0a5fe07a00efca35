"""The fixed lists of a case: why it was opened, how urgent it is, what a rating says, how it was closed.

Each value has a title for staff.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Reason(StrEnum):
    FELL_BACK_TWICE = "fell_back_twice"
    ASKED_FOR_PERSON = "asked_for_person"
    RATED_BADLY = "rated_badly"
    LOOK_UP_FAILED = "look_up_failed"
    LOW_CONFIDENCE = "low_confidence"
    SAID_TO_BE_WRONG = "said_to_be_wrong"
    ENGINE_FAILED = "engine_failed"
    TAKEN_DOWN = "taken_down"
    CALLED_BACK_BADLY = "called_back_badly"
    ENTERED = "entered"


class Kind(StrEnum):
    """What the citizen wants.

    A QUESTION is asked in a conversation, whose citizen may wait for a person; an INQUIRY is answered as a letter.
    TOPIC (点题公开): which information the government should publish.
    """

    QUESTION = "question"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    REQUEST = "request"
    INQUIRY = "inquiry"
    MAYOR = "mayor"
    TOPIC = "topic"


# Kinds that are taken down as letters, not asked as questions.
LETTERS = frozenset(Kind) - {Kind.QUESTION}


class Priority(StrEnum):
    """Most urgent first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"


class Stars(IntEnum):
    """The five grades of 好差评."""

    VERY_DISSATISFIED = 1
    DISSATISFIED = 2
    FAIR = 3
    SATISFIED = 4
    VERY_SATISFIED = 5


class ClosedAs(StrEnum):
    ANSWERED = "answered"
    TOLD_WHERE = "told_where"
    WITHDRAWN = "withdrawn"
    NO_WORD = "no_word"
    NO_ACTION_NEEDED = "no_action_needed"
    MERGED = "merged"
    REFUSED = "refused"


# Keys are the stored values, plain strings.
REASON_TITLES: dict[str, str] = {
    Reason.FELL_BACK_TWICE: "连续两次没答上",
    Reason.ASKED_FOR_PERSON: "要求人工",
    Reason.RATED_BADLY: "差评",
    Reason.LOOK_UP_FAILED: "查询多次不符",
    Reason.LOW_CONFIDENCE: "把握不大（抽查）",
    Reason.SAID_TO_BE_WRONG: "说答错了",
    Reason.ENGINE_FAILED: "系统故障",
    Reason.TAKEN_DOWN: "来信记下",
    Reason.CALLED_BACK_BADLY: "回访不满意",
    Reason.ENTERED: "来电来访登记",
}

KIND_TITLES: dict[str, str] = {
    Kind.QUESTION: "提问",
    Kind.COMPLAINT: "投诉",
    Kind.SUGGESTION: "建议",
    Kind.PRAISE: "表扬",
    Kind.REQUEST: "求助",
    Kind.INQUIRY: "咨询",
    Kind.MAYOR: "市长信箱",
    Kind.TOPIC: "点题公开",
}

PRIORITY_TITLES: dict[str, str] = {Priority.URGENT: "紧急", Priority.HIGH: "优先", Priority.NORMAL: "普通"}

STARS_TITLES: dict[int, str] = {
    Stars.VERY_DISSATISFIED: "非常不满意",
    Stars.DISSATISFIED: "不满意",
    Stars.FAIR: "基本满意",
    Stars.SATISFIED: "满意",
    Stars.VERY_SATISFIED: "非常满意",
}

CLOSED_AS_TITLES: dict[str, str] = {
    ClosedAs.ANSWERED: "已答复",
    ClosedAs.TOLD_WHERE: "已告知去处",
    ClosedAs.WITHDRAWN: "本人撤回",
    ClosedAs.NO_WORD: "未再回复",
    ClosedAs.NO_ACTION_NEEDED: "无需处理",
    ClosedAs.MERGED: "并入别件",
    ClosedAs.REFUSED: "审核后没有受理",
}
# What a clerk may choose: merging, and not accepting a letter, are acts of their own.
OUTCOME_CHOICES = {
    value: title for value, title in CLOSED_AS_TITLES.items() if value not in (ClosedAs.MERGED, ClosedAs.REFUSED)
}

# Grades that reopen the case, and for which the citizen is asked why (好差评: 差评回访整改).
WORST_STARS = (Stars.VERY_DISSATISFIED, Stars.DISSATISFIED)
# Grades after which an answered case closes by itself.
BEST_STARS = (Stars.SATISFIED, Stars.VERY_SATISFIED)
# Reasons with which the citizen was told the case number.
TOLD_TO_CITIZEN = (Reason.ASKED_FOR_PERSON, Reason.TAKEN_DOWN, Reason.ENTERED)
# Reasons with which the citizen does not wait for a first reply: they have an answer, and staff only check it, or they
# are on the telephone or at the counter.
NOBODY_WAITS = (Reason.LOW_CONFIDENCE, Reason.ENTERED)
