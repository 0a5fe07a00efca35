"""Database migrations (Alembic)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from bot.db import compact, one_at_a_time
from bot.migrations.expansion import contractions
from bot.tables import metadata

# From this revision on, the messages of citizens are sealed.
_SEALED = "0020"


# How long an upgrade waits for a table. All who ask for the table meanwhile wait behind it.
_TABLE_WITHIN = "10s"

logger = logging.getLogger(__name__)


class UpgradeFailed(RuntimeError):
    """The database is as it was before; the message says what went wrong."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Upgrades the database to the newest schema, in one transaction: one that was broken off is done anew.

    A schema that a newer program made is left as it is, if it has all that this program needs: so the machines of one
    assistant can be updated one after the other.

    After the upgrade that seals data, the database file is rewritten, because freed pages still contain clear text.

    Raises:
        UpgradeFailed
    """
    before = revision(engine)
    if before == (head() if to == "head" else to):
        return
    if before is not None and not is_known(before):
        _require_growth(engine, before)
        return
    with _changing(engine) as connection:
        command.upgrade(_config(connection), to)
    if before is not None and before < _SEALED:
        compact(engine)


def contractions_since(engine: Engine) -> list[str]:
    """What this program needs and does not find in the database, a phrase each."""
    with engine.connect() as connection:
        return contractions(metadata(), connection)


def _require_growth(engine: Engine, newer: str) -> None:
    """Raises UpgradeFailed: the newer schema lacks what this program needs."""
    lacking = contractions_since(engine)
    if lacking:
        raise UpgradeFailed(
            f"the schema {newer} is of a newer program and cannot be used by this one ({head()}): {'; '.join(lacking)}"
        )
    logger.warning("the schema %s is of a newer program; it only has more than this one (%s) knows", newer, head())


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """A transaction that also holds changes of the schema."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                # Two machines may start at once: the second one waits here, and then has nothing left to do.
                one_at_a_time(connection, "upgrade")
                connection.execute(text(f"SET LOCAL lock_timeout = '{_TABLE_WITHIN}'"))
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
