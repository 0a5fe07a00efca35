"""For tests of pages: a clock of limits that stands still, and one of the two databases, by the name of the test.

What differs between the two is the queries, and those are tested on both where they are (`tests/reviews` and so on).
So half of the tests of pages meet the one and half the other, always the same.
"""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from limits.aio.storage import memory

from bot.db import Database
from bot.settings import Settings
from tests.conftest import postgresql_programs
from tests.databases import set_up


@pytest.fixture(autouse=True)
def limits_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits count within a minute or an hour, and on a slow machine the attempts of a test would take longer."""
    now = time.time()
    monkeypatch.setattr(memory, "time", SimpleNamespace(time=lambda: now))


@pytest.fixture(autouse=True)
def indexes(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All tests share the folders of the indexes, because building an index takes seconds. Tests with the same content
    find the index of the first; others do not meet it, since each file is named by its content.
    """
    folder = tmp_path_factory.getbasetemp()
    shared = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "indexes"
    for name in ("answering", "documents", "interviews", "letters"):
        monkeypatch.setattr(Settings, f"{name}_index_path", shared / name)


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
