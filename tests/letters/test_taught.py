"""An act that staff taught for a message overrides the learnt one, and is read without a restart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.letters.acts import ASK, COMPLAIN, act_of
from bot.letters.taught import _path, taught_act, write_taught

LETTER = "楼下的烧烤摊天天摆到半夜，烟全飘进我家，打了很多次电话都没有人管，实在受不了"
QUESTION = "公司注销以后，还欠的社保怎么处理"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    return _path(str(tmp_path), None)


def test_the_very_words_do_what_was_taught_however_they_are_punctuated(file: Path) -> None:
    assert (act_of(LETTER).name, act_of(QUESTION).name) == (COMPLAIN, ASK)
    write_taught(file, {LETTER: ASK, QUESTION: COMPLAIN})
    assert act_of(f" {LETTER.replace('，', ' ')}！") == (ASK, 0.0)
    assert act_of(QUESTION) == (COMPLAIN, 1.0)
    assert taught_act(QUESTION + "呢") is None


def test_what_is_taught_no_more_is_forgotten_at_the_next_message(file: Path) -> None:
    write_taught(file, {QUESTION: COMPLAIN})
    os.utime(file, ns=(1, 1))
    assert taught_act(QUESTION) == COMPLAIN
    write_taught(file, {})
    assert taught_act(QUESTION) is None


def test_the_file_holds_no_words(file: Path) -> None:
    write_taught(file, {QUESTION: COMPLAIN})
    assert not any(character in file.read_text(encoding="utf-8") for character in QUESTION)


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_a_broken_file_teaches_nothing(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    assert taught_act(QUESTION) is None
