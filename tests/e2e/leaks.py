"""Looks for secrets that must not be kept: in every byte of a folder, and in every value of a database."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import MetaData, String, cast, select

from bot.db import Database


def leaks_in_folder(folder: Path, secrets: Iterable[str], since: float) -> dict[str, list[str]]:
    """Secret → the files written after `since` (seconds of the epoch) that show it; compressed files are opened."""
    contents = [(path, _content(path)) for path in _files(folder) if path.stat().st_mtime >= since]
    found = {
        secret: [path.name for path, content in contents if any(form in content for form in forms(secret))]
        for secret in secrets
    }
    return {secret: names for secret, names in found.items() if names}


def leaks_in_database(database: Database, secrets: Iterable[str]) -> dict[str, list[str]]:
    """Secret → the columns that show it, whichever tables there are."""
    columns = {name: "\n".join(values).encode() for name, values in _columns(database)}
    found = {
        secret: [name for name, content in columns.items() if any(form in content for form in forms(secret))]
        for secret in secrets
    }
    return {secret: names for secret, names in found.items() if names}


def forms(secret: str) -> set[bytes]:
    """The forms of a secret in a file: UTF-8, UTF-16, and JSON escapes in small letters and capitals."""
    escaped = json.dumps(secret)[1:-1]
    capitals = "".join(one if one.isascii() else f"\\u{ord(one):04X}" for one in secret)
    return {secret.encode(), secret.encode("utf-16-le"), escaped.encode(), capitals.encode()}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    return raw + gzip.decompress(raw) if path.suffix == ".gz" else raw


def _columns(database: Database) -> Iterator[tuple[str, list[str]]]:
    tables = MetaData()
    tables.reflect(database.engine)
    with database.transaction() as session:
        for table in tables.sorted_tables:
            for column in table.columns:
                values = session.scalars(select(cast(column, String)).where(column.is_not(None)))
                yield f"{table.name}.{column.name}", list(values)
