from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.db import Database
from bot.running.live_model import LiveModel, LiveModelBroken, live_model, live_model_path, model_path, set_live_model
from bot.settings import Settings
from bot.staff.audit import search
from bot.training import service
from bot.training.models import Training
from bot.training.service import TrainingRefused, TrainingState, training_lock
from bot.training.train import run_training
from tests.reviews.town import NOON

LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    here = Settings.from_environment({"VAR_DIR": str(tmp_path)})
    here.models_dir.mkdir()
    for model in ("shipped", "first", "second"):
        model_path(here, model).touch()
    set_live_model(here, "shipped", None, "base", "prepare", NOON)
    return here


def passed(session: Session, settings: Settings, model: str) -> Training:
    """A training that may go live."""
    training = service.request_training(session, settings, "boss", NOON)
    live = in_effect(settings)
    training.model, training.lessons, training.base = model, f"{model}.yml", "base"
    training.former_model, training.former_lessons = live.model, live.lessons
    service.end(session, training, TrainingState.WAITING_FOR_CONSENT, NOON)
    return training


def in_effect(settings: Settings) -> LiveModel:
    live = live_model(settings)
    assert live is not None
    return live


def go_live(session: Session, settings: Settings, training: Training) -> None:
    service.agree(session, settings, training, "boss", LATER)
    assert training.model is not None
    service.went_live(session, training.model, LATER)


