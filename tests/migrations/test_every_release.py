"""Rows that each earlier release wrote come to the newest schema, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Column, Connection, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy import types as kinds

from bot import migrations
from bot.db import Base, Database
from bot.tables import metadata

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
# Attempts at query codes were emptied when their digests changed (0020): one may try again.
EMPTIED = {"lookup_attempts"}
# Texts that a migration reads, in the form that they always had.
FORMS = {"receipt": "XXGK-2026-{:06}"}


def revisions() -> Iterator[str]:
    """Oldest first."""
    yield from reversed([script.revision for script in migrations._scripts().walk_revisions()])


def fill(connection: Connection, number: int) -> Counter[str]:
    """Adds one row to each table, different from those of other numbers. The tables that got one."""
    tables = MetaData()
    tables.reflect(connection)
    filled: Counter[str] = Counter()
    rows: dict[str, dict[str, Any]] = {}
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            rows[table.name] = {column.name: value(column, number, rows) for column in table.columns}
            connection.execute(insert(table).values(rows[table.name]))
            filled[table.name] += 1
    return filled


def value(column: Column[Any], number: int, rows: dict[str, dict[str, Any]]) -> Any:
    """What one row's column holds: of a foreign key, what the row holds that it refers to."""
    for key in column.foreign_keys:
        name, target = key.column.table.name, key.column.name
        if name in rows:
            return rows[name][target]
        return None  # refers to its own table, or to one that is filled later
    if isinstance(column.type, kinds.Boolean):
        return False
    if isinstance(column.type, kinds.Integer | kinds.Float):
        return number
    if isinstance(column.type, kinds.DateTime):
        return NOW + timedelta(days=number)
    if isinstance(column.type, kinds.LargeBinary):
        return b"1"
    if isinstance(column.type, kinds.Date):
        return NOW.date() + timedelta(days=number)
    if isinstance(column.type, JSON):
        return []
    return FORMS.get(column.name, f"{column.name} {{}}").format(number)[: getattr(column.type, "length", None) or 200]


def counted(connection: Connection, names: list[str]) -> dict[str, int]:
    tables = [Table(name, MetaData()) for name in names]
    return {each.name: connection.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    opened = Database(empty_database_url)
    yield opened
    opened.close()


def test_a_row_of_every_table_and_every_release_comes_to_the_newest_schema(database: Database) -> None:
    written: Counter[str] = Counter()
    for number, revision in enumerate(revisions(), 1):
        migrations.upgrade(database.engine, revision)
        with database.engine.begin() as connection:
            written += fill(connection, number)
    assert migrations.revision(database.engine) == migrations.head()
    with database.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        kept = counted(connection, [name for name in names if name != "alembic_version"])
        lost = {name: count - kept.get(name, 0) for name, count in written.items() if kept.get(name, 0) < count}
        assert lost.keys() - EMPTIED == set()
        if database.engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        else:
            # Only here, since what SQLite tells of types and of constraints is not all that it keeps.
            compared = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(compared, metadata()) == []
    with database.transaction() as session:
        for mapper in Base.registry.mappers:
            assert len(session.scalars(select(mapper.class_)).all()) == kept[mapper.local_table.name]  # type: ignore[attr-defined]


def test_an_upgrade_that_fails_leaves_the_schema_as_it_was(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the disk is full in its middle: the next start does it whole."""
    migrations.upgrade(database.engine, "0033")
    before = inspect(database.engine).get_table_names()

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", fail)
        with pytest.raises(OSError, match="no space"):
            migrations.upgrade(database.engine)
    assert (migrations.revision(database.engine), inspect(database.engine).get_table_names()) == ("0033", before)
    migrations.upgrade(database.engine)
    assert migrations.revision(database.engine) == migrations.head()
