"""One training from beginning to end: export the lessons, train, measure both models, decide whether it may go live."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime

import yaml

from bot.db import Database
from bot.evaluation.cases import SETS
from bot.lessons import service as lessons
from bot.lessons.export import export
from bot.lessons.models import Lesson
from bot.running import lexicon_file as lexicon
from bot.running.live_model import LiveModel, LiveModelBroken, live_model, model_path
from bot.running.preparation import TrainingFailed, fingerprint, train
from bot.running.services import NeverReady
from bot.settings import Settings
from bot.training import report
from bot.training.gate import GateLimits, refusals
from bot.training.measuring import Measured, measure, questions
from bot.training.models import Training
from bot.training.scratch import scratch
from bot.training.service import TrainingRefused, TrainingState, end, training_dir, training_lock

# Enough to see whether recent lessons were learnt. Each takes about 30 ms with each of the two models.
NEWEST_LESSONS = 200
# Failures of a training, besides OSError, which a full disk or a lost connection to the engine raises.
_FAILURES = (TrainingRefused, TrainingFailed, NeverReady, LiveModelBroken, subprocess.CalledProcessError)


def run_training(
    database: Database,
    settings: Settings,
    training_id: int,
    clock: Callable[[], datetime],
    most_messages: int | None = None,
) -> Training:
    """Runs the training that `request_training` wrote down, and returns it as it ended: refused, failed, or waiting
    for consent. The engine that answers is left alone.

    Args:
        most_messages: of the fixed evaluation; None for all.
    """
    try:
        with training_lock(settings):
            live = live_model(settings)
            if live is None:
                raise TrainingRefused("还没有使用中的模型，请先启动一次")
            candidate, taught = _make(database, settings, training_id, live)
            asked = questions(taught[-NEWEST_LESSONS:], most_messages)
            with scratch(settings, database, training_id) as apart:
                before = measure(apart, model_path(settings, live.model), asked)
                after = measure(apart, model_path(settings, candidate), asked)
            return _decide(database, settings, training_id, before, after, clock())
    except (*_FAILURES, OSError) as error:
        with database.transaction() as session:
            training = session.get_one(Training, training_id)
            end(session, training, TrainingState.FAILED, clock(), str(error))
            return training


def limits() -> GateLimits:
    content = yaml.safe_load((SETS / "floors.yml").read_text(encoding="utf-8"))
    return GateLimits(content["at_least"], content["at_most"])


def _make(database: Database, settings: Settings, training_id: int, live: LiveModel) -> tuple[str, list[Lesson]]:
    """The name of the new model, and what it was taught, oldest first."""
    with database.transaction() as session:
        lexicon.write(session, settings.lexicon_path)
        taught = lessons.approved(session)
        training = session.get_one(Training, training_id)
        training.lessons, training.lesson_count = export(settings, taught), len(taught)
        training.base = fingerprint(settings)
        training.former_model, training.former_lessons = live.model, live.lessons
    name = train(settings, training.lessons)
    if name == live.model:
        raise TrainingRefused("和使用中的模型相同：上次上线以后没有新采用的纠正，目录和训练数据也没有变")
    with database.transaction() as session:
        training = session.get_one(Training, training_id)
        training.model, training.state = name, TrainingState.EVALUATING
    return name, taught


def _decide(
    database: Database, settings: Settings, training_id: int, live: Measured, candidate: Measured, now: datetime
) -> Training:
    found = refusals(live.figures, candidate.figures, limits())
    path = report.write(training_dir(settings, training_id), live, candidate, found)
    with database.transaction() as session:
        training = session.get_one(Training, training_id)
        training.report_path = str(path)
        state = TrainingState.REFUSED if found else TrainingState.WAITING_FOR_CONSENT
        end(session, training, state, now, "；".join(refusal.in_words for refusal in found))
    return training
