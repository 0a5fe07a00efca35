"""The environments are made of what the lock files said when the installation began."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.running import environments
from bot.running.environments import Environment


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "VENVS", tmp_path / ".venv")
    made = Environment("web", ("3.11", "3.12", "3.13"))
    made.lock.parent.mkdir()
    made.lock.write_text("aiohttp==1")
    return made


def installer(environment: Environment, changes_lock: bool) -> Callable[[list[str]], None]:
    def install(command: list[str]) -> None:
        environment.python.parent.mkdir(parents=True, exist_ok=True)
        environment.python.touch()
        if changes_lock and "-r" in command:
            environment.lock.write_text("aiohttp==2")

    return install


@pytest.mark.parametrize("changes_lock", [False, True])
def test_a_lock_file_that_changes_meanwhile_makes_the_environment_out_of_date(
    monkeypatch: pytest.MonkeyPatch, environment: Environment, changes_lock: bool
) -> None:
    monkeypatch.setattr(environments, "_run", installer(environment, changes_lock))
    environment.make()
    assert environment.is_current is not changes_lock
