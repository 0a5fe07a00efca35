from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.db import Database
from bot.running.live_model import live_model, model_path, set_live_model
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from bot.training import service
from bot.training.models import Training
from bot.training.service import TrainingState
from tests.reviews.town import NOON


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setattr("os.nice", lambda by: 0)
    here = Settings.from_environment({"VAR_DIR": str(tmp_path)})
    here.models_dir.mkdir()
    for model in ("shipped", "taught"):
        model_path(here, model).touch()
    set_live_model(here, "shipped", None, "base", "prepare", NOON)
    bot("models")
    database = Database(here.database_url)
    with database.transaction() as session:
        for login, role in (("clerk", Role.CLERK), ("boss", Role.SUPERVISOR)):
            accounts.add_person(session, login=login, name=login, role=role, password=None, who="test", now=NOON)
    database.close()
    return here


def bot(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def measured(state: TrainingState, why: str = "") -> object:
    """Stands in for a training that ended with this result."""

    def run_training(database: Database, settings: Settings, training_id: int, *_: object, stoppable: bool) -> Training:
        with database.transaction() as session:
            training = session.get_one(Training, training_id)
            training.model, training.base, training.former_model = "taught", "base", "shipped"
            service.end(session, training, state, NOON, why)
            return training

    return run_training


def live(settings: Settings) -> str:
    found = live_model(settings)
    assert found is not None
    return found.model


def test_what_passed_goes_live_when_a_supervisor_agrees_and_comes_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.training.commands.run_training", measured(TrainingState.WAITING_FOR_CONSENT))
    assert bot("train", "--yes", "--clerk", "boss").exit_code == 0
    assert live(settings) == "taught"
    assert "使用中：taught（boss，" in bot("models").output
    assert "退回 shipped" in bot("roll-back", "--clerk", "boss", "--why", "不好").output
    assert live(settings) == "shipped"
    assert "已退回  不好" in bot("models").output


@pytest.mark.parametrize("options", [("--candidate-only",), ("--candidate-only", "--yes"), ()])
def test_without_consent_nothing_goes_live(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setattr("bot.training.commands.run_training", measured(TrainingState.WAITING_FOR_CONSENT))
    finished = bot("train", *options)
    assert finished.exit_code == 0
    assert "等待同意上线" in finished.output
    assert live(settings) == "shipped"


def test_a_refused_model_ends_with_status_1_and_says_why(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "bot.training.commands.run_training", measured(TrainingState.REFUSED, "item_right 0.900 低于底线 0.930")
    )
    finished = bot("train", "--yes")
    assert (finished.exit_code, live(settings)) == (1, "shipped")
    assert "未过关：item_right 0.900 低于底线 0.930" in finished.output


@pytest.mark.parametrize(
    ("login", "said"), [("nobody", "没有登录名为“nobody”的人"), ("clerk", "没有“训练和上线模型”的权限")]
)
def test_only_who_may_train_models_does(settings: Settings, login: str, said: str) -> None:
    for arguments in (("train", "--yes"), ("roll-back", "--why", "不好")):
        finished = bot(*arguments, "--clerk", login)
        assert finished.exit_code == 1
        assert said in finished.output
