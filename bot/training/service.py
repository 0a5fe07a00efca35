"""The states of a training, and who agreed to what. People decide what goes live; `train` only measures.

`who` is a login, or how an operator at the terminal is called; agreeing and rolling back are written to the audit
log in the same transaction.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import Database
from bot.places import ROOT
from bot.running.live_model import LiveModel, live_model, model_path, set_live_model
from bot.settings import Settings
from bot.staff import audit
from bot.training.models import Training

# Longer than a `Service` takes to stop, so that a training can end the engine that it asks.
STOP_WITHIN_SECONDS = 20.0
# Time allowed from writing the row until the training process holds its lock.
STARTS_WITHIN = timedelta(minutes=2)


class TrainingState(StrEnum):
    TRAINING = "training"
    EVALUATING = "evaluating"
    REFUSED = "refused"
    WAITING_FOR_CONSENT = "waiting_for_consent"
    GOING_LIVE = "going_live"
    LIVE = "live"
    REPLACED = "replaced"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"


STATE_TITLES = {
    TrainingState.TRAINING: "训练中",
    TrainingState.EVALUATING: "评测中",
    TrainingState.REFUSED: "未过关",
    TrainingState.WAITING_FOR_CONSENT: "等待同意上线",
    TrainingState.GOING_LIVE: "正在上线",
    TrainingState.LIVE: "使用中",
    TrainingState.REPLACED: "已被替换",
    TrainingState.ROLLED_BACK: "已退回",
    TrainingState.FAILED: "失败",
}
UNDER_WAY = (TrainingState.TRAINING, TrainingState.EVALUATING)


class TrainingRefused(ValueError):
    """The training cannot be started, agreed to or rolled back now; the message, in Chinese, says why."""


def trainings(session: Session, newest: int = 50) -> list[Training]:
    """Newest first."""
    return list(session.scalars(select(Training).order_by(Training.id.desc()).limit(newest)))


def get_training(session: Session, training_id: int) -> Training | None:
    return session.get(Training, training_id)


def training_dir(settings: Settings, training_id: int) -> Path:
    return settings.shared_dir / "trainings" / str(training_id)


def report_of(training: Training) -> dict[str, Any] | None:
    """What `bot.training.report` wrote; None until measured, or when the file is gone."""
    if training.report_path is None or not Path(training.report_path).exists():
        return None
    report: dict[str, Any] = json.loads(Path(training.report_path).read_text(encoding="utf-8"))
    return report


def request_training(session: Session, settings: Settings, who: str, now: datetime) -> Training:
    """Adds a training that begins now. Raises TrainingRefused: another is under way."""
    settle_dead(session, settings, now)
    if any(training.state in UNDER_WAY for training in trainings(session)):
        raise TrainingRefused("已经有一次训练在进行，请等它结束")
    training = Training(started_at=now, by=who, state=TrainingState.TRAINING, lesson_count=0, why="")
    session.add(training)
    session.flush()
    return training


def start_training(database: Database, settings: Settings, who: str, now: datetime) -> Training:
    """Begins a training in a separate process, which continues when ours ends. It never goes live without consent.

    Raises:
        TrainingRefused
    """
    with database.transaction() as session:
        training = request_training(session, settings, who, now)
    folder = training_dir(settings, training.id)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.txt").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "bot", "train", "--candidate-only", "--training", str(training.id)],
            cwd=ROOT,
            env={**os.environ, "VAR_DIR": str(settings.var_dir), "DATABASE_URL": settings.database_url},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return training


@contextmanager
def training_lock(settings: Settings, *, stoppable: bool = False) -> Iterator[None]:
    """A lock held while a process trains; it ends with the process. Raises TrainingRefused: another holds it.

    `stoppable`: `stop_training` may end the process, which leads a process group of its own.
    """
    settings.shared_dir.mkdir(parents=True, exist_ok=True)
    with _lock_path(settings).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainingRefused("已经有一次训练在进行，请等它结束") from None
        lock.truncate(0)
        if stoppable:
            lock.write(f"{os.getpid()} {_here(settings)}")
            lock.flush()
        yield


def stop_training(settings: Settings, within_seconds: float = STOP_WITHIN_SECONDS) -> bool:
    """Ends the training that the console started, with all that it started, and waits. Whether there was one.

    It writes down itself that it was stopped. One that was started at a terminal is left alone.
    """
    number = _stoppable(settings)
    if number is None:
        return False
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(number, how)
        until = time.monotonic() + within_seconds
        while _stoppable(settings) == number and time.monotonic() < until:
            time.sleep(0.1)
        if _stoppable(settings) != number:
            break
    return True


def stop_with_assistant(database: Database, settings: Settings, now: datetime) -> None:
    """As `stop_training`, and lets none begin whose process has only just been started."""
    stop_training(settings)
    with database.transaction() as session:
        starting = [training for training in trainings(session) if training.state in UNDER_WAY]
        for training in starting if not _is_locked(settings) else ():
            end(session, training, TrainingState.FAILED, now, "助手停止了，训练没有开始")


def _here(settings: Settings) -> str:
    """This assistant, among those that share a folder: a process's number means nothing on another machine."""
    return f"{socket.gethostname()} {settings.var_dir}"


