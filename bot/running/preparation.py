"""Prepares what the processes need to start: schema, a city, the lexicon, the indexes, a model."""

from __future__ import annotations

from pathlib import Path

from bot import migrations
from bot.answering.renewal import build_all
from bot.catalogue.service import has_city
from bot.db import Database, utcnow
from bot.lessons.acts import write_acts
from bot.places import ROOT
from bot.private_files import make_private
from bot.running import lexicon_file as lexicon
from bot.running.live_model import live_model, model_path, set_live_model
from bot.running.model_making import current_model, fingerprint, train
from bot.running.resealing import seal_old_trackers
from bot.settings import Settings


def prepare(settings: Settings) -> Path:
    """Migrates, loads the sample city into an empty database, writes the lexicon, trains if anything changed.

    Returns the path of the model that is to answer. This is the live model, unless data, code or catalogue have changed
    since it was trained; then a new model is trained with the lessons of the live one. Safe to call again: what is
    already done is left alone.

    Raises:
        bot.running.model_making.TrainingFailed, bot.running.live_model.LiveModelBroken
    """
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    make_private(settings.var_dir)
    _show_models_to_rasa(settings)
    database = Database(settings.database_url)
    try:
        migrations.upgrade(database.engine)
        seal_old_trackers(settings)
        with database.transaction() as session:
            is_empty = not has_city(session)
        if is_empty:
            # Only here: the readers of all kinds of files take a second to load.
            from bot.running.sample_city import load_sample_city

            load_sample_city(database)
        with database.transaction() as session:
            lexicon.write(session, settings.lexicon_path)
            write_acts(session, settings)
        # Built here, so that no citizen waits for it. By content, since what ships may have changed with the code.
        build_all(database, settings, anew=True)
    finally:
        database.close()
    if current := current_model(settings):
        return current
    live, base = live_model(settings), fingerprint(settings)
    lessons = live.lessons if live and live.lessons and (settings.lessons_dir / live.lessons).exists() else None
    model = train(settings, lessons)
    set_live_model(settings, model, lessons, base, "prepare", utcnow())
    return model_path(settings, model)


def _show_models_to_rasa(settings: Settings) -> None:
    """Rasa's own commands look for models in `models/` of the folder in which they are run."""
    link = ROOT / "models"
    if settings.var_dir == ROOT / "var" and not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(settings.models_dir)
