"""Answers that name the office in charge when a question belongs elsewhere, with its telephone and legal basis."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import OtherDoor
from bot.language.triggers import EMERGENCY
from bot.referrals.models import Route
from bot.replies.reply import PERSON, Reply


def route_answer(route: Route) -> Reply:
    """In an emergency only the record's own text, with the number to call in its first words, and no buttons."""
    is_emergency = route.category == EMERGENCY
    return Reply(
        text=route.answer if is_emergency else "\n".join(filter(None, (route.answer, _source_line(route)))),
        outcome=Outcome.ROUTED,
        about=OtherDoor(route.code, route.phone, route.url),
        buttons=() if is_emergency else (PERSON,),
    )


def _source_line(route: Route) -> str:
    parts = [f"归口：{route.in_charge}"]
    for title, value in (("电话", route.phone), ("网址", route.url), ("依据", route.legal_basis)):
        if value:
            parts.append(f"{title}：{value}")
    return "；".join(parts)
