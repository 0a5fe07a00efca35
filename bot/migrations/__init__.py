"""Database migrations (Alembic)."""

from __future__ import annotations

import importlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData

from bot.db import Base, compact
from bot.places import ROOT


def metadata() -> MetaData:
    """The metadata with the tables of all capabilities: of each package of `bot` that has a `models.py`."""
    for path in sorted((ROOT / "bot").glob("*/models.py")):
        importlib.import_module(f"bot.{path.parent.name}.models")
    return Base.metadata


# From this revision on, the messages of citizens are sealed.
_SEALED = "0020"


def upgrade(engine: Engine) -> None:
    """Upgrades the database to the newest schema, in one transaction if the database supports it.

    After the upgrade that seals data, the database file is rewritten, because freed pages still contain clear text.
    """
    with engine.begin() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        command.upgrade(_config(connection), "head")
    if before is not None and before < _SEALED:
        compact(engine)


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
