"""Files between a citizen and the clerk who answers: kept sealed, each with the message that brought it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from bot.conversations.models import TalkFile, TalkFilePart
from bot.sealing import Sealer

# Of a conversation, both sides together.
MOST_FILES = 40


class NoSuchFile(LookupError):
    """There is no such file in these conversations."""


class TooManyFiles(ValueError):
    """The conversation has `MOST_FILES` already."""


@dataclass(frozen=True)
class SealedFile:
    """A checked file, sealed before the transaction that stores it, so that nobody waits for the sealing."""

    name: str
    format: str
    size: int
    pieces: Sequence[str]


def keep(
    session: Session,
    conversation_id: str,
    file: SealedFile,
    *,
    message_id: int | None = None,
    staff_message_id: int | None = None,
) -> TalkFile:
    """Raises TooManyFiles."""
    of_conversation = select(func.count()).where(TalkFile.conversation_id == conversation_id)
    if (session.scalar(of_conversation) or 0) >= MOST_FILES:
        raise TooManyFiles(f"一段对话里最多 {MOST_FILES} 个文件")
    kept = TalkFile(
        conversation_id=conversation_id,
        message_id=message_id,
        staff_message_id=staff_message_id,
        name=file.name,
        format=file.format,
        size=file.size,
    )
    session.add(kept)
    session.flush()
    parts = (TalkFilePart(file_id=kept.id, position=place, sealed=piece) for place, piece in enumerate(file.pieces))
    session.add_all(parts)
    session.flush()
    return kept


def files_of(session: Session, conversations: Collection[str]) -> list[TalkFile]:
    """The files of these conversations, in the order in which they came."""
    return list(
        session.scalars(select(TalkFile).where(TalkFile.conversation_id.in_(conversations)).order_by(TalkFile.id))
    )


def get_file(session: Session, conversations: Collection[str], file_id: int) -> TalkFile:
    """Raises NoSuchFile, also if it belongs to another conversation."""
    file = session.get(TalkFile, file_id)
    if file is None or file.conversation_id not in conversations:
        raise NoSuchFile(file_id)
    return file


def content_of(session: Session, file: TalkFile, sealer: Sealer) -> bytes:
    """Raises bot.sealing.SealBroken: sealed with a key that is gone."""
    parts = select(TalkFilePart.sealed).where(TalkFilePart.file_id == file.id).order_by(TalkFilePart.position)
    return sealer.open_bytes(session.scalars(parts))


def forget_files_of_messages(session: Session, message_ids: Sequence[int]) -> None:
    _forget(session, TalkFile.message_id.in_(message_ids))


def forget_files_of_staff_messages(session: Session, staff_message_ids: Sequence[int]) -> None:
    _forget(session, TalkFile.staff_message_id.in_(staff_message_ids))


def _forget(session: Session, which: ColumnElement[bool]) -> None:
    """By statements of its own: not every database cascades, and the parts are the content."""
    session.execute(delete(TalkFilePart).where(TalkFilePart.file_id.in_(select(TalkFile.id).where(which))))
    session.execute(delete(TalkFile).where(which))
