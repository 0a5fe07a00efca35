"""Finding conversations by what was said in them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import InstrumentedAttribute

from bot.conversations.models import Message


def has_message_with(conversation_id: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """A condition for a query of another table: some message of that conversation holds `text`, masked, in any case."""
    return exists().where(
        Message.conversation_id == conversation_id, Message.masked_text.icontains(text, autoescape=True)
    )
