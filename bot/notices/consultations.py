"""The clock of a consultation (征求意见, 条例 arts. 32 to 34) begins on the day on which the party has the letter."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.disclosures.models import Request
from bot.disclosures.service import StepRefused, assess, record_event
from bot.disclosures.terms import Kind, Step
from bot.notices.kinds import CONSULTED
from bot.notices.models import Notice


def begin(session: Session, notice: Notice, on: date) -> str:
    """Records that the consultation began, if the notice that was delivered on that day is its letter.

    A letter that corrects one which was delivered begins nothing: the party has been asked already. Returns a sentence
    for the clerk; empty if there is nothing to say.
    """
    party = CONSULTED.get(notice.what)
    if party is None or (notice.corrects is not None and notice.corrects.delivered_on is not None):
        return ""
    request = session.get(Request, notice.receipt)
    if request is None or any((step.party, step.on) == (party, on) for step in request.steps):
        return ""
    step = Step(Kind.CONSULTATION_STARTED, on, party=party, consultation_id=notice.number)
    try:
        record_event(session, notice.receipt, step)
    except StepRefused as refused:
        return f"经过里没有记上“开始征求意见”：{refused}"
    why = assess(request, on).why_without_effect(step)
    if why is not None:
        return f"经过里记了“开始征求意见”，但没有法律效力，期限不变：{why}"
    return "经过里记了“开始征求意见”，等意见的时间不算在答复期限里；意见回来了，请记“征求意见结束”"
