"""What the doctor says of a machine."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor import machine
from bot.doctor.checks import findings
from bot.doctor.finding import Finding, Level, right
from bot.running import environments
from bot.running.environments import Environment
from bot.running.one_assistant import the_only_one
from bot.running.ports import free_port
from bot.settings import Settings

NOW = datetime(2026, 11, 29, 4, tzinfo=UTC)


def settings(tmp_path: Path, **others: str) -> Settings:
    ports = {name: str(free_port()) for name in ("PORT", "ENGINE_PORT", "ACTIONS_PORT")}
    return Settings.from_environment({"VAR_DIR": str(tmp_path), **ports, **others})


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """A web environment of Python 3.11 in a project of its own, made from its lock file."""
    monkeypatch.setattr(environments, "VENVS", tmp_path)
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    made = Environment("web", ("3.11", "3.12"))
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    made.lock.parent.mkdir()
    made.lock.write_text("click==8.1.8\n")
    (made.folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    (made.folder / "lock.sha256").write_text(hashlib.sha256(made.lock.read_bytes()).hexdigest())
    return made


def test_an_environment_is_right_while_version_and_lock_fit(made: Environment) -> None:
    assert machine.environment(made, "其余").level is Level.RIGHT
    made.lock.write_text("click==8.2.0\n")
    assert "不一致" in machine.environment(made, "其余").said
    (made.folder / "pyvenv.cfg").write_text("version_info = 3.9.2\n")
    assert "3.9.2" in machine.environment(made, "其余").said
    (made.folder / "pyvenv.cfg").unlink()
    assert machine.environment(made, "其余").level is Level.WRONG


def test_ports_are_right_when_free_or_our_own_and_wrong_when_a_stranger_has_them(tmp_path: Path) -> None:
    ours = settings(tmp_path)
    assert "空着" in machine.ports(ours).said
    with the_only_one(ours):
        assert "正在运行" in machine.ports(ours).said
    assert machine.ports(settings(tmp_path, PORT="5005", ENGINE_PORT="5005")).level is Level.WRONG


def test_a_clock_behind_the_newest_file_is_wrong(tmp_path: Path) -> None:
    written = tmp_path / "file"
    written.touch()
    for ahead, level in ((timedelta(minutes=30), Level.RIGHT), (timedelta(hours=2), Level.WRONG)):
        os.utime(written, ((NOW + ahead).timestamp(),) * 2)
        assert machine.clock(NOW, [written, tmp_path / "none"]).level is level


@pytest.mark.parametrize(
    ("free", "level"), [(100 << 20, Level.WRONG), (1 << 30, Level.DOUBTFUL), (9 << 30, Level.RIGHT)]
)
def test_little_space_is_told_before_it_is_gone(tmp_path: Path, free: int, level: Level) -> None:
    assert machine.disk(tmp_path / "not yet" / "there", lambda _: free).level is level


def test_a_folder_that_others_may_enter_is_doubtful(tmp_path: Path) -> None:
    for mode, level in ((0o755, Level.DOUBTFUL), (0o700, Level.RIGHT)):
        tmp_path.chmod(mode)
        assert [each.level for each in machine.var_dir(tmp_path)] == [level]
    assert [each.level for each in machine.var_dir(tmp_path / "none")] == [Level.DOUBTFUL]


def test_a_file_that_holds_no_weights_is_wrong(tmp_path: Path) -> None:
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"nothing of that kind")
    assert machine.encoder(settings(tmp_path, ENCODER_WEIGHTS=str(weights))).level is Level.WRONG
    assert machine.encoder(settings(tmp_path, ENCODER="off")).level is Level.RIGHT


def test_scans_need_their_environment_only_where_they_are_read(tmp_path: Path, made: Environment) -> None:
    city = settings(tmp_path, DOCUMENTS_OCR="on")
    assert machine.scans(city, made).level is Level.RIGHT
    made.lock.write_text("click==8.2.0\n")
    assert "不一致" in machine.scans(city, made).said
    made.python.unlink()
    assert "没有装" in machine.scans(city, made).said
    assert machine.scans(settings(tmp_path), made).level is Level.RIGHT


def test_programs_for_backups_are_asked_for_only_with_postgresql(tmp_path: Path) -> None:
    assert list(machine.postgresql_programs(settings(tmp_path), lambda _: None)) == []
    city = settings(tmp_path, DATABASE_URL="postgresql://city@db/city")
    (found,) = machine.postgresql_programs(city, lambda name: "/bin/x" if name == "pg_dump" else None)
    assert (found.level, "没有 pg_restore，" in found.said) == (Level.DOUBTFUL, True)


def test_a_check_that_fails_is_a_finding_and_the_others_go_on() -> None:
    def fails() -> Finding:
        raise ZeroDivisionError

    found = list(findings({"一": fails, "二": lambda: right("二", "好")}))
    assert [each.level for each in found] == [Level.WRONG, Level.RIGHT]
    assert "ZeroDivisionError" in found[0].line()
