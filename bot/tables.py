"""All tables, apart from their migrations, which the processes that answer do not need."""

from __future__ import annotations

import importlib

from sqlalchemy import MetaData

from bot.db import Base
from bot.places import ROOT


def metadata() -> MetaData:
    """The metadata with the tables of all capabilities: of each package of `bot` that has a `models.py`."""
    for path in sorted((ROOT / "bot").glob("*/models.py")):
        importlib.import_module(f"bot.{path.parent.name}.models")
    return Base.metadata
