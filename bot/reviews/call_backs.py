"""回访: after the answer a citizen is asked, by message or telephone, whether it is solved and to their satisfaction.

A bad answer opens the case again, so that it is done again (重办).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversations import staff_messages
from bot.conversations.models import StaffMessage
from bot.language.masking import mask
from bot.reviews.models import CallBack, Case
from bot.reviews.notices import call_back, signature
from bot.reviews.reasons import Reason
from bot.reviews.requirements import require_text
from bot.reviews.service import conversations_of, reopen
from bot.reviews.states import Action, CaseActionRefused, change, require_allowed
from bot.staff import audit
from bot.staff.models import Person

_MOST_WORDS = 500


class CallBackAnswer(StrEnum):
    CONTENT = "content"
    NOT_CONTENT = "not_content"
    UNSOLVED = "unsolved"


# In this order they are offered.
CALL_BACK_TITLES: dict[str, str] = {
    CallBackAnswer.CONTENT: "解决了，满意",
    CallBackAnswer.NOT_CONTENT: "解决了，不满意",
    CallBackAnswer.UNSOLVED: "没有解决",
}


class NotAskedHere(LookupError):
    """The line asks nothing, is not of this conversation, or does not exist."""


def ask(session: Session, case: Case, person: Person, now: datetime) -> CallBack:
    """Asks in the conversation of the case; where the citizen left a telephone it also goes there as a text.

    Raises:
        CaseActionRefused: nothing was answered yet, or the citizen has not answered the last call-back.
    """
    require_allowed(case, Action.CALL_BACK)
    if any(one.answered_at is None for one in call_backs_of(session, case)):
        raise CaseActionRefused("已经发过回访，等对方回答；也可以打电话，记下结果")
    line = staff_messages.say(
        session,
        conversations_of(session, case)[0],
        case_id=case.id,
        by_name=signature(person.department.name if person.department else None),
        text=call_back(case.number),
        now=now,
    )
    asked = CallBack(case_id=case.id, staff_message_id=line.id, asked_at=now)
    session.add(asked)
    change(session, case, Action.CALL_BACK, person, now)
    audit.record(session, who=person.login, action="call_back", subject=case.number, why="发出", at=now)
    return asked


def record(
    session: Session, case: Case, person: Person, now: datetime, answer: CallBackAnswer, words: str = ""
) -> None:
    """Stores what the citizen said on the telephone; it also answers a call-back that was sent and waits.

    Raises:
        CaseActionRefused: nothing was answered yet, or the words are too long.
    """
    require_allowed(case, Action.CALLED_BACK)
    words = mask(require_text(words, "对方的话", _MOST_WORDS)) if words.strip() else ""
    waiting = next((one for one in call_backs_of(session, case) if one.answered_at is None), None)
    called = waiting or CallBack(case_id=case.id)
    session.add(called)
    called.by_id, called.words = person.id, words
    session.flush()
    _store(session, case, called, answer, person, now)
    audit.record(
        session, who=person.login, action="call_back", subject=case.number, why=CALL_BACK_TITLES[answer], at=now
    )


def answer_in(session: Session, conversation_id: str, line_id: int, answer: CallBackAnswer, now: datetime) -> bool:
    """Stores the citizen's answer to the line that asked. True if the case was opened again.

    Raises:
        NotAskedHere
        CaseActionRefused: it is answered already.
    """
    asked = session.scalars(select(CallBack).where(CallBack.staff_message_id == line_id)).one_or_none()
    line = session.get(StaffMessage, line_id)
    if asked is None or line is None or line.conversation_id != conversation_id:
        raise NotAskedHere(line_id)
    _store(session, session.get_one(Case, asked.case_id), asked, answer, None, now)
    return answer != CallBackAnswer.CONTENT


def waiting_in(session: Session, lines: Iterable[StaffMessage]) -> frozenset[int]:
    """Ids of the lines that ask and are not answered yet."""
    ids = [line.id for line in lines]
    if not ids:
        return frozenset()
    waiting = select(CallBack.staff_message_id).where(
        CallBack.staff_message_id.in_(ids), CallBack.answered_at.is_(None)
    )
    return frozenset(one for one in session.scalars(waiting) if one is not None)


def call_backs_of(session: Session, case: Case) -> list[CallBack]:
    return list(session.scalars(select(CallBack).where(CallBack.case_id == case.id).order_by(CallBack.id)))


def _store(
    session: Session, case: Case, called: CallBack, answer: CallBackAnswer, person: Person | None, now: datetime
) -> None:
    """Stores the answer, once only: of two answers that come at the same time the second is refused."""
    stored = session.execute(
        update(CallBack)
        .where(CallBack.id == called.id, CallBack.answered_at.is_(None))
        .values(
            answered_at=now,
            is_solved=answer != CallBackAnswer.UNSOLVED,
            is_satisfied=answer == CallBackAnswer.CONTENT,
        )
        .execution_options(synchronize_session=False)
    )
    session.refresh(called)
    if stored.rowcount == 0:  # type: ignore[attr-defined]
        raise CaseActionRefused("这次回访已经回答过了")
    change(session, case, Action.CALLED_BACK, person, now, CALL_BACK_TITLES[answer])
    if answer != CallBackAnswer.CONTENT:
        reopen(session, case, Reason.CALLED_BACK_BADLY, now)
