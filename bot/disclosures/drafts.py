"""Keeping a draft between messages, and for a while after the conversation has gone quiet."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.disclosures.draft import Draft
from bot.disclosures.models import KeptDraft
from bot.sealing import SealBroken, Sealer

# Long enough to look for a document's number, short enough that nobody's identity lies about.
DAYS_KEPT = timedelta(days=30)


def load_draft(session: Session, conversation: str, sealer: Sealer) -> Draft | None:
    """None also if it was sealed with a key that is no longer ours: then it has to be written anew."""
    kept = session.get(KeptDraft, conversation)
    try:
        return Draft.from_json(sealer.open(kept.sealed)) if kept else None
    except SealBroken:
        return None


def keep_draft(session: Session, conversation: str, draft: Draft, sealer: Sealer, now: datetime) -> None:
    session.execute(delete(KeptDraft).where(KeptDraft.changed_at < now - DAYS_KEPT))
    session.merge(KeptDraft(conversation_id=conversation, sealed=sealer.seal(draft.as_json()), changed_at=now))
    session.flush()


def drop_draft(session: Session, conversation: str) -> None:
    session.execute(delete(KeptDraft).where(KeptDraft.conversation_id == conversation))
