"""Prepares what the processes need to start: schema, a city, the lexicon, a model."""

from __future__ import annotations

import hashlib
import os
import subprocess
import uuid
from pathlib import Path

import click
from sqlalchemy import func, select

from bot import migrations
from bot.answering.renewal import build_all
from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import City
from bot.db import Database, one_at_a_time, utcnow
from bot.disclosures.importer import import_requests
from bot.documents.importer import import_documents
from bot.laws.importer import import_laws
from bot.laws.watch import refresh
from bot.lessons.acts import write_acts
from bot.lessons.export import lessons_dir
from bot.places import ROOT, SAMPLES
from bot.private_files import make_private
from bot.publishing import tasks as publishing
from bot.publishing.importer import import_publishing
from bot.referrals.importer import import_routes
from bot.reviews.importer import import_canned_replies
from bot.running import lexicon_file as lexicon
from bot.running.environments import ENGINE, ONE_THREAD
from bot.running.live_model import LiveModel, is_whole, live_model, model_path, set_live_model
from bot.running.resealing import seal_old_trackers
from bot.settings import Settings
from bot.synonyms.importer import import_synonyms

# The command `rasa`, as `bot/engine/launcher.py` loads it.
_RASA = "import skops.io, bot.engine.without_tensorflow; from rasa.__main__ import main; main()"


class TrainingFailed(RuntimeError):
    """`rasa train` did not make a model; the message is the end of its output."""


def prepare(settings: Settings) -> Path:
    """Migrates, loads the sample city into an empty database, writes the lexicon, trains if anything changed.

    Returns the path of the model that is to answer. This is the live model, unless data, code or catalogue have changed
    since it was trained; then a new model is trained with the lessons of the live one. Safe to call again: what is
    already done is left alone.

    Raises:
        TrainingFailed, bot.running.live_model.LiveModelBroken
    """
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    make_private(settings.var_dir)
    _show_models_to_rasa(settings)
    database = Database(settings.database_url)
    try:
        migrations.upgrade(database.engine)
        seal_old_trackers(settings)
        load_sample_city(database)
        with database.transaction() as session:
            lexicon.write(session, settings.lexicon_path)
            write_acts(session, settings)
        # Built here, so that no citizen waits for it. By content, since what ships may have changed with the code.
        build_all(database, settings, anew=True)
    finally:
        database.close()
    live = live_model(settings)
    base = fingerprint(settings)
    if live and live.base == base and is_whole(model_path(settings, live.model)):
        return model_path(settings, live.model)
    lessons = live.lessons if live and live.lessons and (lessons_dir(settings) / live.lessons).exists() else None
    model = train(settings, lessons)
    set_live_model(settings, model, lessons, base, "prepare", utcnow())
    return model_path(settings, model)


def fits(settings: Settings, wanted: LiveModel) -> bool:
    """Whether the live model is for this machine. In a shared folder it may be that of another release, which another
    machine runs already or still; the prepared model of this one then goes on."""
    return settings.shared_dir == settings.var_dir or wanted.base == fingerprint(settings)


def _show_models_to_rasa(settings: Settings) -> None:
    """Rasa's own commands look for models in `models/` of the folder in which they are run."""
    link = ROOT / "models"
    if settings.var_dir == ROOT / "var" and not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(settings.models_dir)


def load_sample_city(database: Database) -> None:
    """Loads 云河市 with all that it knows if there is no city yet."""
    with database.transaction() as session:
        one_at_a_time(session.connection(), "sample city")
        if session.scalar(select(func.count()).select_from(City)):
            return
        click.echo("Loading the sample city …")
        import_catalogue(session, SAMPLES / "catalogue")
        import_documents(session, SAMPLES / "documents")
        import_requests(session, SAMPLES / "disclosures")
        import_routes(session, SAMPLES / "routes")
        import_synonyms(session, SAMPLES / "synonyms")
        import_canned_replies(session, SAMPLES / "reviews")
        import_laws(session, SAMPLES / "laws" / "status.csv", None, utcnow())
        import_publishing(session, SAMPLES / "publishing", utcnow())
        publishing.refresh(session, utcnow())
        refresh(session, utcnow())


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
    data = [ROOT / "data", *([lessons_dir(settings) / lessons] if lessons else [])]
    # Under another name until it is complete, since an existing model of the right name is used as it is. Another
    # machine may train into the same folder.
    unfinished = f"unfinished-{name}-{uuid.uuid4().hex}"
    finished = subprocess.run(
        # `--force`, since Rasa's cache does not notice changes of the modules that our components call.
        # `--skip-validation`, since it reads all data once more; the stories in `bot/evaluation/sets` test what ships.
        [
            ENGINE.python, "-c", _RASA, "train", "--force", "--skip-validation",
            "--out", settings.models_dir, "--fixed-model-name", unfinished, "--data", *data,
        ],
        cwd=ROOT,
        env=engine_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    made = model_path(settings, unfinished)
    if finished.returncode != 0 or not made.exists():
        made.unlink(missing_ok=True)
        raise TrainingFailed("\n".join((finished.stdout + finished.stderr).splitlines()[-20:]))
    made.replace(model)
    return name


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
        *([lessons_dir(settings) / lessons] if lessons else []),
    ]
    digest = hashlib.sha256()
    for file in files:
        # Of files in VAR_DIR and SHARED_DIR only name and content count, not the folder.
        folders = (settings.var_dir, settings.shared_dir)
        ours = any(map(file.is_relative_to, folders)) or not file.is_relative_to(ROOT)
        digest.update((file.name if ours else str(file.relative_to(ROOT))).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


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
