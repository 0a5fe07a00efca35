"""Databases of the newest schema, fast: the migrations run once, and every test gets a copy of the result."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import psycopg
import time_machine
from psycopg import sql
from sqlalchemy import URL, Table

from bot import migrations
from bot.catalogue.importer import import_catalogue
from bot.db import Database
from bot.places import SAMPLES
from bot.revisions.models import Revision
from bot.tables import metadata
from tests.clock import NOW

Fill = Callable[[Database], None]

_ANEW = "SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
_NUMBERS = (
    "SELECT seqrelid::regclass::text, pg_sequence_last_value(seqrelid) FROM pg_sequence"
    " WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
)
# The database on PostgreSQL that keeps its schema from test to test. In all others, nothing is left connected: tests of
# a restore see to it that nobody else is there.
KEPT = "kept"
# What was made once, by what fills it: files of SQLite, and rows for PostgreSQL.
_made: dict[Fill | None, Path] = {}
_rows: dict[Fill, _Rows] = {}


def set_up(database: Database, fill: Fill | None = None) -> None:
    """Gives the database the newest schema and the rows of `fill`. Everything that it held may be lost."""
    url = database.engine.url
    if url.get_backend_name() == "postgresql":
        if not empty(url):
            _make(database)
        if fill:
            _fill_postgresql(database, fill)
    elif url.database in (None, "", ":memory:"):
        _copy_into_memory(database, _file(None))
        # Filled anew: the indexes, which outlive a test, know one city from another by the time of its loading.
        if fill:
            fill(database)
    else:
        database.engine.dispose()
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_file(fill), str(url.database))


def empty(url: URL) -> bool:
    """Deletes all rows and restarts the numbering: a new schema or a copied database would take a second each time.

    False if this database on PostgreSQL has no tables yet.
    """
    with _cursor(url) as cursor:
        if cursor.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return False
        # Switches triggers and foreign keys off: some tables forbid DELETE, and others are referred to.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for (name,) in cursor.execute(_filled_tables(), prepare=True).fetchall():
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)), prepare=True)
        cursor.execute(_ANEW, prepare=True)
    return True


@contextmanager
def in_memory(fill: Fill | None = None) -> Iterator[Database]:
    """A database of its own, with the rows of `fill`."""
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


def _copy_into_memory(database: Database, made: Path) -> None:
    with closing(database.engine.raw_connection()) as connection, closing(sqlite3.connect(made)) as source:
        source.backup(connection.driver_connection)  # type: ignore[arg-type]


def _make(database: Database, fill: Fill | None = None) -> None:
    migrations.upgrade(database.engine)
    if fill:
        _fill(database, fill)


def _fill(database: Database, fill: Fill) -> None:
    """An hour before the tests begin: what is copied into a later test must not come from its future."""
    with time_machine.travel(NOW - timedelta(hours=1)):
        fill(database)


def _file(fill: Fill | None) -> Path:
    if fill not in _made:
        folder = Path(tempfile.mkdtemp(prefix="databases-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        made = Database(f"sqlite:///{folder / 'made.db'}")
        _make(made, fill)
        # When the last connection closes, SQLite moves all that was written into the one file.
        made.close()
        _made[fill] = folder / "made.db"
    return _made[fill]


def _fill_postgresql(database: Database, fill: Fill) -> None:
    """Fills once, and copies the rows from then on: the sample city takes seconds to load."""
    if fill not in _rows:
        _fill(database, fill)
        _rows[fill] = _Rows.of(database.engine.url)
    else:
        _rows[fill].put_into(database.engine.url)


@dataclass(frozen=True)
class _Rows:
    """The rows of all tables that have any, as PostgreSQL copies them, and the number at which each sequence is."""

    tables: dict[str, bytes]
    numbers: dict[str, int]

    @classmethod
    def of(cls, url: URL) -> _Rows:
        with _cursor(url) as cursor:
            names = [table.name for table in _tables()]
            numbers = dict(cursor.execute(_NUMBERS).fetchall())
            return cls({name: content for name in names if (content := _copied(cursor, name))}, numbers)

    def put_into(self, url: URL) -> None:
        with _cursor(url) as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name, content in self.tables.items():
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                    copy.write(content)
            for name, number in self.numbers.items():
                cursor.execute("SELECT setval(%s::regclass, %s)", (name, number))


@contextmanager
def _cursor(url: URL) -> Iterator[psycopg.Cursor]:
    """In a transaction."""
    address = url.set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    opened = nullcontext(_kept_connection(address)) if url.database == KEPT else _connection(address)
    with opened as connection, connection.transaction(), connection.cursor() as cursor:
        yield cursor


def _connection(address: str) -> psycopg.Connection:
    return psycopg.connect(address, autocommit=True)


@cache
def _kept_connection(address: str) -> psycopg.Connection:
    """Open until the tests end: a new one would have to look up every table and plan every statement again."""
    return _connection(address)


@cache
def _filled_tables() -> sql.Composed:
    """Asks which tables have rows."""
    asked = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
    names = [table.name for table in _tables()]
    return sql.SQL(" UNION ALL ").join([asked.format(name, sql.Identifier(name)) for name in names])


def _copied(cursor: psycopg.Cursor, table: str) -> bytes:
    with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
        return b"".join(bytes(part) for part in copy)


def _tables() -> list[Table]:
    """All that a test fills. The revisions say themselves that the others have changed."""
    return [table for table in metadata().sorted_tables if table is not Revision.__table__]
