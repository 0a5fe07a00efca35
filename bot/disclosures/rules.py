"""The legal rules of the clock in one table: time limits, when they begin, remedies, each with its article.

政府信息公开条例 (2019), 信息处理费管理办法 (国办函〔2020〕109号), 行政复议法 (2023), 行政复议法实施条例 (2026),
行政诉讼法 (2017), 法释〔2025〕8号, 民法典. `docs/clock.md` explains the rules; a test checks that this table and the
page agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import Enum, StrEnum

from bot.disclosures.terms import Decision, Party, Reason


class TimeUnit(StrEnum):
    WORKING_DAYS = "working days"
    DAYS = "days"
    MONTHS = "months"


# The names of what this table cites by its number, because the names are long.
NAMES_BY_NUMBER = {"法释〔2025〕8号": "最高人民法院关于审理政府信息公开行政案件适用法律若干问题的解释"}


def _regulation(article: str) -> str:
    return f"《政府信息公开条例》第{article}"


def _fee_rules(article: str) -> str:
    return f"《政府信息公开信息处理费管理办法》第{article}"


def _review_law(article: str) -> str:
    return f"《行政复议法》第{article}"


def _review_regulation(article: str) -> str:
    return f"《行政复议法实施条例》第{article}"


def _procedure_law(article: str) -> str:
    return f"《行政诉讼法》第{article}"


def _interpretation(article: str) -> str:
    return f"法释〔2025〕8号第{article}"


class Rule(Enum):
    """Each rule: its article, what the article says, and for a time limit its length and unit."""

    RIGHT_TO_ASK = _regulation("二十七条"), "anybody may ask, and ask again"
    CHECK = (
        _regulation("三十条"),
        "an unclear request: the applicant is told once, after receipt",
        7,
        TimeUnit.WORKING_DAYS,
    )
    SUPPLEMENT = _regulation("三十条"), "the reply period starts anew with the supplement; without it, abandoned"
    RECEIPT = _regulation("三十一条"), "which day is the day of receipt; it is not counted itself"
    REPLY = _regulation("三十三条"), "an answer on the spot, otherwise after receipt", 20, TimeUnit.WORKING_DAYS
    EXTENSION = _regulation("三十三条"), "at most, once, told before the time is over", 20, TimeUnit.WORKING_DAYS
    EXCLUSION = _regulation("三十三条"), "the time in which opinions are waited for is not counted"
    THIRD_PARTY = (
        _regulation("三十二条"),
        "third party's opinion; silence: the agency decides",
        15,
        TimeUnit.WORKING_DAYS,
    )
    AGENCY = _regulation("三十四条"), "another agency's opinion; silence: consent", 15, TimeUnit.WORKING_DAYS
    POSTPONEMENT = _regulation("三十五条"), "far too many requests for a good reason: a later day is told"
    FEE = _regulation("四十二条"), "no fee, except for far too many requests"
    FEE_PAYMENT = (
        _fee_rules("六条"),
        "time for the payment at least; then the reply period starts anew; without it, abandoned",
        20,
        TimeUnit.WORKING_DAYS,
    )
    FEE_REMEDY = _fee_rules("七条"), "remedies lie against the end of the request, not against the fee alone"
    HOLIDAY = "《民法典》第二百零三条", "a last day that is a holiday moves to the day after the holiday"

    SUPERVISION = _regulation("四十七条"), "the office in charge of disclosure hears about delay and has it mended"
    REMEDY = _regulation("五十一条"), "complaint, reconsideration or litigation"
    REVIEW = _review_law("二十条"), "reconsideration, after learning of the decision", 60, TimeUnit.DAYS
    REVIEW_OF_SILENCE_FIRST = _review_law("二十三条第一款第三项"), "failure to act: reconsideration before litigation"
    REVIEW_OF_REFUSAL_FIRST = _review_law("二十三条第一款第四项"), "refusal: reconsideration before litigation"
    SILENCE = _review_regulation("三十条"), "failure to act is silence, not a refusal that was told"
    REFUSAL = _review_regulation("三十一条"), "refusal is what rests on arts. 14 to 16 of the regulation"
    COURT_AFTER_REVIEW = _procedure_law("四十五条"), "litigation, after the reconsideration decision", 15, TimeUnit.DAYS
    COURT_AFTER_SILENT_REVIEW = _review_law("三十四条"), "also after the end of its time, if no decision came"
    COURT = _procedure_law("四十六条"), "direct litigation, after learning of the decision", 6, TimeUnit.MONTHS
    NOT_PROVIDED = _interpretation("一条第一项"), "a court hears that information was not provided or not handled"
    MISMATCH = _interpretation("一条第三项"), "a court hears that what was provided is not what was asked for"
    INFRINGEMENT = _interpretation("一条第四项"), "a court hears a third party whose rights a disclosure infringes"
    COURT_DECLINES = _interpretation("十条"), "what a court does not hear"

    def __init__(self, basis: str, gist: str, length: int = 0, unit: TimeUnit | None = None) -> None:
        self.basis = basis
        self.gist = gist
        self.length = length
        self.unit = unit


# The day from which a basis is in force, if it was younger than the assistant; all others are older.
_SINCE = {
    Rule.SILENCE: date(2026, 7, 1),
    Rule.REFUSAL: date(2026, 7, 1),
    Rule.NOT_PROVIDED: date(2025, 6, 1),
    Rule.MISMATCH: date(2025, 6, 1),
    Rule.INFRINGEMENT: date(2025, 6, 1),
    Rule.COURT_DECLINES: date(2025, 6, 1),
}


def in_force(rules: Iterable[Rule], today: date) -> tuple[str, ...]:
    """The articles of `rules`, without those that are not in force yet on that day."""
    return tuple(rule.basis for rule in rules if rule not in _SINCE or _SINCE[rule] <= today)


CONSULTATION = {Party.THIRD_PARTY: Rule.THIRD_PARTY, Party.AGENCY: Rule.AGENCY}

DECISION_BASIS = {
    Decision.ALREADY_PUBLIC: _regulation("三十六条第一项"),
    Decision.GRANTED: _regulation("三十六条第二项"),
    Decision.REFUSED: _regulation("三十六条第三项"),
    Decision.NOT_HELD: _regulation("三十六条第四项"),
    Decision.NOT_RESPONSIBLE: _regulation("三十六条第五项"),
    Decision.REPEATED: _regulation("三十六条第六项"),
    Decision.OTHER_LAW: _regulation("三十六条第七项"),
    Decision.PARTLY_GRANTED: _regulation("三十七条"),
    Decision.NO_PROCESSING_NEEDED: _regulation("三十八条"),
    Decision.NOT_HANDLED: _regulation("三十五条"),
    Decision.COMPLAINT: _regulation("三十九条第一款"),
    Decision.PUBLICATION: _regulation("三十九条第二款"),
}
# Reasons that have another article than their outcome (`DECISION_BASIS`).
_REASON_BASIS = {
    Reason.FEE_NOT_PAID: _regulation("四十二条"),
    Reason.CONFIRMATION_OF_KNOWN: _regulation("三十六条"),
}

# 不予公开的理由: the article of each (条例 arts. 14 to 16).
GROUNDS = {
    Reason.CLASSIFIED: _regulation("十四条"),
    Reason.FORBIDDEN_BY_LAW: _regulation("十四条"),
    Reason.SAFETY_AND_STABILITY: _regulation("十四条"),
    Reason.THIRD_PARTY_RIGHTS: _regulation("十五条"),
    Reason.INTERNAL_AFFAIRS: _regulation("十六条第一款"),
    Reason.PROCESS_INFORMATION: _regulation("十六条第二款"),
    Reason.ENFORCEMENT_FILE: _regulation("十六条第二款"),
}


def decision_basis(outcome: Decision, reason: Reason | None) -> str:
    return _REASON_BASIS.get(reason, DECISION_BASIS[outcome]) if reason else DECISION_BASIS[outcome]


# 不予公开 by arts. 14 to 16, in whole or in part: a court hears the case only after reconsideration.
REFUSALS = (Decision.REFUSED, Decision.PARTLY_GRANTED)
# Answers that a court does not hear (法释〔2025〕8号 art. 10 nos. 4 to 8): reconsideration is of more use.
NOT_HEARD = (
    Decision.REPEATED,
    Decision.OTHER_LAW,
    Decision.NO_PROCESSING_NEEDED,
    Decision.COMPLAINT,
    Decision.PUBLICATION,
)
