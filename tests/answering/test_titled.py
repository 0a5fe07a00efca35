"""Letters without labels teach what their titles mean."""

from __future__ import annotations

import json
from pathlib import Path

from bot.answering.examples import Example, titled
from bot.answering.ranker import Ranker
from bot.answering.service import SHIPPED_RANKER, Answering
from bot.answering.training import rows_of_titled

MEASURED = "我的身份证在外地丢了，想问一下要不要回户籍地补办，还是就近办"
LETTERS = [
    ("咨询身份证在外地丢了怎么补办", "我在外打工，钱包被偷，证也没了，回不去，请问该怎么办？"),
    ("咨询身份证补办", f"您好，{MEASURED}。"),
    ("投诉小区物业乱收费", "物业乱收停车费，多次反映没人管，严重影响居民生活，强烈要求查处！"),
    ("请问", "在吗"),
]


def file_of(folder: Path) -> Path:
    path = folder / "letters.jsonl"
    lines = [{"id": f"t{number}", "topic": title, "text": text} for number, (title, text) in enumerate(LETTERS)]
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def test_only_letters_that_ask_and_are_none_of_those_measured_are_taken(tmp_path: Path) -> None:
    measured = Example(MEASURED, (), (), "letter", "o1")
    assert [letter.id for letter in titled(file_of(tmp_path), [measured])] == ["t0"]


def test_a_letter_learns_the_unit_that_its_title_plainly_means(tmp_path: Path, index: Answering) -> None:
    found = titled(file_of(tmp_path), [])
    rows = rows_of_titled(found[:1], Ranker.load(SHIPPED_RANKER), index.evidence, None)
    assert [(row.example.source, row.example.best[0].rsplit(":", 1)[0]) for row in rows] == [("titled", "item:GA-003")]
    assert all(unit.startswith("item:GA-003:") for row in rows for unit in row.example.ok)
