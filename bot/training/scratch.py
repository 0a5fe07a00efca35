"""A temporary assistant to ask a model many questions, with the city's knowledge and without its citizens' data."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Table, insert, select

from bot import migrations
from bot.answering.renewal import build_all
from bot.catalogue.models import City
from bot.db import Base, Database
from bot.disclosures.importer import import_requests
from bot.places import SAMPLES
from bot.running.ports import free_port
from bot.settings import Settings
from bot.tables import metadata
from bot.training.service import training_dir

# Packages whose tables answers are made from.
_KNOWLEDGE = ("catalogue", "documents", "referrals", "synonyms")
_ROWS_AT_ONCE = 1000


@contextmanager
def scratch(settings: Settings, database: Database, training_id: int) -> Iterator[Settings]:
    """Settings of a separate assistant: own folder, SQLite, free ports. The folder is deleted when the block ends."""
    folder = training_dir(settings, training_id) / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    apart = replace(
        settings,
        var_dir=folder,
        shared_dir=folder,
        database_url=f"sqlite:///{folder / 'assistant.db'}",
        redis_url=None,
        engine_port=free_port(),
        actions_port=free_port(),
    )
    try:
        shutil.copy(settings.lexicon_path, apart.lexicon_path)
        for own, linked in (
            (settings.documents_ranker_path, apart.documents_ranker_path),
            (settings.answering_ranker_path, apart.answering_ranker_path),
            (settings.taught_acts_path, apart.taught_acts_path),
        ):
            if own.exists():
                linked.symlink_to(own)
        target = Database(apart.database_url)
        try:
            copy_knowledge(database, target)
            build_all(target, apart)
        finally:
            target.close()
        yield apart
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_knowledge(source: Database, target: Database) -> None:
    """Copies the tables that answers are made from. Requests are the sample city's only; the evaluation needs them."""
    migrations.upgrade(target.engine)
    with source.engine.connect() as reading, target.engine.begin() as writing:
        for table in _tables():
            rows = reading.execution_options(stream_results=True).execute(select(table)).mappings()
            while some := rows.fetchmany(_ROWS_AT_ONCE):
                writing.execute(insert(table), [dict(row) for row in some])
    with target.transaction() as session:
        city = session.scalars(select(City)).one_or_none()
        if city is not None and city.is_sample:
            import_requests(session, SAMPLES / "disclosures")


def _tables() -> list[Table]:
    metadata()
    modules = {f"bot.{capability}.models" for capability in _KNOWLEDGE}
    wanted = {mapper.local_table for mapper in Base.registry.mappers if mapper.class_.__module__ in modules}
    return [table for table in Base.metadata.sorted_tables if table in wanted]
