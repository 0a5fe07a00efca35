"""What a conversation keeps in slots is read back as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.memory import CaseTalk, FilingTalk, UnsaidLines, in_slot
from actions.turn import Answer, Turn
from bot.disclosures.answers import Field
from bot.disclosures.draft import Said


def turn_with(**slots: Any) -> Turn:
    return Turn.of(Tracker("c", slots, {"text": "好"}, [], False, None, {}, "action_listen"))


KEPT = {
    "more": [UnsaidLines("GA-003", "fee", ("一", "二")), UnsaidLines("YJS-001", None, ("三",))],
    "case": CaseTalk("AJ-000001", "letter", "moved"),
    "filing": FilingTalk(Said.SKIPPED, "太短", Field.ADDRESS),
}


def test_each_slot_is_read_back() -> None:
    found = turn_with(**json.loads(json.dumps({name: in_slot(value) for name, value in KEPT.items()})))
    assert {"more": found.more, "case": found.case, "filing": found.filing} == KEPT


def test_an_answer_that_is_kept_to_be_given_again_keeps_its_slots() -> None:
    again = Answer.of_json(Answer([], KEPT).as_json())
    assert Answer.of_json(again.as_json()).slots == again.slots
    found = turn_with(**again.slots)
    assert (found.more, found.case, found.filing) == tuple(KEPT.values())


@pytest.mark.parametrize("slots", [{}, {"more": None, "case": None, "filing": None}, {"filing": {"problem": ""}}])
def test_without_memory_there_is_none(slots: dict[str, Any]) -> None:
    found = turn_with(**slots)
    assert (found.more, found.case, found.filing, found.case_number) == ([], None, None, None)
