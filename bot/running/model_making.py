"""Makes the engine's model: what it depends on, and `rasa train`."""

from __future__ import annotations

import hashlib
import os
import subprocess
import uuid
from pathlib import Path

import click

from bot.places import ROOT
from bot.running.environments import ENGINE, ONE_THREAD
from bot.running.live_model import LiveModel, is_whole, live_model, model_path
from bot.settings import Settings


class TrainingFailed(RuntimeError):
    """`rasa train` did not make a model; the message is the end of its output."""


def train(settings: Settings, lessons: str | None = None) -> str:
    """Trains a model on the current training data, unless there is one of that fingerprint. Returns its name.

    Args:
        lessons: a file of `VAR_DIR/lessons`.

    Raises:
        TrainingFailed
    """
    name = fingerprint(settings, lessons)
    model = model_path(settings, name)
    if is_whole(model):
        return name
    click.echo("Training the engine (about a minute) …")
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    data = [ROOT / "data", *([settings.lessons_dir / lessons] if lessons else [])]
    # Under another name until it is complete, since an existing model of the right name is used as it is. Another
    # machine may train into the same folder.
    unfinished = f"unfinished-{name}-{uuid.uuid4().hex}"
    # `--force`, since Rasa's cache does not notice changes of the modules that our components call.
    # `--skip-validation`, since it reads all data once more; the stories in `bot/evaluation/sets` test what ships.
    finished = run_in_engine(
        settings, "bot.engine.trainer", "train", "--force", "--skip-validation",
        "--out", settings.models_dir, "--fixed-model-name", unfinished, "--data", *data,
    )  # fmt: skip
    made = model_path(settings, unfinished)
    if finished.returncode != 0 or not made.exists():
        made.unlink(missing_ok=True)
        raise TrainingFailed("\n".join((finished.stdout + finished.stderr).splitlines()[-20:]))
    made.replace(model)
    return name


def current_model(settings: Settings) -> Path | None:
    """The live model, if nothing that it was made of has changed since; else None.

    Raises:
        bot.running.live_model.LiveModelBroken
    """
    live = live_model(settings)
    if live is None or not settings.lexicon_path.exists() or live.base != fingerprint(settings):
        return None
    path = model_path(settings, live.model)
    return path if is_whole(path) else None


def fingerprint(settings: Settings, lessons: str | None = None) -> str:
    """A digest that changes only with training data, lessons, config, domain, the code that makes a model, and the
    catalogue's names."""
    files = [
        ROOT / "config.yml",
        ROOT / "domain.yml",
        settings.lexicon_path,
        *sorted((ROOT / "data").rglob("*.yml")),
        *sorted(
            path
            for room in ("engine", "language")
            for path in (ROOT / "bot" / room).rglob("*")
            if path.suffix in (".py", ".json", ".txt", ".csv", ".yml")
        ),
        *([settings.lessons_dir / lessons] if lessons else []),
    ]
    digest = hashlib.sha256()
    for file in files:
        # Of files in VAR_DIR and SHARED_DIR only name and content count, not the folder.
        folders = (settings.var_dir, settings.shared_dir)
        ours = any(map(file.is_relative_to, folders)) or not file.is_relative_to(ROOT)
        digest.update((file.name if ours else str(file.relative_to(ROOT))).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def run_in_engine(settings: Settings, module: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a module in the engine's environment until it ends; its output is captured."""
    return subprocess.run(
        [ENGINE.python, "-m", module, *arguments],
        cwd=ROOT,
        env=engine_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def engine_environment(settings: Settings) -> dict[str, str]:
    """Environment variables for whatever runs in the engine's environment."""
    return {
        **os.environ,
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url or "",
        "RASA_TELEMETRY_ENABLED": "false",
        # Two trainings at once must not share Rasa's cache.
        "RASA_CACHE_DIRECTORY": str(settings.var_dir / "rasa-cache"),
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        **ONE_THREAD,
    }


def fits(settings: Settings, wanted: LiveModel) -> bool:
    """Whether the live model is for this machine. In a shared folder it may be that of another release, which another
    machine runs already or still; the prepared model of this one then goes on."""
    return settings.shared_dir == settings.var_dir or wanted.base == fingerprint(settings)
