"""The sample city and its index, shared by the tests of a module, which only read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from bot.answering.service import Answering, answering
from bot.running.sample_city import load_sample_city
from tests.databases import in_memory


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with in_memory(load_sample_city) as database, database.transaction() as opened:
        yield opened


@pytest.fixture(scope="module")
def index(session: Session) -> Answering:
    return answering(session)
