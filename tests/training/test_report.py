from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.evaluation.cases import MessageCase
from bot.evaluation.scoring import Judged
from bot.lessons.labels import Label
from bot.lessons.models import Lesson
from bot.training import report
from bot.training.gate import Refusal
from bot.training.measuring import LessonJudged, Measured, does, questions

pytestmark = pytest.mark.slow

LOST = MessageCase("卡套丢了", "item", ("GA-003",), ("process",), "test")
DRONE = MessageCase("飞无人机", "not_in_catalogue", (), (), "test")


def judged(case: MessageCase, got: str, *codes: str, facet: str | None = None, intent: str = "ask_process") -> Judged:
    return Judged(case, got, codes, facet, intent)


def measured(messages: list[Judged], flaws: dict[str, str], lessons: list[LessonJudged] | None = None) -> Measured:
    return Measured("m", {"item_right": 0.9}, messages, flaws, 10, lessons or [])


def test_each_message_that_is_answered_otherwise_is_listed_worse_ones_first() -> None:
    right, wrong = judged(LOST, "item", "GA-003", facet="process"), judged(LOST, "item", "GA-006", facet="process")
    refused, answered = judged(DRONE, "nothing_found"), judged(DRONE, "item", "GA-006", facet="overview")
    live = measured([wrong, refused, right], {"一": "偏了", "二": "偏了"})
    candidate = measured([right, answered, right], {"二": "偏了", "三": "错了"})
    found = report.changes(live, candidate)
    assert [(change.about, change.text, change.verdict) for change in found] == [
        ("message", "飞无人机", "worse"),
        ("conversation", "三", "worse"),
        ("message", "卡套丢了", "better"),
        ("conversation", "一", "better"),
    ]
    assert found[0].live == "nothing_found"
    assert found[0].candidate == "item GA-006 overview"
    assert found[2].meant == "item GA-003 process"


def test_a_report_holds_both_models_side_by_side(tmp_path: Path) -> None:
    lesson = Lesson(
        id=1, text="卡套丢了", intent="ask_process", items=["GA-003"], facets=["process"], should_be_refused=False
    )
    before = LessonJudged(lesson, judged(LOST, "nothing_found"))
    after = LessonJudged(lesson, judged(LOST, "item", "GA-003", facet="process"))
    refusal = Refusal("item_right", 0.9, 0.8, 0.89, is_floor=False)
    path = report.write(
        tmp_path / "1", measured([], {}, [before]), measured([], {}, [after]), [refusal], with_pictures=False
    )
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["live"] == {"model": "m", "figures": {"item_right": 0.9}, "confusion": "live-confusion.png"}
    assert written["refused_because"][0]["figure"] == "item_right"
    assert (written["message_count"], written["conversation_count"], written["lesson_count"]) == (0, 10, 1)
    assert [(change["about"], change["verdict"]) for change in written["changed"]] == [("lesson", "better")]


@pytest.mark.parametrize(
    ("label", "answer", "done"),
    [
        (Label("ask_fee", ("GA-003",), ("fee",)), judged(LOST, "item", "GA-003", facet="fee"), True),
        (Label("ask_fee", ("GA-003",), ("fee",)), judged(LOST, "item", "GA-003", facet="place"), False),
        (Label("ask_fee", ("GA-003",), ("fee",)), judged(LOST, "item", "GA-006", facet="fee"), False),
        (Label("ask_fee", ("GA-003",), ("fee",)), judged(LOST, "nothing_found"), False),
        (Label("ask_fee", (), (), True, "无人机"), judged(DRONE, "not_in_catalogue"), True),
        (Label("ask_fee", (), (), True, "无人机"), judged(DRONE, "item", "GA-006"), False),
        (Label("ask_fee", (), ("fee",)), judged(LOST, "asked_back", intent="ask_fee"), True),
        (Label("greet"), judged(LOST, "smalltalk", intent="thank"), False),
    ],
)
def test_a_lesson_is_done_when_the_answer_is_the_one_it_asks_for(label: Label, answer: Judged, done: bool) -> None:
    assert does(label, answer) is done


def test_what_was_taught_is_no_longer_asked_and_a_few_stand_for_all() -> None:
    everything = questions([], None)
    taught = Lesson(id=1, text=everything.messages[0].text)
    assert everything.messages[0] not in questions([taught], None).messages
    few = questions([], 20)
    assert 10 <= len(few.messages) <= 20
    assert {case.split for case in few.messages} == {"test"}
    assert few.conversations == everything.conversations
