from __future__ import annotations

import pytest

from bot.training.gate import ERRORS, TOLERANCES, GateLimits, refusals
from bot.training.train import limits

LIVE = dict.fromkeys(TOLERANCES, 0.95) | dict.fromkeys(ERRORS, 0.01)
FLOORS = GateLimits({"item_right": 0.93}, {"wrong_item": 0.015})


def test_the_same_figures_pass() -> None:
    assert refusals(LIVE, LIVE, FLOORS) == []


@pytest.mark.parametrize("figure", TOLERANCES)
def test_a_figure_may_be_worse_by_its_tolerance_and_no_more(figure: str) -> None:
    worse = 1 if figure in ERRORS else -1
    none = GateLimits({}, {})
    at_the_edge = LIVE | {figure: LIVE[figure] + worse * TOLERANCES[figure]}
    beyond = LIVE | {figure: LIVE[figure] + worse * (TOLERANCES[figure] + 0.001)}
    assert refusals(LIVE, at_the_edge, none) == []
    (refusal,) = refusals(LIVE, beyond, none)
    assert (refusal.figure, refusal.is_floor) == (figure, False)
    assert figure in refusal.in_words


def test_better_is_never_refused() -> None:
    assert refusals(LIVE, dict.fromkeys(LIVE, 1.0) | dict.fromkeys(ERRORS, 0.0), FLOORS) == []


def test_a_broken_floor_is_refused_even_if_the_live_model_breaks_it_too() -> None:
    low = LIVE | {"item_right": 0.90, "wrong_item": 0.02}
    found = refusals(low, low, FLOORS)
    assert [(refusal.figure, refusal.is_floor) for refusal in found] == [("item_right", True), ("wrong_item", True)]
    assert found[0].in_words == "item_right 0.900 低于底线 0.930"
    assert found[1].in_words == "wrong_item 0.020 高于底线 0.015"


def test_a_figure_that_is_not_there_breaks_its_floor() -> None:
    found = refusals(LIVE, {}, FLOORS)
    assert {refusal.figure for refusal in found} == {"item_right", "wrong_item"}


def test_without_lessons_the_rest_decides() -> None:
    without = {figure: share for figure, share in LIVE.items() if figure != "lessons_right"}
    assert refusals(without, without | {"lessons_right": 0.5}, FLOORS) == []


def test_the_floors_of_the_evaluation_are_known_figures() -> None:
    assert {*limits().at_least, *limits().at_most} <= {*TOLERANCES}
