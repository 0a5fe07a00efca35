"""The sample city and its index, which the tests of a module only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from bot.answering.service import Answering, answering
from bot.db import Database
from bot.preparation import load_sample_city
from tests.databases import set_up


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    database = Database("sqlite://")
    set_up(database)
    load_sample_city(database)
    with database.transaction() as opened:
        yield opened
    database.close()


@pytest.fixture(scope="module")
def index(session: Session) -> Answering:
    return answering(session)
