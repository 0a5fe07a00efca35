"""One training from beginning to end: export the lessons, train, measure both models, decide whether it may go live."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime

import click
import yaml
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.db import Database, utcnow
from bot.evaluation.cases import SETS
from bot.lessons import service as lessons
from bot.lessons.export import export
from bot.lessons.models import Lesson
from bot.running import lexicon_file as lexicon
from bot.running.live_model import LiveModel, LiveModelBroken, live_model, model_path
from bot.running.model_making import TrainingFailed, fingerprint, train
from bot.running.services import NeverReady
from bot.settings import Settings
from bot.training import report
from bot.training.gate import GateLimits, refusals
from bot.training.measuring import Measured, measure, questions
from bot.training.models import Training
from bot.training.scratch import scratch
from bot.training.service import UNDER_WAY, TrainingRefused, TrainingState, end, training_dir, training_lock
from bot.workdays import CHINA

# Enough to see whether recent lessons were learnt. Each takes about 30 ms with each of the two models.
NEWEST_LESSONS = 200
# Failures of a training, besides OSError, which a full disk or a lost connection to the engine raises.
_FAILURES = (TrainingRefused, TrainingFailed, NeverReady, LiveModelBroken, subprocess.CalledProcessError)
# How many messages are asked until the progress is written down again.
_TOLD_EVERY = 20


class TrainingStopped(SystemExit):
    """A signal ends the training; the message, in Chinese, says why. A `SystemExit`, which event loops let through."""


def run_training(
    database: Database,
    settings: Settings,
    training_id: int,
    clock: Callable[[], datetime],
    most_messages: int | None = None,
    *,
    stoppable: bool = False,
) -> Training:
    """Runs the training that `request_training` wrote down, and returns it as it ended: refused, failed, or waiting
    for consent. The engine that answers is left alone.

    Args:
        most_messages: of the fixed evaluation; None for all.
        stoppable: see `training_lock`.
    """
    steps = _Steps(database, training_id)
    try:
        with training_lock(settings, stoppable=stoppable):
            _require_under_way(database, training_id)
            live = live_model(settings)
            if live is None:
                raise TrainingRefused("还没有使用中的模型，请先启动一次")
            steps.begin("训练新模型")
            candidate, taught = _make(database, settings, training_id, live)
            asked = questions(taught[-NEWEST_LESSONS:], most_messages)
            steps.begin("准备评测用的助手")
            with scratch(settings, database, training_id) as apart:
                steps.begin("评测使用中的模型", asked.count)
                before = measure(apart, model_path(settings, live.model), asked, steps.asked)
                steps.begin("评测新模型", asked.count)
                after = measure(apart, model_path(settings, candidate), asked, steps.asked)
            steps.begin("写比较结果")
            return _decide(database, settings, training_id, before, after, clock())
    except (*_FAILURES, TrainingStopped, OSError) as error:
        with database.transaction() as session:
            training = session.get_one(Training, training_id)
            end(session, training, TrainingState.FAILED, clock(), str(error))
            return training


class _Steps:
    """Says what the training is at: in its row, where the page reads it, and in its log."""

    def __init__(self, database: Database, training_id: int) -> None:
        self._database, self._training_id = database, training_id
        self._title, self._count = "", 0

    def begin(self, title: str, count: int = 0) -> None:
        """`count`: how many messages will be asked."""
        self._title, self._count = title, count
        self._tell(title)

    def asked(self, number: int) -> None:
        if number % _TOLD_EVERY == 0 or number == self._count:
            self._tell(f"{self._title}：问了 {number} 句，共 {self._count} 句")

    def _tell(self, step: str) -> None:
        click.echo(f"{utcnow().astimezone(CHINA):%H:%M:%S} {step}")
        self._database.attempt(self._written(step))

    def _written(self, step: str) -> Callable[[Session], None]:
        def write(session: Session) -> None:
            session.execute(update(Training).where(Training.id == self._training_id).values(step=step))

        return write


def _require_under_way(database: Database, training_id: int) -> None:
    """Raises TrainingRefused: the assistant was stopped while this process was starting."""
    with database.transaction() as session:
        training = session.get_one(Training, training_id)
        if training.state not in UNDER_WAY:
            raise TrainingRefused(training.why)


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
