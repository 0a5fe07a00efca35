"""How an answer came about, as it is told beside the reply."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance


def test_it_is_read_back_as_it_was_told() -> None:
    how = Provenance(Outcome.FILING, "file_disclosure", 0.9, (("item", "GA-003"),), "action_ask_filing_answer", "name")
    assert Provenance.of({"text": "…", "turn": json.loads(json.dumps(how.as_record()))}) == how


@pytest.mark.parametrize("message", [{}, {"turn": None}, {"turn": {"intent": "greet"}}, {"turn": {"outcome": "new"}}])
def test_a_message_that_does_not_say_has_none(message: dict[str, Any]) -> None:
    assert Provenance.of(message) is None


def test_a_failure_tells_its_outcome_only() -> None:
    assert Provenance.of({"turn": {"outcome": "failed_actions"}}) == Provenance(Outcome.FAILED_ACTIONS)
