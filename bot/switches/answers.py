"""Replaces answers by notices where something is switched off. Pure functions of switches and replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.conversations.outcomes import Outcome
from bot.replies.reply import Reply
from bot.replies.switches import switched_off
from bot.switches.models import Switch
from bot.switches.scopes import ALWAYS_ANSWERED, Scope

_TOPIC_OF_KIND = {
    "joint_service": "ask_joint_service",
    "policy_answer": "ask_policy",
    "disclosure_status": "ask_disclosure_status",
    "disclosure_identity": "ask_disclosure_status",
}


def instead_of_answering(switches: Sequence[Switch], *, channel: str, intent: str) -> Reply | None:
    """The notice to give instead of any answer, if the bot, this channel or the topic is off; else None."""
    if intent in ALWAYS_ANSWERED:
        return None
    about = {(Scope.BOT.value, ""), (Scope.CHANNEL.value, channel), (Scope.TOPIC.value, intent)}
    found = [switch for switch in switches if (switch.scope, switch.key) in about]
    return switched_off(found[0].notice) if found else None


def without_what_is_off(switches: Sequence[Switch], replies: Sequence[Reply]) -> list[Reply]:
    """Replaces each reply about something that is off by its notice, given once, and drops sources that are off."""
    if not switches:
        return list(replies)
    shown: list[Reply] = []
    for reply in replies:
        about = _about(reply)
        found = [switch for switch in switches if (switch.scope, switch.key) in about]
        said = switched_off(found[0].notice) if found else _without_sources(switches, reply)
        if said not in shown:
            shown.append(said)
    return shown


def _about(reply: Reply) -> set[tuple[str, str]]:
    """The subjects of the reply, as (scope, key)."""
    custom: Mapping[str, Any] = reply.custom or {}
    kind = custom.get("kind", "")
    about = {(Scope.TOPIC.value, _TOPIC_OF_KIND.get(kind, ""))}
    if kind in ("approval_item", "joint_service"):
        about.add((Scope.ITEM.value, custom["code"]))
    if kind == "approval_item":
        about.add((Scope.TOPIC.value, f"ask_{custom['facet']}"))
    if kind == "policy_answer":
        about |= _names_of(custom["sources"][0])
    if reply.outcome == Outcome.FILING:
        about.add((Scope.TOPIC.value, "file_disclosure"))
    return about


def _without_sources(switches: Sequence[Switch], reply: Reply) -> Reply:
    """The reply without its further sources that are off. Its text names these documents but does not quote them."""
    sources = (reply.custom or {}).get("sources")
    if not sources:
        return reply
    off = {(switch.scope, switch.key) for switch in switches}
    left = [source for source in sources if not _names_of(source) & off]
    return replace(reply, custom={**(reply.custom or {}), "sources": left})


def _names_of(source: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(Scope.DOCUMENT.value, name) for name in (source["document"], source["number"]) if name}
