"""Replaces answers by notices where something is switched off. Pure functions of switches and replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import (
    ApprovalItem,
    DisclosureIdentity,
    DisclosureStatus,
    JointServiceGuide,
    PolicyAnswer,
    QuotedSource,
    Subject,
)
from bot.replies.reply import Reply
from bot.replies.switches import switched_off
from bot.switches.models import Switch
from bot.switches.scopes import ALWAYS_ANSWERED, Scope

_TOPICS: dict[type[Subject], str] = {
    JointServiceGuide: "ask_joint_service",
    PolicyAnswer: "ask_policy",
    DisclosureStatus: "ask_disclosure_status",
    DisclosureIdentity: "ask_disclosure_status",
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
    about = reply.about
    found: set[tuple[str, str]] = set()
    if about and type(about) in _TOPICS:
        found.add((Scope.TOPIC.value, _TOPICS[type(about)]))
    if isinstance(about, (ApprovalItem, JointServiceGuide)):
        found.add((Scope.ITEM.value, about.code))
    if isinstance(about, ApprovalItem):
        found.add((Scope.TOPIC.value, f"ask_{about.facet}"))
    if isinstance(about, PolicyAnswer):
        found |= _names_of(about.sources[0])
    if reply.outcome == Outcome.FILING:
        found.add((Scope.TOPIC.value, "file_disclosure"))
    return found


def _without_sources(switches: Sequence[Switch], reply: Reply) -> Reply:
    """The reply without its further sources that are off. Its text names these documents but does not quote them."""
    if not isinstance(reply.about, PolicyAnswer):
        return reply
    off = {(switch.scope, switch.key) for switch in switches}
    left = tuple(source for source in reply.about.sources if not _names_of(source) & off)
    return replace(reply, about=replace(reply.about, sources=left))


def _names_of(source: QuotedSource) -> set[tuple[str, str]]:
    return {(Scope.DOCUMENT.value, name) for name in (source.document, source.number) if name}
