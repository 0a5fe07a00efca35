"""Database migrations (Alembic)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from bot.db import Base, compact
from bot.places import ROOT


def metadata() -> MetaData:
    """The metadata with the tables of all capabilities: of each package of `bot` that has a `models.py`."""
    for path in sorted((ROOT / "bot").glob("*/models.py")):
        importlib.import_module(f"bot.{path.parent.name}.models")
    return Base.metadata


# From this revision on, the messages of citizens are sealed.
_SEALED = "0020"


class UpgradeFailed(RuntimeError):
    """The database is as it was before; the message says what went wrong."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Upgrades the database to the newest schema, in one transaction: one that was broken off is done anew.

    After the upgrade that seals data, the database file is rewritten, because freed pages still contain clear text.

    Raises:
        UpgradeFailed
    """
    before = revision(engine)
    if before == (head() if to == "head" else to):
        return
    with _changing(engine) as connection:
        command.upgrade(_config(connection), to)
    if before is not None and before < _SEALED:
        compact(engine)


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """A transaction that also holds changes of the schema."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        # SQLite changes a table by making it anew and dropping the old one. With foreign keys on, that fails or deletes
        # what refers to it (https://sqlite.org/lang_altertable.html, section 7).
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        try:
            # Python's sqlite3 begins no transaction for a change of the schema. Of two processes the second waits here.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            dangling = _dangling_rows(connection)
            yield connection
            if _dangling_rows(connection) > dangling:
                raise UpgradeFailed("the upgrade would leave rows that refer to others that are gone")
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _dangling_rows(connection: Connection) -> int:
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())


def revision(engine: Engine) -> str | None:
    """The revision of the database's schema; None if it has none of our tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision of this program."""
    return str(_scripts().get_current_head())


def is_known(revision: str) -> bool:
    """Whether this program has that revision; if not, a newer program made it."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))


def new_revision(engine: Engine, message: str) -> None:
    """Writes a revision from the difference between models and database; check it before committing it."""
    number = len(list((Path(__file__).parent / "versions").glob("*.py"))) + 1
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=f"{number:04}")


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
