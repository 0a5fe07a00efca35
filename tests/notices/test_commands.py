"""`python -m bot notices check`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.notices import fonts


def test_sound_templates_are_said_to_be_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICES_DIR", str(tmp_path))
    shown = CliRunner().invoke(cli, ["notices", "check"])
    assert (shown.exit_code, "模板没有问题" in shown.output) == (0, True)


def test_all_flaws_are_told_and_a_missing_font_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICES_DIR", str(tmp_path))
    monkeypatch.setattr(fonts, "_chinese_fonts", tuple)
    (tmp_path / "granted.txt").write_text("{机关", encoding="utf-8")
    (tmp_path / "agencies.yml").write_text("其他: {全称: 云河市}", encoding="utf-8")
    shown = CliRunner().invoke(cli, ["notices", "check"])
    assert shown.exit_code == 1
    for told in ("granted.txt 第 1 行：花括号没有成对", "agencies.yml “其他”：", "只能下载 Word"):
        assert told in shown.output


def test_a_folder_that_is_not_there_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICES_DIR", "/nowhere")
    assert "NOTICES_DIR must be a folder" in str(CliRunner().invoke(cli, ["notices", "check"]).exception)
