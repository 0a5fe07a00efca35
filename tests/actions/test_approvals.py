"""Which item and which facets a message means, given the conversation before it."""

from __future__ import annotations

from typing import Any

import pytest

from actions.approvals import facets_of
from actions.turn import Turn


def turn(**known: Any) -> Turn:
    """A message with only the fields that a test needs."""
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
