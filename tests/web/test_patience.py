"""Work of the database while it is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from bot.web import patience
from bot.web.patience import once_there

AWAY = psycopg.OperationalError("connection refused")
WRONG = psycopg.errors.SyntaxError("SELECT FROM")


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE", timedelta(0))
    monkeypatch.setattr(patience, "LONGEST_PAUSE", timedelta(0))


def failing(*errors: psycopg.Error) -> Callable[[], str]:
    """Work that fails so, and then works."""
    left = list(errors)

    def work() -> str:
        if left:
            raise OperationalError(None, None, left.pop(0))
        return "done"

    return work


async def test_work_is_done_again_until_the_database_is_back() -> None:
    assert await once_there(60, failing(AWAY, AWAY)) == "done"


@pytest.mark.parametrize(("within_seconds", "error"), [(-1, AWAY), (60, WRONG)])
async def test_what_waiting_does_not_mend_is_told_at_once(within_seconds: float, error: psycopg.Error) -> None:
    with pytest.raises(OperationalError):
        await once_there(within_seconds, failing(error))
