"""The fixed lists of public letters: their kinds, why one is held back, how long texts may be."""

from __future__ import annotations

from enum import StrEnum

from bot.reviews.reasons import KIND_TITLES, Kind

MOST_TITLE = 40
MOST_WORDS = 2000
MOST_CONTACT = 100
MOST_ANSWER = 4000
MOST_WHY = 200
# Shorter texts say nothing that somebody could act on.
LEAST_WORDS = 5

# The kinds that citizens may choose, in this order, each with what it is for.
KINDS: dict[Kind, str] = {
    Kind.INQUIRY: "问政策、问怎么办",
    Kind.SUGGESTION: "对城市和政府工作出主意",
    Kind.COMPLAINT: "反映问题，希望解决",
    Kind.REQUEST: "遇到困难，请政府帮忙",
    Kind.MAYOR: "写给市长的信",
    Kind.TOPIC: "希望政府主动公开哪方面的信息",
    Kind.PRAISE: "表扬好人好事",
}
PUBLIC_KINDS = {kind.value: KIND_TITLES[kind] for kind in KINDS}


class Hold(StrEnum):
    """Why a letter is held back until a person has looked at it."""

    OFTEN = "often"
    SAME = "same"
    WORDS = "words"
    LINK = "link"


# Read by the citizen, who is told at once, and by staff.
HOLD_TITLES: dict[str, str] = {
    Hold.OFTEN: "同一网络短时间内来信较多",
    Hold.SAME: "和近期一封来信内容相同",
    Hold.WORDS: "信里有需要核实的用语",
    Hold.LINK: "信里有链接",
}


class VoiceRefused(ValueError):
    """The step is not possible; the message, in Chinese, says what to correct."""


class NoSuchVoice(LookupError):
    """There is no such letter, or it is not published."""
