"""The effect of a message happens once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.conversations.models import Done
from bot.conversations.once import KEPT_FOR, forget_done, once
from bot.db import Database
from bot.sealing import Sealer

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
SEALER = Sealer(Fernet.generate_key())


def test_asked_again_it_tells_what_it_did_and_does_nothing(database: Database) -> None:
    done: list[str] = []

    def do() -> str:
        done.append("filed")
        return f"查询码 K7M2-9QXD，第 {len(done)} 次"

    for _ in range(3):
        with database.transaction() as session:
            assert once(session, SEALER, "c1 1 file", NOW, do) == "查询码 K7M2-9QXD，第 1 次"
    assert done == ["filed"]
    with database.transaction() as session:
        (kept,) = session.scalars(select(Done))
        assert "K7M2" not in kept.result_sealed
        assert once(session, SEALER, "c1 2 file", NOW, lambda: "另一次") == "另一次"


def test_what_failed_was_not_done(database: Database) -> None:
    def fail() -> str:
        raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"), database.transaction() as session:
        once(session, SEALER, "k", NOW, fail)
    with database.transaction() as session:
        assert once(session, SEALER, "k", NOW, lambda: "done now") == "done now"


def test_it_is_forgotten_when_nobody_asks_again(database: Database) -> None:
    with database.transaction() as session:
        once(session, SEALER, "k", NOW, lambda: "x")
        forget_done(session, NOW + KEPT_FOR)
        assert session.scalars(select(Done)).all() != []
        forget_done(session, NOW + KEPT_FOR * 2)
        assert session.scalars(select(Done)).all() == []
