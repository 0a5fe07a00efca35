"""The common part of the import commands: migrates the schema, opens one transaction, prints all errors at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from bot.db import Database
from bot.settings import Settings
from bot.tabular import ImportRejected, told


@contextmanager
def import_transaction(settings: Settings) -> Iterator[Session]:
    """Raises `click.ClickException` when the import is rejected, after printing its errors."""
    with errors_told(), migrated_database(settings).transaction() as session:
        yield session


def migrated_database(settings: Settings) -> Database:
    """The database in the newest schema, for imports that need more than one transaction."""
    from bot import migrations  # only here, since no process that answers needs it

    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    return database


@contextmanager
def errors_told(left_out: str = "什么都没有导入") -> Iterator[None]:
    """Prints the errors of a rejected import, causes first, then raises `click.ClickException`.

    Args:
        left_out: what was not loaded because of them.
    """
    try:
        yield
    except ImportRejected as rejected:
        for line in told(rejected.errors):
            click.echo(line, err=True)
        follows = sum(error.follows for error in rejected.errors)
        so = f"，另有 {follows} 行因为它们不对" if follows else ""
        raise click.ClickException(f"共 {len(rejected.errors)} 处错误{so}，{left_out}") from None
