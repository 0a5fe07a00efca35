"""Databases of the newest schema in no time: what the migrations made once is copied for every test."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import exists, inspect, literal, select, text, union_all

from bot import migrations
from bot.catalogue.importer import import_catalogue
from bot.db import Database
from bot.migrations import metadata
from bot.places import SAMPLES

Fill = Callable[[Database], None]

_ANEW = "SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
# What was made once: the file, by what is in it.
_made: dict[Fill | None, Path] = {}


def set_up(database: Database, fill: Fill | None = None) -> None:
    """Gives the database, of which all may be lost, the newest schema and what `fill` puts in."""
    url = database.engine.url
    if url.get_backend_name() == "postgresql":
        _emptied(database) if inspect(database.engine).has_table("alembic_version") else _make(database)
        if fill:
            fill(database)
    elif url.database in (None, "", ":memory:"):
        _make(database, fill)
    else:
        database.engine.dispose()
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_file(fill), str(url.database))


@contextmanager
def in_memory(fill: Fill) -> Iterator[Database]:
    """A database of its own, with what `fill` puts in."""
    database = Database("sqlite://")
    try:
        set_up(database, fill)
        yield database
    finally:
        database.close()


def with_sample_catalogue(database: Database) -> None:
    """Fills in the items, offices and departments of the sample city."""
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")


def _make(database: Database, fill: Fill | None = None) -> None:
    migrations.upgrade(database.engine)
    if fill:
        fill(database)


def _file(fill: Fill | None) -> Path:
    if fill not in _made:
        folder = Path(tempfile.mkdtemp(prefix="databases-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        made = Database(f"sqlite:///{folder / 'made.db'}")
        _make(made, fill)
        # The last connection that closes brings all that was written into the one file.
        made.close()
        _made[fill] = folder / "made.db"
    return _made[fill]


def _emptied(database: Database) -> None:
    """Rows go and numbers begin anew: a new schema, or a copied database, would take a second each time."""
    tables = metadata().sorted_tables
    filled = [select(literal(table.name)).where(exists(select(1).select_from(table))) for table in tables]
    with database.engine.begin() as connection:
        # What may only grow, and what others hang on, goes too.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        names = set(connection.scalars(union_all(*filled)))
        for table in tables:
            if table.name in names:
                connection.execute(table.delete())
        connection.execute(text(_ANEW))
