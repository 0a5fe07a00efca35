"""What the page `/answers` says when receipt and query code do not open it."""

from __future__ import annotations

from datetime import datetime

from bot.replies.disclosures import look_ups_paused, wrong_query_code


def look_up_refused(attempts_left: int, paused_until: datetime | None) -> str:
    """In the words of the chat: neither says whether such a request exists."""
    return (look_ups_paused(paused_until) if paused_until else wrong_query_code(attempts_left)).text
