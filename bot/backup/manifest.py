"""What a backup says of itself."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.places import ROOT

NAME = "manifest.json"
FORMAT = 1


class BackupRefused(Exception):
    """It cannot be made, or is not restored; the message, in Chinese, says why and what would do."""


class Packed(BaseModel):
    """A file of the archive. `sha256`: of its content, in hexadecimal."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Manifest(BaseModel):
    """`revision`: of the schema. `keys`: fingerprints of the keys that open what is sealed. `rows`: by member of the
    archive and table. `files`: by member."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    made_at: datetime
    version: str
    database: Literal["sqlite", "postgresql"]
    revision: str
    keys: list[str]
    rows: dict[str, dict[str, int]]
    files: dict[str, Packed]

    @property
    def row_count(self) -> int:
        return sum(sum(tables.values()) for tables in self.rows.values())


@cache
def version() -> str:
    """Of this program."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(about["project"]["version"])