def _stoppable(settings: Settings) -> int | None:
    """The process that trains now, if it may be stopped from here."""
    path = _lock_path(settings)
    if not path.exists() or not _is_locked(settings):
        return None
    number, _, where = path.read_text(encoding="utf-8").partition(" ")
    return int(number) if number.isdecimal() and where == _here(settings) else None


def settle_dead(session: Session, settings: Settings, now: datetime) -> None:
    """Marks trainings whose process is gone as failed."""
    under_way = [training for training in trainings(session) if training.state in UNDER_WAY]
    if not under_way or _is_locked(settings):
        return
    for training in under_way:
        if training.state == TrainingState.EVALUATING or now - training.started_at > STARTS_WITHIN:
            end(session, training, TrainingState.FAILED, now, "训练进程中断")


def end(session: Session, training: Training, state: TrainingState, now: datetime, why: str = "") -> None:
    training.state, training.ended_at, training.why, training.step = state, now, why, None
    session.flush()


def agree(session: Session, settings: Settings, training: Training, who: str, now: datetime) -> None:
    """Lets the model of a training that passed go live; the supervisor changes over within seconds.

    Raises:
        TrainingRefused: it did not pass, is live already, or another model went live since it was measured.
    """
    session.refresh(training, with_for_update=True)
    if training.state != TrainingState.WAITING_FOR_CONSENT or training.model is None or training.base is None:
        raise TrainingRefused(f"这次训练现在是“{STATE_TITLES[TrainingState(training.state)]}”，不能上线")
    live = live_model(settings)
    if live is None or live.model != training.former_model:
        raise TrainingRefused("评测之后换过模型，结果已经不能比较，请重新训练")
    if not model_path(settings, training.model).exists():
        raise TrainingRefused("模型文件已经不在，请重新训练")
    training.state, training.agreed_by, training.agreed_at = TrainingState.GOING_LIVE, who, now
    audit.record(session, who=who, action="model_live", subject=training.model, why=f"训练 {training.id}", at=now)
    session.flush()
    set_live_model(settings, training.model, training.lessons, training.base, who, now)


def roll_back(session: Session, settings: Settings, who: str, why: str, now: datetime) -> Training:
    """Goes back to the model that answered before the one that went live last. Returns the training rolled back.

    Raises:
        TrainingRefused: nothing went live, the former model is gone, or no reason is given.
    """
    if not why.strip():
        raise TrainingRefused("请写明退回的理由")
    training = session.scalars(
        select(Training)
        .where(Training.state.in_((TrainingState.LIVE, TrainingState.GOING_LIVE)))
        .order_by(Training.agreed_at.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    live = live_model(settings)
    if training is None or training.former_model is None or live is None:
        raise TrainingRefused("没有训练上线过，没有可以退回的模型")
    if not model_path(settings, training.former_model).exists():
        raise TrainingRefused(f"原来的模型 {training.former_model} 已经不在")
    end(session, training, TrainingState.ROLLED_BACK, now, why.strip())
    before = _training_of(session, training.former_model, TrainingState.REPLACED)
    if before is not None:
        before.state = TrainingState.LIVE
    subject = f"{training.model} → {training.former_model}"
    audit.record(session, who=who, action="model_rolled_back", subject=subject, why=why.strip(), at=now)
    session.flush()
    set_live_model(settings, training.former_model, training.former_lessons, live.base, who, now)
    return training


def went_live(session: Session, model: str, now: datetime) -> None:
    """Records that this model answers now, as the supervisor says."""
    training = _training_of(session, model, TrainingState.GOING_LIVE)
    if training is None:
        return
    answered = select(Training).where(
        Training.state.in_((TrainingState.LIVE, TrainingState.GOING_LIVE)), Training.id != training.id
    )
    for other in session.scalars(answered):
        other.state = TrainingState.REPLACED
    end(session, training, TrainingState.LIVE, now)


def never_answered(session: Session, settings: Settings, model: str, still: LiveModel, now: datetime) -> None:
    """Records that this model did not answer and the previous one, `still`, continues, as the supervisor says."""
    wanted = live_model(settings)
    if wanted is None or wanted.model != model:
        return
    training = _training_of(session, model, TrainingState.GOING_LIVE)
    if training is not None:
        end(session, training, TrainingState.FAILED, now, "新模型没能应答，仍用原来的模型")
    else:
        _not_taken_back(session, model, still.model, now)
    set_live_model(settings, still.model, still.lessons, still.base, still.by, now)


def _not_taken_back(session: Session, model: str, still: str, now: datetime) -> None:
    kept = _training_of(session, still, TrainingState.ROLLED_BACK)
    if kept is not None:
        end(session, kept, TrainingState.LIVE, now, "原来的模型没能应答，没有退回")
    before = _training_of(session, model, TrainingState.LIVE)
    if before is not None:
        before.state = TrainingState.REPLACED
    session.flush()


def _training_of(session: Session, model: str, state: TrainingState) -> Training | None:
    return session.scalars(
        select(Training).where(Training.model == model, Training.state == state).order_by(Training.id.desc()).limit(1)
    ).one_or_none()


def _lock_path(settings: Settings) -> Path:
    return settings.shared_dir / "training.lock"


def _is_locked(settings: Settings) -> bool:
    try:
        with training_lock(settings):
            return False
    except TrainingRefused:
        return True
