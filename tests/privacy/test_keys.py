"""After a change of keys, sealed data stay readable, and nothing is left that only the old key opens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import MetaData, Table, create_engine, insert, select

from bot.conversations import service as conversations
from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.trackers import EVENTS
from bot.db import Database
from bot.running import resealing
from bot.running.resealing import reseal, seal_old_trackers, sealed_tables
from bot.sealing import KeyRing, Sealer, is_sealed, kept_ring, own_sealer
from bot.settings import Settings
from tests.databases import set_up

NOW = datetime(2026, 11, 27, 4, tzinfo=UTC)
SAID = "我叫阚鹤翎"

Bot = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    """`python -m bot …` with keys in a folder of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in ("IDENTITY_KEY", "DATABASE_URL")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            env={**environment, "VAR_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def settings_of(folder: Path) -> Settings:
    return Settings.from_environment({"VAR_DIR": str(folder)})


def kept(database: Database, table: str, column: str) -> list[str]:
    """The values in the database, oldest first: PostgreSQL returns changed rows in any order."""
    whole = Table(table, MetaData(), autoload_with=database.engine)
    with database.engine.connect() as connection:
        return list(connection.scalars(select(whole.c[column]).order_by(*whole.primary_key)))


def test_what_is_said_is_sealed_in_the_database_and_open_in_python(database: Database) -> None:
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, "c", "portal", NOW)
        message = conversations.store_message(session, conversation, SAID, NOW)
        how = Provenance(Outcome.SMALLTALK)
        conversations.store_answer(session, message.id, [{"text": f"您好，{SAID}"}], how, NOW)
    with database.transaction() as session:
        (found,) = session.scalars(select(Message))
        assert (found.text, found.replies) == (SAID, [{"text": f"您好，{SAID}"}])
    assert all(map(is_sealed, kept(database, "messages", "text") + kept(database, "messages", "replies")))


def test_every_batch_is_sealed_again_under_the_newest_key(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "BATCH_ROWS", 3)
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, "c", "portal", NOW)
        for number in range(7):
            conversations.store_message(session, conversation, f"{SAID}{number}", NOW)
    (old,) = KeyRing.parse(os.environ["IDENTITY_KEY"]).keys
    new = Sealer(Fernet.generate_key(), old)
    done = reseal(database.engine, sealed_tables(), new)
    assert (done.count, done.lost) == (14, 0)
    assert [new.open(text) for text in kept(database, "messages", "text")] == [f"{SAID}{n}" for n in range(7)]
    assert all(new.is_newest(text) for text in kept(database, "messages", "text"))
    assert reseal(database.engine, sealed_tables(), new).count == 0


def test_what_no_key_opens_is_counted_and_left_alone(database: Database) -> None:
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, "c", "portal", NOW)
        conversations.store_message(session, conversation, SAID, NOW)
    before = kept(database, "messages", "text")
    assert reseal(database.engine, sealed_tables(), Sealer(Fernet.generate_key())).lost == 2
    assert kept(database, "messages", "text") == before


def test_the_command_makes_a_key_seals_again_and_forgets_the_old_one_when_told(bot: Bot, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    first = Sealer.of(settings)
    database = Database(settings.database_url)
    set_up(database)
    drafts = Table("disclosure_drafts", MetaData(), autoload_with=database.engine)
    with database.engine.begin() as connection:
        row = {"conversation_id": "c", "sealed": first.seal(SAID), "changed_at": NOW.replace(tzinfo=None)}
        connection.execute(insert(drafts).values(row))

    assert "Sealed again: 1." in bot("keys", "rotate").stdout
    ring, second = kept_ring(settings.identity_key_path), Sealer.of(settings)
    assert len(ring.keys) == 2
    assert second.digest("x") == first.digest("x")
    (sealed,) = kept(database, "disclosure_drafts", "sealed")
    assert second.is_newest(sealed)
    assert second.open(first.seal("before")) == "before"

    assert "newest key is left" in bot("keys", "drop-old").stdout
    last = Sealer.of(settings)
    assert kept_ring(settings.identity_key_path).keys == ring.keys[:1]
    assert last.open(sealed) == SAID
    assert last.digest("x") == first.digest("x")
    database.close()


def test_a_key_that_still_seals_something_is_not_forgotten(bot: Bot, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    bot("keys", "rotate")
    (_, old) = kept_ring(settings.identity_key_path).keys
    database = Database(settings.database_url)
    drafts = Table("disclosure_drafts", MetaData(), autoload_with=database.engine)
    with database.engine.begin() as connection:
        row = {"conversation_id": "c", "sealed": Sealer(old).seal(SAID), "changed_at": NOW.replace(tzinfo=None)}
        connection.execute(insert(drafts).values(row))
    database.close()
    refused = bot("keys", "drop-old")
    assert refused.returncode != 0
    assert "1 texts are still sealed" in refused.stderr
    assert "Sealed again: 1." in bot("keys", "rotate", "--go-on").stdout
    assert bot("keys", "drop-old").returncode == 0


def test_conversations_of_rasa_that_an_older_version_left_in_clear_are_sealed(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    rasa = create_engine(f"sqlite:///{settings.trackers_path}")
    EVENTS.metadata.create_all(rasa)
    with rasa.begin() as connection:
        connection.execute(insert(EVENTS).values(sender_id="c", timestamp=1.0, data='{"text": "K7M2-9QXD"}'))
    seal_old_trackers(settings)
    with rasa.connect() as connection:
        (data,) = connection.scalars(select(EVENTS.c.data))
    rasa.dispose()
    assert own_sealer().open(data) == '{"text": "K7M2-9QXD"}'
    assert b"K7M2" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
