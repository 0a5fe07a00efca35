"""PostgreSQL that hangs, is cut off or is not there: nobody waits for it long, and it is asked when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from benchmarks.tcp_relay import TcpRelay
from bot import punctual_connection
from bot.db import Database, is_away
from bot.running.ports import free_port


@pytest.fixture
async def relay(postgresql_server: str) -> AsyncIterator[TcpRelay]:
    port = make_url(postgresql_server).port
    assert port
    opened = TcpRelay(port)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def database(relay: TcpRelay, postgresql_server: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """Reached over the relay."""
    monkeypatch.setattr(punctual_connection, "ANSWERS_WITHIN_SECONDS", 1.0)
    url = make_url(postgresql_server).set(port=relay.port).render_as_string(hide_password=False)
    opened = Database(url, gives_up=True)
    yield opened
    opened.close()


def one(database: Database) -> int | None:
    with database.transaction() as session:
        return session.scalar(text("SELECT 1"))


async def test_a_connection_that_says_nothing_any_more_is_given_up_and_replaced(
    relay: TcpRelay, database: Database
) -> None:
    def ask_while_it_falls_silent() -> None:
        with database.transaction() as session:
            session.execute(text("SELECT 1"))
            asyncio.run_coroutine_threadsafe(fall_silent(), loop).result()
            session.execute(text("SELECT 1"))

    async def fall_silent() -> None:
        relay.fall_silent()

    loop = asyncio.get_running_loop()
    with pytest.raises(DBAPIError) as raised:
        await asyncio.to_thread(ask_while_it_falls_silent)
    assert is_away(raised.value)
    relay.speak()
    assert await asyncio.to_thread(one, database) == 1


async def test_the_server_itself_ends_a_transaction_whose_client_is_gone(database: Database) -> None:
    def silent_transactions() -> object:
        with database.transaction() as session:
            return session.scalar(text("SHOW idle_in_transaction_session_timeout"))

    assert await asyncio.to_thread(silent_transactions) == "30s"


def test_a_server_that_is_not_there_is_away_and_a_wrong_statement_is_wrong(database_url: str) -> None:
    nowhere = Database(f"postgresql://city@127.0.0.1:{free_port()}/city")
    with pytest.raises(DBAPIError) as raised:
        one(nowhere)
    assert is_away(raised.value)
    here = Database(database_url)
    with pytest.raises(DBAPIError) as raised, here.transaction() as session:
        session.execute(text("SELECT FROM WHERE"))
    assert not is_away(raised.value)
    here.close()
