"""Finds conversations by the text of their messages."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import InstrumentedAttribute

from bot.conversations.models import Message


def has_message_with(conversation_id: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """A condition for queries: the masked text of a message of the conversation contains `text`, in any letter case."""
    return exists().where(
        Message.conversation_id == conversation_id, Message.masked_text.icontains(text, autoescape=True)
    )
