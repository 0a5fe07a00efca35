"""The schema and its history (Alembic)."""

from __future__ import annotations

import importlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData

from bot.db import Base

_CAPABILITIES = (
    "catalogue",
    "conversations",
    "disclosures",
    "documents",
    "helpline",
    "lessons",
    "reviews",
    "routes",
    "staff",
    "switches",
    "synonyms",
    "training",
)


def metadata() -> MetaData:
    """All tables of all capabilities."""
    for capability in _CAPABILITIES:
        importlib.import_module(f"bot.{capability}.models")
    return Base.metadata


def upgrade(engine: Engine) -> None:
    """Brings the database to the newest schema. Runs in one transaction where the database can."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def new_revision(engine: Engine, message: str) -> None:
    """Writes a revision from the difference between the models and the database; to be read before it is committed."""
    number = len(list((Path(__file__).parent / "versions").glob("*.py"))) + 1
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=f"{number:04}")


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
