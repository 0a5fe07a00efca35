from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.answering.ranker import Ranker
from bot.answering.service import SHIPPED_RANKER, ranker_of


def test_a_citys_own_ranker_is_used_and_without_one_that_which_ships(tmp_path: Path) -> None:
    shipped = Ranker.load(SHIPPED_RANKER)
    assert ranker_of(tmp_path / "none.ranker").features == shipped.features
    replace(shipped, features=("a figure",)).save(tmp_path / "own.ranker")
    own = ranker_of(tmp_path / "own.ranker")
    assert own.features == ("a figure",)
    assert (own.alignment.of_question == shipped.alignment.of_question).all()


def test_a_citys_own_ranker_of_another_version_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "own.ranker").write_text("of another version")
    assert ranker_of(tmp_path / "own.ranker").features == Ranker.load(SHIPPED_RANKER).features
