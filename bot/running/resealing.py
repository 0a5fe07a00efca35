"""Seals everything again with the newest key, and seals what an older version left in clear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, and_, column, select, table, update
from sqlalchemy.types import TypeEngine

from bot import migrations
from bot.conversations.trackers import EVENTS, trackers
from bot.db import Database, compact
from bot.sealed_columns import SealedDict, SealedList, SealedText
from bot.sealing import SealBroken, Sealer, is_sealed, own_sealer
from bot.settings import Settings
from bot.tables import metadata

BATCH_ROWS = 500
# Columns that a service seals itself, without a column type, have this name or end in it.
_BY_HAND = "sealed"


@dataclass(frozen=True)
class SealedTable:
    name: str
    key: str
    columns: tuple[str, ...]


@dataclass
class Resealed:
    """`lost`: texts that no key of ours opens; they are left as they are."""

    count: int = 0
    lost: int = 0


TRACKERS = SealedTable(EVENTS.name, "id", ("data",))


def sealed_tables() -> list[SealedTable]:
    """All tables of our own database with sealed columns, found by the types and names of the columns."""
    return [
        SealedTable(name, next(iter(whole.primary_key.columns)).name, tuple(found))
        for name, whole in metadata().tables.items()
        if (found := [each.name for each in whole.columns if _is_sealed(each.name, each.type)])
    ]


def reseal_everything(settings: Settings) -> Resealed:
    """Seals again what is sealed with an older key, in our database and in Rasa's."""
    sealer, done = Sealer.of(settings), Resealed()
    for engine, tables in _stores(settings):
        found = reseal(engine, tables, sealer)
        done.count, done.lost = done.count + found.count, done.lost + found.lost
    return done


def count_older(settings: Settings) -> int:
    """The number of texts that the newest key does not open."""
    sealer = Sealer.of(settings)
    return sum(
        row[name] is not None and not sealer.is_newest(row[name])
        for engine, tables in _stores(settings)
        for each in tables
        for rows in _batches(engine, each)
        for row in rows
        for name in each.columns
    )


def _stores(settings: Settings) -> Iterator[tuple[Engine, list[SealedTable]]]:
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    try:
        yield database.engine, sealed_tables()
    finally:
        database.close()
    with trackers(settings) as engine:
        if engine is not None:
            yield engine, [TRACKERS]


def reseal(engine: Engine, tables: Sequence[SealedTable], sealer: Sealer) -> Resealed:
    """Seals again in batches, each in its own transaction. After an interruption the next call does the rest.

    A text that changes meanwhile is skipped, since the change sealed it with the newest key.
    """
    done = Resealed()
    for each in tables:
        for rows in _batches(engine, each):
            _reseal_rows(engine, each, rows, sealer, done)
    return done


def seal_old_trackers(settings: Settings) -> None:
    """Seals conversations that an older version stored in clear."""
    with trackers(settings) as engine:
        if engine is None or not _has_clear(engine):
            return
        reseal(engine, [TRACKERS], own_sealer())
        compact(engine)


def _has_clear(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(select(EVENTS.c.id).where(EVENTS.c.data.startswith("{")).limit(1)).first() is not None


def _reseal_rows(engine: Engine, each: SealedTable, rows: Sequence[RowMapping], sealer: Sealer, done: Resealed) -> None:
    raw = table(each.name, column(each.key), *map(column, each.columns))
    with engine.begin() as connection:
        for row in rows:
            for name in each.columns:
                fresh = _freshly_sealed(row[name], sealer, done)
                if fresh is not None:
                    unchanged = and_(raw.c[each.key] == row[each.key], raw.c[name] == row[name])
                    connection.execute(update(raw).where(unchanged).values({name: fresh}))


def _freshly_sealed(kept: str | None, sealer: Sealer, done: Resealed) -> str | None:
    """The text sealed with the newest key; None if it is so already, is null, or cannot be opened."""
    if kept is None or sealer.is_newest(kept):
        return None
    try:
        text = sealer.open(kept) if is_sealed(kept) else kept
    except SealBroken:
        done.lost += 1
        return None
    done.count += 1
    return sealer.seal(text)


def _batches(engine: Engine, each: SealedTable) -> Iterator[Sequence[RowMapping]]:
    raw = table(each.name, column(each.key), *map(column, each.columns))
    after: ColumnElement[bool] | None = None
    while True:
        query = select(raw).order_by(raw.c[each.key]).limit(BATCH_ROWS)
        with engine.connect() as connection:
            rows = connection.execute(query if after is None else query.where(after)).mappings().all()
        if not rows:
            return
        yield rows
        after = raw.c[each.key] > rows[-1][each.key]


def _is_sealed(name: str, kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, SealedText | SealedList | SealedDict) or name == _BY_HAND or name.endswith(f"_{_BY_HAND}")
