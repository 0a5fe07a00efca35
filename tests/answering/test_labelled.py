"""What is labelled against the units of the sample city."""

from __future__ import annotations

import json
from pathlib import Path

from bot.answering.examples import dialogues, letters, public_letters
from bot.answering.judging import Labels
from bot.answering.service import Answering
from bot.answering.wordings import LABELLED, QUESTIONS, question_wordings


def lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (LABELLED / name).read_text(encoding="utf-8").splitlines()]


def test_every_label_that_ships_names_a_unit_of_the_sample_city(index: Answering) -> None:
    labels = Labels(index.evidence.corpus.units)
    of_turns = [turn for line in lines("dialogues.jsonl") for turn in line["turns"]]  # type: ignore[attr-defined]
    every = [*lines("questions.jsonl"), *lines("letters.jsonl"), *lines("public-letters.jsonl"), *of_turns]
    named = {label for line in every for label in (*line["best"], *line["ok"])}
    of_units = {label for label in named if label.startswith(("item:", "doc:", "route:", "absent:"))}
    assert [label for label in sorted(of_units) if not labels.units([label], [])[0]] == []
    assert named - of_units <= {"case", "refuse", "status", "smalltalk"}


def test_a_question_is_a_known_wording_of_the_units_that_answer_it(index: Answering) -> None:
    known = {wording.text: wording for wording in question_wordings(index.evidence.corpus.units)}
    asked = json.loads(QUESTIONS.read_text(encoding="utf-8").splitlines()[0])
    assert set(known[asked["text"]].units) == set(Labels(index.evidence.corpus.units).units(asked["best"], [])[0])
    decision = index.decide(asked["text"])
    assert decision.considered[0][0].name in known[asked["text"]].units


def test_a_label_whose_unit_is_gone_teaches_nothing(tmp_path: Path, index: Answering) -> None:
    path = tmp_path / "letters.jsonl"
    rows = [
        {"id": "1", "text": "还有这个事项吗", "best": ["item:XX-999:fee"], "ok": []},
        {"id": "2", "text": "路什么时候修好", "best": ["case"], "ok": ["refuse"]},
        {"id": "3", "text": "身份证丢了", "best": ["item:GA-003:overview+process"], "ok": ["item:GA-003"]},
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    found = letters(path, index.evidence.corpus.units)
    assert [one.id for one in found] == ["2", "3"]
    assert set(found[1].best) == {"item:GA-003:overview", "item:GA-003:process"}
    assert "item:GA-003:fee" in found[1].ok


def test_a_public_letter_is_known_by_its_id_and_its_places_are_words(tmp_path: Path, index: Answering) -> None:
    label = lines("public-letters.jsonl")[0]
    path = tmp_path / "more.jsonl"
    path.write_text(json.dumps({"id": label["id"], "text": "A市A7县的路"}, ensure_ascii=False), encoding="utf-8")
    [letter] = public_letters(path, index.evidence.corpus.units)
    assert (letter.text, letter.outcomes) == ("云河市本县的路", tuple(label["best"]))  # type: ignore[arg-type]


def test_a_turn_stands_beside_what_would_have_been_right_before(index: Answering) -> None:
    [first, second, *_], *_ = dialogues(LABELLED / "dialogues.jsonl", index.evidence.corpus.units)
    assert (first.context.shown, second.context.shown) == ((), first.best[:1])
