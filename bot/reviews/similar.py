"""Cases that were answered before and are about much the same, by the words that both questions share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

from sqlalchemy import case as sql_case
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from bot.conversations.models import StaffMessage
from bot.language.masking import mask
from bot.reviews.models import Case
from bot.reviews.queue import WITHOUT_TALK, visible_to
from bot.search.words import telling_words
from bot.staff.models import Person

MOST = 3
_MOST_WORDS = 8


@dataclass(frozen=True)
class AnsweredCase:
    """`answer`: the last answer that the citizen was given, masked: it goes to another one."""

    case: Case
    answer: str


def similar_answered(session: Session, case: Case, text: str, *, seen_by: Person) -> list[AnsweredCase]:
    """Other cases with the most words of `text`, of these the newest; each has at least half of the words.

    Reads the masked texts of all answered cases: right for tens of thousands, as the search of the queue is.
    """
    words = sorted(telling_words(text), key=len, reverse=True)[:_MOST_WORDS]
    if not words:
        return []
    has = [sql_case((Case.searched_text.icontains(word, autoescape=True), 1), else_=0) for word in words]
    shared = reduce(add, has, literal(0))
    found = (
        select(Case)
        .where(Case.id != case.id, Case.answered_at.is_not(None), *visible_to(seen_by), shared * 2 >= len(words))
        .options(*WITHOUT_TALK)
        .order_by(shared.desc(), Case.id.desc())
        .limit(MOST)
    )
    told = [AnsweredCase(one, _answer(session, one)) for one in session.scalars(found)]
    return [one for one in told if one.answer]


def _answer(session: Session, case: Case) -> str:
    lines = select(StaffMessage).where(StaffMessage.case_id == case.id, StaffMessage.at == case.answered_at)
    line = session.scalars(lines.order_by(StaffMessage.id).limit(1)).one_or_none()
    return mask(line.text) if line else ""
