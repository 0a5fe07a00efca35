"""“删除我的记录”: deletes a conversation when the citizen asks for it (个人信息保护法 art. 47, 50).

The deletion happens a little later, when the turn with the request is over. Otherwise the last answer would be stored
after the deletion.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.conversations import forgetting as conversations
from bot.conversations import talk_links
from bot.conversations.outcomes import Outcome
from bot.conversations.service import history
from bot.conversations.subjects import FilingDone
from bot.conversations.trackers import EVENTS, trackers
from bot.db import Database
from bot.disclosures.kept_drafts import forget_drafts
from bot.helpline import forgetting as helpline
from bot.lessons import forgetting as lessons
from bot.privacy.models import Deletion
from bot.reviews import forgetting as reviews
from bot.reviews.models import Case
from bot.settings import Settings
from bot.staff import audit
from bot.voices import forgetting as voices
from bot.workdays import today_in_china

logger = logging.getLogger(__name__)

# By then the answer with the receipt number is stored and sent.
SETTLES_WITHIN = timedelta(seconds=20)
# A message that is not answered within this time will not be answered any more.
ANSWERED_WITHIN = timedelta(minutes=5)
BY_CITIZEN = "本人"


def what_stays(session: Session, conversation_id: str) -> list[str]:
    """The parts of a conversation that the law requires to keep, and why; each a sentence for the citizen."""
    stays = [
        f"信息公开申请 {receipt}：依法要登记、答复和归档（政府信息公开条例第四十五条、个人信息保护法第四十七条第二款）"
        for receipt in _filed(session, conversation_id)
    ]
    stays += [
        f"正在办理的事项 {case.number}：办结之前要用（个人信息保护法第三十四条），办结后自动删"
        for case in reviews.open_cases_of(session, conversation_id)
    ]
    if helpline.is_subscribed_by_text(session, conversation_id):
        stays.append("您的号码和退订记录：加密保存，不然退订就不算数了（通信短信息服务管理规定第十八条）")
    return stays


def ask(session: Session, conversation_id: str, now: datetime) -> Deletion:
    """Records a deletion request; returns the pending one if there is one already."""
    waiting = select(Deletion).where(Deletion.conversation_id == conversation_id, Deletion.done_at.is_(None))
    found = session.scalars(waiting).first()
    if found is not None:
        return found
    asked = Deletion(
        receipt=_new_receipt(session, now),
        conversation_id=conversation_id,
        asked_at=now,
        kept=what_stays(session, conversation_id),
        open_case_ids=[case.id for case in reviews.open_cases_of(session, conversation_id)],
    )
    session.add(asked)
    session.flush()
    return asked


def get_deletion(session: Session, receipt: str) -> Deletion | None:
    return session.get(Deletion, receipt.strip().upper())


def do_what_waits(database: Database, settings: Settings, now: datetime) -> list[str]:
    """Fulfils pending requests and returns their receipts; also empties cases closed since earlier deletions."""
    with database.transaction() as session:
        asked = select(Deletion.receipt).where(Deletion.done_at.is_(None), Deletion.asked_at <= now - SETTLES_WITHIN)
        receipts = list(session.scalars(asked))
    done = [receipt for receipt in receipts if _forget(database, settings, receipt, now)]
    with database.transaction() as session:
        _empty_cases_closed_since(session)
    return done


def _forget(database: Database, settings: Settings, receipt: str, now: datetime) -> bool:
    """Deletes one conversation. False if something is still in progress; it is tried again later."""
    with database.transaction() as session:
        conversation_id = session.get_one(Deletion, receipt).conversation_id
        if conversation_id is None or conversations.awaits_an_answer(session, conversation_id, now - ANSWERED_WITHIN):
            return False
    _forget_tracker(settings, conversation_id)
    with database.transaction() as session:
        deletion = session.get_one(Deletion, receipt)
        _forget_rows(session, conversation_id)
        if helpline.has_texts(session, conversation_id):
            return False  # the answer with the receipt number is not sent yet
        deletion.conversation_id, deletion.done_at = None, now
        audit.record(session, who=BY_CITIZEN, action="forget_conversation", subject=receipt, why="", at=now)
    return True


def _forget_tracker(settings: Settings, conversation_id: str) -> None:
    with trackers(settings) as engine:
        if engine is not None:
            with engine.begin() as connection:
                connection.execute(delete(EVENTS).where(EVENTS.c.sender_id == conversation_id))


def _forget_rows(session: Session, conversation_id: str) -> None:
    message_ids = conversations.message_ids(session, conversation_id)
    lessons.forget_lessons_of(session, message_ids)
    conversations.forget_messages(session, message_ids)
    forget_drafts(session, [conversation_id])
    helpline.forget_texts_of(session, conversation_id)
    talk_links.forget_links_of(session, conversation_id)
    closed = reviews.closed_cases_of(session, conversation_id)
    _empty(session, closed)
    if not reviews.open_cases_of(session, conversation_id):
        conversations.forget_conversations(session, [conversation_id])


def _empty_cases_closed_since(session: Session) -> None:
    for deletion in session.scalars(select(Deletion).where(Deletion.done_at.is_not(None))):
        if not deletion.open_case_ids:
            continue
        found = reviews.cases(session, deletion.open_case_ids)
        closed = [case for case in found if reviews.is_closed(case)]
        _empty(session, closed)
        deletion.open_case_ids = [case.id for case in found if not reviews.is_closed(case)]


def _empty(session: Session, closed: Sequence[Case]) -> None:
    """Empties the cases; what was published of them is taken down."""
    ids = [case.id for case in closed]
    helpline.part_from_staff_messages(session, reviews.staff_message_ids(session, ids))
    voices.forget_voices(session, ids)
    reviews.empty_cases(session, closed)


def _filed(session: Session, conversation_id: str) -> list[str]:
    filed = (message for message in history(session, conversation_id, 1000) if message.outcome == Outcome.FILED)
    return [about.receipt for message in filed for about in message.subjects if isinstance(about, FilingDone)]


def _new_receipt(session: Session, now: datetime) -> str:
    """A random receipt number, so that it does not show how many requests there were.

    It has digits only, so that no channel takes it for a query code.
    """
    while True:
        receipt = f"SC-{today_in_china(now).year}-{secrets.randbelow(10**6):06d}"
        if session.get(Deletion, receipt) is None:
            return receipt
