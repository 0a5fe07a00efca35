from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.lessons import service
from bot.lessons.export import export
from bot.lessons.impact import impact, not_trained
from bot.lessons.labels import Label
from bot.settings import Settings
from tests.databases import in_memory
from tests.lessons.classroom import LOST_CARD, add_items, ask, teach
from tests.reviews.town import NOON, add_person


@pytest.fixture
def database() -> Iterator[Database]:
    with in_memory(_with_items) as opened:
        yield opened


def _with_items(database: Database) -> None:
    with database.transaction() as session:
        add_items(session)


DRONE = Label("ask_overview", should_be_refused=True, absent_matter="无人机飞行申请")


def test_messages_whose_nearest_wording_would_be_a_lesson_of_another_meaning_change(database: Database) -> None:
    with database.transaction() as session:
        for text in ("公园里飞无人机要审批吗", "公园里飞无人机要审批吗？", "今天天气怎么样"):
            ask(session, text)
        ask(session, "公园里飞无人机要审批不", Outcome.WITH_PERSON)
        author = add_person(session, "王芳")
        lesson = service.propose(session, "公园飞无人机要审批吗", DRONE, author, NOON)
        found = impact(session, [lesson], NOON)
        assert [(one.text, one.count, one.lesson) for one in found.changed] == [("公园里飞无人机要审批吗？", 2, lesson)]
        assert (found.lesson_count, found.message_count, found.changed_count) == (1, 3, 2)
        assert found.changed[0].before != DRONE
        assert impact(session, [lesson], NOON + timedelta(seconds=1)).changed == []
        # Another lesson that says the same changes nothing any more.
        teach(session, "公园里飞无人机要审批吗", DRONE, author, add_person(session, "张三"))
        assert impact(session, [lesson], NOON).changed == []


def test_what_the_live_model_has_learnt_waits_for_no_training(database: Database, tmp_path: Path) -> None:
    settings = Settings.from_environment({"VAR_DIR": str(tmp_path)})
    with database.transaction() as session:
        author, reviewer = add_person(session, "王芳"), add_person(session, "张三")
        learnt = teach(session, "身份证丢了要拿什么", LOST_CARD, author, reviewer)
        assert not_trained(session, settings, None) == [learnt]
        live = export(settings, service.approved(session))
        assert not_trained(session, settings, live) == []
        new = teach(session, "公园飞无人机要审批吗", DRONE, author, reviewer)
        assert not_trained(session, settings, live) == [new]
