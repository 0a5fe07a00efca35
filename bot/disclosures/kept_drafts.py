"""Stores drafts, encrypted, between the messages of a conversation, until they expire (`bot.privacy.retention`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from bot.disclosures.draft import Draft
from bot.disclosures.models import Errand, KeptDraft
from bot.sealing import SealBroken, Sealer


def load_draft(session: Session, conversation: str, sealer: Sealer) -> Draft | None:
    """The draft of the conversation. None also if it was encrypted with another key: then the citizen starts again."""
    kept = session.get(KeptDraft, conversation)
    try:
        return Draft.from_json(sealer.open(kept.sealed)) if kept else None
    except SealBroken:
        return None


def keep_draft(session: Session, conversation: str, draft: Draft, sealer: Sealer, now: datetime) -> None:
    session.merge(KeptDraft(conversation_id=conversation, sealed=sealer.seal(draft.as_json()), changed_at=now))
    session.flush()


def drop_draft(session: Session, conversation: str) -> None:
    forget_drafts(session, [conversation])


def expired_drafts(before: datetime) -> Select[str]:
    return select(KeptDraft.conversation_id).where(KeptDraft.changed_at < before)


def forget_drafts(session: Session, conversations: Sequence[str]) -> None:
    """Deletes the drafts of new requests, and what was begun with requests that stand."""
    for table in (KeptDraft, Errand):
        session.execute(delete(table).where(table.conversation_id.in_(conversations)))
