"""A sealed ticket in place of a query code: it proves that the code of a number was given a short time ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sealing import SealBroken, Sealer

TICKET_LASTS = timedelta(minutes=30)


def ticket_for(number: str, sealer: Sealer, now: datetime) -> str:
    return sealer.seal_object({"receipt": number, "until": (now + TICKET_LASTS).isoformat()})


def number_of(ticket: str, sealer: Sealer, now: datetime) -> str | None:
    """The number that a ticket opens; None if it is forged or too old."""
    try:
        content = sealer.open_object(ticket)
        return content["receipt"] if now < datetime.fromisoformat(content["until"]) else None
    except (SealBroken, KeyError, TypeError, ValueError):
        return None


def no_fit(attempts_left: int) -> str:
    """What the page says if number and query code do not belong together, or were tried too often."""
    if not attempts_left:
        return "试得太多了，请过一段时间再查。"
    return f"编号和查询码对不上，请核对，还可以试 {attempts_left} 次。"
