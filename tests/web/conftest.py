"""The database that a test of pages runs on: one of the two, by the name of the test.

What differs between the two is the queries, and those are tested on both where they are (`tests/reviews` and so on).
So half of the tests of pages meet the one and half the other, always the same.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from bot.db import Database
from tests.conftest import postgresql_programs
from tests.databases import set_up


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without rows: PostgreSQL for half of the tests, where its server is installed."""
    if zlib.crc32(request.node.name.encode()) % 2 and postgresql_programs():
        url: str = request.getfixturevalue("postgresql_kept_url")
        kept = Database(url)
        set_up(kept)
        kept.close()
        return url
    return f"sqlite:///{tmp_path / 'test.db'}"
