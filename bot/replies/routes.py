"""Answers that name the office in charge when a question belongs elsewhere, with its telephone and legal basis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import OtherDoor
from bot.language.triggers import EMERGENCY
from bot.referrals.models import Route
from bot.replies.reply import PERSON, TAKE_DOWN, Reply

_TAKES_DOWN = "要我记下来转给负责的部门，回复“记下来”。"
# The categories of routes for what citizens complain of.
_OF_COMPLAINTS = ("信访投诉举报", "生活服务")


def route_answer(route: Route, *, may_be_taken_down: bool = False) -> Reply:
    """In an emergency only the record's own text, with the number to call in its first words, and no buttons.

    `may_be_taken_down`: what the citizen told may become a case (`actions/letters.py`).
    """
    is_emergency = route.category == EMERGENCY
    offered = _TAKES_DOWN if may_be_taken_down and route.category in _OF_COMPLAINTS else ""
    return Reply(
        text=route.answer if is_emergency else "\n".join(filter(None, (route.answer, _source_line(route), offered))),
        outcome=Outcome.ROUTED,
        about=OtherDoor(route.code, route.phone, route.url),
        buttons=() if is_emergency else (TAKE_DOWN, PERSON) if offered else (PERSON,),
    )


def with_what_to_do(replies: Sequence[Reply], danger: Route) -> list[Reply]:
    """Adds what to do at once below the first reply, if a letter speaks of an emergency."""
    first, *others = replies
    return [replace(first, text=f"{first.text}\n要是眼下就有危险，{_what_to_do(danger)}。"), *others]


def helps_in(emergencies: Iterable[Route], text: str) -> bool:
    """Whether a reply says what to do in one of these emergencies, by itself or below what else it says."""
    return any(_what_to_do(route) in text for route in emergencies)


def _what_to_do(route: Route) -> str:
    return route.answer.split("。")[0]


def _source_line(route: Route) -> str:
    parts = [f"归口：{route.in_charge}"]
    for title, value in (("电话", route.phone), ("网址", route.url), ("依据", route.legal_basis)):
        if value:
            parts.append(f"{title}：{value}")
    return "；".join(parts)
