"""A training from end to end, but for what takes minutes: Rasa's training, and asking a model."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.db import Database
from bot.running.live_model import live_model, model_path, set_live_model
from bot.running.model_making import TrainingFailed, fingerprint
from bot.running.preparation import prepare
from bot.settings import Settings
from bot.training import service, train
from bot.training.gate import ERRORS, TOLERANCES
from bot.training.measuring import Measured, Questions
from bot.training.models import Training
from bot.training.service import TrainingState
from tests.databases import set_up
from tests.lessons.classroom import LOST_CARD, add_items, teach
from tests.reviews.town import NOON, add_person


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("bot.training.report.draw", lambda table, path: None)
    monkeypatch.setattr("bot.training.train.train", fake_training)
    return Settings.from_environment({"VAR_DIR": str(tmp_path)})


@pytest.fixture
def city(settings: Settings) -> Database:
    """Two items, a lesson, and a live model that does not know it."""
    database = Database(settings.database_url)
    set_up(database)
    with database.transaction() as session:
        add_items(session)
        teach(session, "卡套丢了", LOST_CARD, add_person(session, "王芳"), add_person(session, "李明"))
    settings.models_dir.mkdir()
    set_live_model(settings, "shipped", None, "base", "prepare", NOON)
    return database


def fake_training(settings: Settings, lessons: str | None = None) -> str:
    name = fingerprint(settings, lessons)
    empty_model(model_path(settings, name))
    return name


def empty_model(path: Path) -> None:
    """An archive that can be read to its end."""
    tarfile.open(path, "w:gz").close()


def measuring(live: float, candidate: float) -> Callable[..., Measured]:
    """Models whose figures are all alike."""

    def measure(settings: Settings, model: Path, asked: Questions, on_answer: Callable[[int], None]) -> Measured:
        on_answer(asked.count)
        name = model.name.removesuffix(".tar.gz")
        share = live if name == "shipped" else candidate
        figures = dict.fromkeys(TOLERANCES, share) | dict.fromkeys(ERRORS, 0.0)
        return Measured(name, figures, [], {}, len(asked.conversations), [])

    return measure


def run(database: Database, settings: Settings) -> Training:
    with database.transaction() as session:
        training_id = service.request_training(session, settings, "boss", NOON).id
    return train.run_training(database, settings, training_id, lambda: NOON)


def test_a_better_model_waits_for_consent_and_the_live_one_stays(
    city: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "measure", measuring(0.95, 0.96))
    training = run(city, settings)
    assert (training.state, training.lesson_count, training.former_model) == (
        TrainingState.WAITING_FOR_CONSENT,
        1,
        "shipped",
    )
    report = service.report_of(training)
    assert report is not None
    assert report["candidate"]["figures"]["item_right"] == 0.96
    live = live_model(settings)
    assert live is not None
    assert live.model == "shipped"


def test_a_worse_model_is_refused_and_cannot_be_agreed_to(
    city: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "measure", measuring(0.99, 0.94))
    training = run(city, settings)
    assert training.state == TrainingState.REFUSED
    assert "item_right 0.940 低于使用中的模型（0.990）" in training.why
    with city.transaction() as session, pytest.raises(service.TrainingRefused, match="未过关"):
        service.agree(session, settings, session.get_one(Training, training.id), "boss", NOON)


def test_a_training_says_what_it_is_at_and_that_it_was_stopped(
    city: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str | None] = []

    def stopped(settings: Settings, model: Path, asked: Questions, on_answer: Callable[[int], None]) -> Measured:
        for number in (19, 20, asked.count):
            on_answer(number)
            with city.transaction() as session:
                steps.append(service.trainings(session)[0].step)
        raise train.TrainingStopped("停下了")

    monkeypatch.setattr(train, "measure", stopped)
    training = run(city, settings)
    assert (training.state, training.why, training.step) == (TrainingState.FAILED, "停下了", None)
    first, second, third = map(str, steps)
    assert (first, "问了 20 句" in second) == ("评测使用中的模型", True)
    assert third.partition("问了 ")[2] == "{0} 句，共 {0} 句".format(third.rpartition("共 ")[2].removesuffix(" 句"))


def test_nothing_new_to_learn_is_said_so(city: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "measure", measuring(0.95, 0.95))
    model = run(city, settings).model
    assert model is not None
    set_live_model(settings, model, None, "base", "boss", NOON)
    training = run(city, settings)
    assert (training.state, "相同" in training.why) == (TrainingState.FAILED, True)


def test_a_training_that_breaks_is_written_down(
    city: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(settings: Settings, lessons: str | None = None) -> str:
        raise TrainingFailed("no space left on the disk")

    monkeypatch.setattr("bot.training.train.train", broken)
    training = run(city, settings)
    assert (training.state, training.why) == (TrainingState.FAILED, "no space left on the disk")


def test_a_restart_keeps_the_live_model_until_what_ships_has_changed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.running.preparation.train", fake_training)
    monkeypatch.setattr("bot.running.sample_city.load_sample_city", lambda database: None)
    settings.models_dir.mkdir(parents=True)
    shipped = prepare(settings)
    base = fingerprint(settings)
    assert shipped == model_path(settings, base)

    (settings.var_dir / "lessons").mkdir()
    (settings.var_dir / "lessons" / "some.yml").write_text("nlu: []")
    empty_model(model_path(settings, "taught"))
    set_live_model(settings, "taught", "some.yml", base, "boss", NOON)
    assert prepare(settings) == model_path(settings, "taught")

    # After an update the shipped data differ: the new model is made of them and of the lessons that were live.
    set_live_model(settings, "taught", "some.yml", "an older base", "boss", NOON)
    renewed = prepare(settings)
    assert renewed == model_path(settings, fingerprint(settings, "some.yml"))
    live = live_model(settings)
    assert live is not None
    assert (live.lessons, live.base) == ("some.yml", base)
    assert prepare(settings) == renewed
