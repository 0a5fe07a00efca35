"""Whether a schema has only grown since a program was written, so that the program can still work on it.

A new release changes the schema in two steps, so that the release before it can serve beside it: it first adds
(expansion), and a later one takes away what nobody needs any more (contraction). An older program accepts a schema that
only has more than it knows. What no schema shows is not seen here: new meanings of old columns, triggers, and rows of
new tables that refer to rows which the older program would delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import CheckConstraint, Column, Connection, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.types import TypeDecorator, TypeEngine

ALEMBICS_OWN = "alembic_version"


def contractions(known: MetaData, connection: Connection) -> list[str]:
    """What a program with the tables `known` cannot live with in the database, a phrase each; empty if it only grew."""
    found = MetaData()
    found.reflect(connection)
    return [
        phrase
        for table in known.sorted_tables
        if table.name != ALEMBICS_OWN
        for phrase in _of_table(table, found.tables.get(table.name))
    ]


def _of_table(known: Table, found: Table | None) -> Iterator[str]:
    if found is None:
        yield f"table {known.name} is gone"
        return
    for column in known.columns:
        yield from _of_column(column, found.columns.get(column.name))
    for column in found.columns:
        if column.name not in known.columns and not _may_be_left_out(column):
            yield f"column {column} is new and must be filled"
    for name in sorted(_rules(found, known.columns.keys()) - _rules(known, known.columns.keys())):
        yield f"table {known.name} has a new rule: {name}"


def _of_column(known: Column[object], found: Column[object] | None) -> Iterator[str]:
    if found is None:
        yield f"column {known} is gone"
        return
    if _kind(known.type) != _kind(found.type):
        yield f"column {known} is of another type: {found.type}"
    if known.nullable and not found.nullable:
        yield f"column {known} must be filled now"


def _may_be_left_out(column: Column[object]) -> bool:
    return bool(column.nullable) or column.server_default is not None or column.identity is not None


def _kind(type_: TypeEngine[object]) -> type:
    return (type_.impl_instance if isinstance(type_, TypeDecorator) else type_).python_type


def _rules(table: Table, known: Iterable[str]) -> frozenset[str]:
    """What may refuse a row: unique columns, checks, and references of columns in `known`."""
    names = set(known)
    unique = {
        tuple(sorted(column.name for column in rule.columns))
        for rule in (*table.constraints, *table.indexes)
        if isinstance(rule, UniqueConstraint) or (isinstance(rule, Index) and rule.unique)
    }
    references = {(key.parent.name, key.column.table.name) for key in table.foreign_keys if key.parent.name in names}
    checks = {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint) and each.name}
    return frozenset(
        {
            *(f"unique {', '.join(columns)}" for columns in unique if names.issuperset(columns)),
            *(f"{column} refers to {other}" for column, other in references),
            *(f"check {name}" for name in checks),
        }
    )
