"""Rasa's own checks, run as any Rasa developer runs them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bot.places import ROOT
from bot.running.environments import ENGINE
from bot.running.model_making import engine_environment
from bot.settings import Settings
from tests.conftest import VAR_DIR


def rasa(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    settings = Settings.from_environment({"VAR_DIR": str(VAR_DIR)})
    return subprocess.run(
        [ENGINE.python, "-m", "rasa", *arguments],
        cwd=ROOT,
        env=engine_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_training_data_is_valid(model: Path) -> None:
    finished = rasa("data", "validate", "--fail-on-warnings")
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_intents_and_actions_of_the_conversations_are_predicted(model: Path, tmp_path: Path) -> None:
    finished = rasa(
        "test",
        "core",
        "--model",
        model,
        "--stories",
        "bot/evaluation/sets/stories",
        "--out",
        tmp_path,
        "--fail-on-prediction-errors",
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "None of the test stories failed" in (tmp_path / "failed_test_stories.yml").read_text()
