from __future__ import annotations

import json
from concurrent.futures import Future

import pytest

from bot.answering.helping import helped
from bot.answering.language_model import LanguageModel
from bot.answering.service import Certainty, Decision
from bot.answering.units import Sort, Unit
from bot.settings import LanguageModelSettings

UNITS = [
    Unit(f"doc:a.md#{number}", "doc:a.md", Sort.PASSAGE, str(number), f"第{number}条", f"第{number}条说的是这件事。")
    for number in range(5)
]


def decision(certainty: Certainty, shown: int) -> Decision:
    return Decision(certainty, tuple(UNITS[:shown]), tuple((unit, 0.5) for unit in UNITS), 0.3, 0.4)


def saying(*numbers: int) -> LanguageModel:
    """A model that chooses these units, and copies from them."""

    def said(answer: Future[str]) -> str:
        answer.cancel()
        return json.dumps({"answers": [{"id": str(n + 1), "quote": f"第{n}条说的"} for n in numbers]})

    return LanguageModel(LanguageModelSettings("http://127.0.0.1:9/v1", "m", None), wait=said)


@pytest.mark.parametrize(("certainty", "shown"), [(Certainty.LIKELY, 3), (Certainty.NONE, 0)])
def test_what_the_model_chose_comes_first_and_is_only_offered(certainty: Certainty, shown: int) -> None:
    found = helped(decision(certainty, shown), "问", "", saying(4, 1))
    assert found.certainty is Certainty.LIKELY
    assert list(found.units) == [UNITS[4], UNITS[1], *UNITS[: 1 if shown else 0]]


def test_a_sure_answer_is_not_asked_about() -> None:
    sure = decision(Certainty.SURE, 1)
    assert helped(sure, "问", "", saying(4)) == sure


def test_a_model_that_chooses_nothing_or_is_none_changes_nothing() -> None:
    unsure = decision(Certainty.NONE, 0)
    assert helped(unsure, "问", "", saying()) == unsure
    assert helped(unsure, "问", "", saying(7)) == unsure
    assert helped(unsure, "问", "", None) == unsure
