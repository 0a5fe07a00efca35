"""Other cases of the same citizen: of the same conversation, the same number that texts, or the same contact left."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.helpline.models import Subscriber
from bot.reviews.models import Case
from bot.reviews.queue import WITHOUT_TALK, visible_to
from bot.reviews.service import conversations_of
from bot.staff.models import Person

MOST = 10


def other_cases(session: Session, case: Case, *, seen_by: Person) -> list[Case]:
    """The newest first, at most `MOST`, of those that this person may see. Digests are compared, nothing is opened."""
    conversations = set(conversations_of(session, case))
    digests = set(session.scalars(select(Subscriber.user_digest).where(Subscriber.conversation_id.in_(conversations))))
    left = select(Case.contact_digest).where(Case.conversation_id.in_(conversations), Case.contact_digest != "")
    digests |= {digest for digest in session.scalars(left) if digest}
    if digests:
        texting = select(Subscriber.conversation_id).where(Subscriber.user_digest.in_(digests))
        conversations |= set(session.scalars(texting))
    is_same = or_(Case.conversation_id.in_(conversations), Case.contact_digest.in_(digests))
    found = select(Case).where(Case.id != case.id, is_same, *visible_to(seen_by))
    return list(
        session.scalars(found.options(*WITHOUT_TALK).order_by(Case.opened_at.desc(), Case.id.desc()).limit(MOST))
    )
