"""What must be there before the processes start: schema, a city, the lexicon, a model."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import click
from sqlalchemy import func, select

from bot import migrations
from bot.catalogue import lexicon
from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import City
from bot.db import Database
from bot.disclosures.importer import import_requests
from bot.documents.importer import import_documents
from bot.environments import ENGINE, ROOT
from bot.routes.importer import import_routes
from bot.settings import Settings

SAMPLES = ROOT / "bot" / "samples"


class TrainingFailed(RuntimeError):
    """`rasa train` did not make a model; the message ends with what it said."""


def prepare(settings: Settings) -> Path:
    """Migrates, loads the sample city into an empty database, writes the lexicon, trains if anything changed.

    Returns the model's path. Safe to call again: what is already done is left alone.
    """
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        migrations.upgrade(database.engine)
        load_sample_city(database)
        with database.transaction() as session:
            lexicon.write(session, settings.lexicon_path)
    finally:
        database.close()
    return train(settings)


def load_sample_city(database: Database) -> None:
    """Loads 云河市, catalogue, documents, disclosure requests and routes, if there is no city yet."""
    with database.transaction() as session:
        if session.scalar(select(func.count()).select_from(City)):
            return
        click.echo("Loading the sample city …")
        import_catalogue(session, SAMPLES / "catalogue")
        import_documents(session, SAMPLES / "documents")
        import_requests(session, SAMPLES / "disclosures")
        import_routes(session, SAMPLES / "routes")


def train(settings: Settings) -> Path:
    """The model for the training data as it is; trained only if there is none of that fingerprint."""
    name = fingerprint(settings)
    model = settings.models_dir / f"{name}.tar.gz"
    if model.exists():
        return model
    click.echo("Training the engine (about a minute) …")
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    finished = subprocess.run(
        # Forced, since Rasa's own cache does not see a change of the modules that our components call.
        [ENGINE.python, "-m", "rasa", "train", "--force", "--out", settings.models_dir, "--fixed-model-name", name],
        cwd=ROOT,
        env=engine_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0 or not model.exists():
        raise TrainingFailed("\n".join((finished.stdout + finished.stderr).splitlines()[-20:]))
    return model


def fingerprint(settings: Settings) -> str:
    """Changes with training data, config, domain, the engine's own code and the catalogue's names; nothing else."""
    files = [
        ROOT / "config.yml",
        ROOT / "domain.yml",
        settings.lexicon_path,
        *sorted((ROOT / "data").rglob("*.yml")),
        *sorted(
            path for path in (ROOT / "bot" / "engine").rglob("*") if path.suffix in (".py", ".txt", ".csv", ".yml")
        ),
    ]
    digest = hashlib.sha256()
    for file in files:
        # The place of the lexicon does not matter, its content does.
        digest.update((file.name if file == settings.lexicon_path else str(file.relative_to(ROOT))).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def engine_environment(settings: Settings) -> dict[str, str]:
    """Environment variables for whatever runs in the engine's environment."""
    return {
        **os.environ,
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url,
        "RASA_TELEMETRY_ENABLED": "false",
        # Two trainings at once must not share Rasa's cache.
        "RASA_CACHE_DIRECTORY": str(settings.var_dir / "rasa-cache"),
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
