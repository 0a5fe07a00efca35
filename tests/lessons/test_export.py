from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.language.masking import mask
from bot.lessons.export import as_yaml, export, training_text
from bot.lessons.labels import Label
from bot.lessons.models import Lesson
from bot.lessons.training_texts import TrainingText, training_texts
from bot.running.model_making import fingerprint
from bot.settings import Settings


def lesson(text: str, label: Label, number: int = 1) -> Lesson:
    return Lesson(
        id=number,
        text=text,
        intent=label.intent,
        items=list(label.items),
        facets=list(label.facets),
        should_be_refused=label.should_be_refused,
        absent_matter=label.absent_matter,
    )


LESSONS = [
    lesson("卡套丢了", Label("ask_process", ("GA-003",), ("process",))),
    lesson("提取", Label("ask_process", ("GJ-001", "GJ-002"), ("process",))),
    lesson("那得多少", Label("ask_fee", (), ("fee",))),
    lesson("飞无人机", Label("ask_place", should_be_refused=True, absent_matter="无人机飞行申请")),
    lesson("食堂吃啥", Label("out_of_scope", should_be_refused=True)),
]


def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"VAR_DIR": str(tmp_path)})


def test_lessons_are_read_back_as_the_training_data_that_ships_is(tmp_path: Path) -> None:
    name = export(settings(tmp_path), LESSONS)
    assert name is not None
    assert sorted(training_texts(settings(tmp_path).lessons_dir), key=lambda one: one.text) == [
        TrainingText("卡套丢了", "ask_process", "GA-003"),
        TrainingText("提取", "ask_process", "GJ-001,GJ-002"),
        TrainingText("那得多少", "ask_fee", "context"),
        TrainingText("飞无人机", "ask_place", "absent", "无人机飞行申请"),
        TrainingText("食堂吃啥", "out_of_scope", None),
    ]


def test_the_order_of_lessons_makes_no_difference_and_their_content_does(tmp_path: Path) -> None:
    names = [export(settings(tmp_path), some) for some in (LESSONS, LESSONS[::-1], LESSONS[1:])]
    assert names[0] == names[1] != names[2]
    assert export(settings(tmp_path), []) is None
    assert {path.name for path in settings(tmp_path).lessons_dir.iterdir()} == {*names}


def test_lessons_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    here = settings(tmp_path)
    here.lexicon_path.write_text("{}")
    some, others = export(here, LESSONS), export(here, LESSONS[1:])
    assert len({fingerprint(here), fingerprint(here, some), fingerprint(here, others)}) == 3


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("我叫[姓名]，身份证丢了", "我叫 ，身份证丢了"),
        ("我电话13800138000，身份证丢了", "我电话 ，身份证丢了"),
        ("[手机号]", None),
        ("/restart", "restart"),
        ("[身份证](item)怎么补", "item 怎么补"),
        ("第一行\n- 第二行", "第一行 - 第二行"),
        ("？！", None),
    ],
)
def test_what_rasa_would_read_as_more_than_words_is_taken_out(text: str, plain: str | None) -> None:
    assert training_text(text) == plain


@given(st.text(alphabet="我叫王芳 身份证丢了138001380003[](){}/\\-|:#\n\"'%&*", max_size=60))
def test_whatever_was_typed_the_file_holds_one_line_of_plain_words(text: str) -> None:
    content = as_yaml([lesson(text, LESSONS[0])]) if text else None
    if content is None:
        return
    (block,) = yaml.safe_load(content)["nlu"]
    (line,) = block["examples"].splitlines()
    assert line.startswith("- ")
    assert not set("[]{}()") & set(line)
    assert mask(line) == line
