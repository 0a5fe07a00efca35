"""A release changes the schema so that the release before it can serve beside it."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData, text

from bot import migrations
from bot.db import Database
from bot.migrations.expansion import contractions
from tests.databases import in_memory

# The newest revisions that are looked at; older ones were when they were the newest.
NEWEST = 3
# Revision → the release from which on nobody needs what it takes away. It may come with a later release than that.
CONTRACTIONS: dict[str, str] = {}


def test_the_newest_migrations_only_add() -> None:
    """Or are named in `CONTRACTIONS`: docs/operating.md, "Updating one machine after the other"."""
    revisions = [script.revision for script in migrations._scripts().walk_revisions()][: NEWEST + 1][::-1]
    database = Database("sqlite://")
    migrations.upgrade(database.engine, revisions[0])
    taken: dict[str, list[str]] = {}
    for revision in revisions[1:]:
        known = MetaData()
        with database.engine.connect() as connection:
            known.reflect(connection)
        migrations.upgrade(database.engine, revision)
        with database.engine.connect() as connection:
            taken[revision] = contractions(known, connection)
    assert {revision: lost for revision, lost in taken.items() if lost and revision not in CONTRACTIONS} == {}


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ("CREATE TABLE news (id INTEGER PRIMARY KEY)", None),
        ("ALTER TABLE city ADD COLUMN motto VARCHAR", None),
        ("ALTER TABLE city ADD COLUMN motto VARCHAR NOT NULL DEFAULT ''", None),
        ("CREATE INDEX ix_news ON messages (outcome)", None),
        ("ALTER TABLE switches RENAME COLUMN off_since TO since", "column switches.off_since is gone"),
        ("DROP TABLE gap_messages", "table gap_messages is gone"),
        ("CREATE UNIQUE INDEX uq_news ON messages (outcome)", "table messages has a new rule: unique outcome"),
    ],
)
def test_an_older_program_takes_a_newer_schema_if_it_only_has_more(change: str, lacking: str | None) -> None:
    with in_memory() as database:
        with database.engine.begin() as connection:
            connection.execute(text(change))
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        if lacking is None:
            migrations.upgrade(database.engine)
        else:
            with pytest.raises(migrations.UpgradeFailed, match=lacking):
                migrations.upgrade(database.engine)
        assert migrations.revision(database.engine) == "9999"
