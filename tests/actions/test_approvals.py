"""Which item and which facets a message means, seen from the conversation."""

from __future__ import annotations

from typing import Any

import pytest

from actions.approvals import facets_of, in_context
from actions.turn import Turn


def turn(**known: Any) -> Turn:
    """A message of which only what matters is given."""
    nothing: dict[str, Any] = {
        "conversation": "c",
        "client": "c",
        "channel": "api",
        "text": "",
        "intent": "ask_overview",
        "items": [],
        "unknown_matter": None,
        "facets": [],
        "ordinal": None,
        "known_item": None,
        "candidates": [],
        "asked_facets": [],
        "receipt": None,
        "query_code": None,
        "transcript": [],
    }
    return Turn(**{**nothing, **known})


@pytest.mark.parametrize(
    ("known", "meant"),
    [
        ({"items": ["GA-003"]}, ["GA-003"]),
        ({"items": ["GA-003"], "known_item": "GA-001"}, ["GA-003"]),
        ({"known_item": "GA-001"}, ["GA-001"]),
        ({"items": ["GA-001", "GA-002"], "known_item": "GA-002"}, ["GA-002"]),
        ({"items": ["GA-001", "GA-002"], "known_item": "SC-001"}, ["GA-001", "GA-002"]),
        ({"items": ["GA-003", "SC-001"], "candidates": ["GA-002", "GA-003"]}, ["GA-003"]),
        ({"candidates": ["GA-002", "GA-003"]}, ["GA-002", "GA-003"]),
        ({}, []),
    ],
)
def test_what_a_message_leaves_open_the_conversation_settles(known: dict[str, Any], meant: list[str]) -> None:
    assert in_context(turn(**known)) == meant


@pytest.mark.parametrize(
    ("intent", "named", "asked"),
    [
        ("ask_fee", [], ["fee"]),
        ("ask_overview", [], ["overview"]),
        ("ask_overview", ["materials", "fee"], ["materials", "fee"]),
        ("ask_materials", ["materials", "fee"], ["materials", "fee"]),
        ("ask_joint_service", [], ["overview"]),
        ("ask_policy", ["fee"], ["fee"]),
        ("ask_fee", ["materials", "place", "online"], ["fee", "materials", "place"]),
    ],
)
def test_the_facet_of_the_intent_comes_first_then_those_named(intent: str, named: list[str], asked: list[str]) -> None:
    assert facets_of(turn(intent=intent, facets=named)) == asked