def test_what_a_person_agreed_to_goes_live_and_is_in_the_audit_log(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        training = passed(session, settings, "first")
        service.agree(session, settings, training, "boss", LATER)
        assert training.state == TrainingState.GOING_LIVE
        live = in_effect(settings)
        assert (live.model, live.lessons, live.by) == ("first", "first.yml", "boss")
        service.went_live(session, "first", LATER)
        assert training.state == TrainingState.LIVE
        assert [entry.subject for entry in search(session, action="model_live").rows] == ["first"]
        with pytest.raises(TrainingRefused, match="使用中"):
            service.agree(session, settings, training, "boss", LATER)


def test_what_was_measured_against_another_model_does_not_go_live(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        first, second = passed(session, settings, "first"), passed(session, settings, "second")
        go_live(session, settings, second)
        with pytest.raises(TrainingRefused, match="重新训练"):
            service.agree(session, settings, first, "boss", LATER)


def test_going_back_step_by_step_ends_at_what_shipped(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        first = passed(session, settings, "first")
        go_live(session, settings, first)
        second = passed(session, settings, "second")
        service.agree(session, settings, second, "boss", LATER + timedelta(minutes=1))
        service.went_live(session, "second", LATER)
        assert (first.state, second.state) == (TrainingState.REPLACED, TrainingState.LIVE)

        assert service.roll_back(session, settings, "boss", "答错太多", LATER) is second
        live = in_effect(settings)
        assert (live.model, live.lessons) == ("first", "first.yml")
        assert (first.state, second.state, second.why) == (TrainingState.LIVE, TrainingState.ROLLED_BACK, "答错太多")

        service.roll_back(session, settings, "boss", "还是不好", LATER)
        live = in_effect(settings)
        assert (live.model, live.lessons) == ("shipped", None)
        with pytest.raises(TrainingRefused, match="没有可以退回"):
            service.roll_back(session, settings, "boss", "再退", LATER)


def test_going_back_needs_a_reason_and_the_model(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        go_live(session, settings, passed(session, settings, "first"))
        with pytest.raises(TrainingRefused, match="理由"):
            service.roll_back(session, settings, "boss", " ", LATER)
        model_path(settings, "shipped").unlink()
        with pytest.raises(TrainingRefused, match="已经不在"):
            service.roll_back(session, settings, "boss", "不好", LATER)


def test_a_model_that_never_answers_is_not_wanted_any_more(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        shipped = in_effect(settings)
        training = passed(session, settings, "first")
        service.agree(session, settings, training, "boss", LATER)
        service.never_answered(session, settings, "first", shipped, LATER)
        assert (in_effect(settings).model, in_effect(settings).lessons) == ("shipped", None)
        assert training.state == TrainingState.FAILED
        assert "没能应答" in training.why


def test_where_the_former_model_does_not_answer_nothing_is_taken_back(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        first = passed(session, settings, "first")
        go_live(session, settings, first)
        second = passed(session, settings, "second")
        go_live(session, settings, second)
        before = in_effect(settings)
        service.roll_back(session, settings, "boss", "答错太多", LATER)
        service.never_answered(session, settings, "first", before, LATER)
        assert in_effect(settings) == LiveModel("second", "second.yml", "base", "boss", LATER.isoformat())
        assert (first.state, second.state) == (TrainingState.REPLACED, TrainingState.LIVE)
        assert "没有退回" in second.why


def test_one_training_at_a_time(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        service.request_training(session, settings, "boss", NOON)
        with pytest.raises(TrainingRefused, match="已经有一次训练"):
            service.request_training(session, settings, "boss", NOON)
    with training_lock(settings), pytest.raises(TrainingRefused), training_lock(settings):
        pass


def test_a_training_of_the_console_is_stopped_and_one_of_a_terminal_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[tuple[int, int]] = []
    with ExitStack() as held:

        def end(number: int, how: int) -> None:
            ended.append((number, how))
            held.close()

        monkeypatch.setattr("os.killpg", end)
        assert not service.stop_training(settings)
        with training_lock(settings):
            assert not service.stop_training(settings)
        held.enter_context(training_lock(settings, stoppable=True))
        assert service.stop_training(settings)
        assert not service.stop_training(settings)
    assert ended == [(os.getpid(), signal.SIGTERM)]


def test_a_training_that_is_starting_while_the_assistant_stops_does_not_begin(
    database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        number = service.request_training(session, settings, "boss", NOON).id
    with training_lock(settings):  # at a terminal, which may go on
        service.stop_with_assistant(database, settings, NOON)
    with database.transaction() as session:
        assert service.trainings(session)[0].state == TrainingState.TRAINING
    service.stop_with_assistant(database, settings, NOON)
    training = run_training(database, settings, number, lambda: NOON)
    assert (training.state, training.why) == (TrainingState.FAILED, "助手停止了，训练没有开始")


def test_a_training_is_written_down_before_its_process_looks_for_it(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []

    def note(command: list[str], **options: Any) -> None:
        with database.transaction() as session:
            commands.append((command[2:], service.trainings(session)[0].state, options["start_new_session"]))

    monkeypatch.setattr("subprocess.Popen", note)
    training = service.start_training(database, settings, "boss", NOON)
    arguments = ["bot", "train", "--candidate-only", "--training", str(training.id)]
    assert commands == [(arguments, TrainingState.TRAINING, True)]
    with pytest.raises(TrainingRefused):
        service.start_training(database, settings, "boss", NOON)


def test_a_training_whose_process_is_gone_has_failed(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        dead = service.request_training(session, settings, "boss", NOON)
        with training_lock(settings):
            service.settle_dead(session, settings, NOON + timedelta(hours=1))
            assert dead.state == TrainingState.TRAINING
        service.settle_dead(session, settings, NOON + timedelta(seconds=30))
        assert dead.state == TrainingState.TRAINING
        service.request_training(session, settings, "boss", NOON + timedelta(hours=1))
        assert (dead.state, dead.why) == (TrainingState.FAILED, "训练进程中断")
        assert [training.state for training in service.trainings(session)] == [
            TrainingState.TRAINING,
            TrainingState.FAILED,
        ]


def test_a_live_model_file_that_cannot_be_read_is_named(settings: Settings) -> None:
    live_model_path(settings).write_text('{"model": 1}')
    with pytest.raises(LiveModelBroken, match=r"live_model\.json"):
        live_model(settings)
    live_model_path(settings).unlink()
    assert live_model(settings) is None
