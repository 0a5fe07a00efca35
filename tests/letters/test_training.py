"""Learning from letters, on a few made-up ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from bot.letters import acts, linear, offices, training
from bot.letters.features import SIZE, features, prepared


def write(path: Path, lines: list[dict[str, str]]) -> Path:
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def test_what_somebody_read_counts_before_the_title(tmp_path: Path) -> None:
    read, *_ = (json.loads(line) for line in (training.LABELLED / "public-letters.jsonl").read_text().splitlines())
    path = write(tmp_path / "letters.jsonl", [{"id": read["id"], "topic": "某事", "text": "说的是什么"}])
    [taught] = training.further_letters(path)
    assert (taught.label == acts.ASK) == (read["kind"] in ("consult", "status"))
    assert taught.weight == training.WEIGHT_OF_READ


def test_the_title_and_the_reply_of_a_letter_teach(tmp_path: Path) -> None:
    letters = [
        {"id": "x-1", "topic": "投诉某小区物业", "text": "没人管", "reply": "您的留言已转市住建局办理。"},
        {"id": "x-2", "topic": "咨询落户政策", "text": "怎么落户", "reply": "市人民政府已收悉。经公安局户政科了解……"},
        {"id": "x-3", "topic": "建议增设公交站", "text": "太远", "reply": "我局将研究。"},
        {"id": "x-4", "topic": "落户要什么条件吗？", "text": "怎么落户"},
    ]
    path = write(tmp_path / "letters.jsonl", letters)
    assert [(one.label, one.source) for one in training.further_letters(path)] == [
        ("complain", "1"),
        ("ask", "2"),
        ("suggest", "3"),
    ]
    assert [(one.source, one.label) for one in training.answered_letters(path)] == [("x-1", "住建"), ("x-2", "公安")]


def test_places_and_numbers_do_not_count() -> None:
    assert prepared("A3区 2018年 云河市") == prepared("K8区 2020年 云河市")


def test_a_model_is_a_file_of_figures_that_answers_as_before(tmp_path: Path) -> None:
    taught = [training.Taught(text, act, 1.0) for text, act in (("怎么办理", "ask"), ("太吵了没人管", "take"))]
    model = training.fit(training.rows_of(taught), [one.label for one in taught], [1.0, 1.0])
    linear.save(tmp_path / "model.npz", {"one": model})
    again = linear.load(tmp_path / "model.npz")["one"]
    for text in ("怎么办理", "太吵了", "别的"):
        before, after = model.probabilities(features(text)), again.probabilities(features(text))
        assert after == pytest.approx(before, abs=2e-3)
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert len(arrays.files) == 3


def test_the_shipped_weights_fit_the_features_and_the_acts() -> None:
    models = linear.load(acts.WEIGHTS) | linear.load(offices.WEIGHTS)
    assert all(model.weights.shape == (len(model.classes), SIZE) for model in models.values())
    assert set(models["kind"].classes) == set(acts.TAKEN_DOWN)
    assert set(models["take"].classes) == {acts.ASK, "take"}
    assert set(models["duty"].classes) <= {*offices.DUTIES, offices.OTHERS}


def test_no_wording_of_ours_is_cut_at_a_comma() -> None:
    for name in ("wordings", "friendly"):
        with (Path(training.__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert [row for row in csv.DictReader(file) if None in row] == []
