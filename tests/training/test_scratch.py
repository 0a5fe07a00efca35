from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from bot.catalogue.models import City, Item
from bot.conversations.models import Message
from bot.db import Database
from bot.disclosures.models import Request
from bot.documents.models import Passage
from bot.referrals.models import Route
from bot.running.sample_city import load_sample_city
from bot.settings import Settings
from bot.synonyms.models import Synonym
from bot.training.scratch import scratch
from tests.databases import set_up
from tests.lessons.classroom import ask


def test_a_scratch_assistant_knows_what_the_city_knows_and_nothing_of_its_citizens(tmp_path: Path) -> None:
    settings = Settings.from_environment({"VAR_DIR": str(tmp_path), "REDIS_URL": "redis://localhost"})
    settings.lexicon_path.write_text("{}", encoding="utf-8")
    database = Database(settings.database_url)
    set_up(database, load_sample_city)
    with database.transaction() as session:
        ask(session, "护照多少钱")
    with scratch(settings, database, 7) as apart:
        assert apart.redis_url is None
        assert len({settings.engine_port, settings.actions_port, apart.engine_port, apart.actions_port}) == 4
        assert apart.lexicon_path.read_text(encoding="utf-8") == "{}"
        copy = Database(apart.database_url)
        for table in (City, Item, Passage, Route, Synonym, Request):
            assert count(copy, table) == count(database, table) > 0
        assert (count(database, Message), count(copy, Message)) == (1, 0)
        copy.close()
    assert not apart.var_dir.exists()
    database.close()


def count(database: Database, table: type) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
