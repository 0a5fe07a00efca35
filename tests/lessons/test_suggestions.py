from __future__ import annotations

from bot.db import Database
from bot.lessons.labels import Label
from bot.lessons.suggestions import Origin, suggestions_for
from tests.lessons.classroom import add_items, teach
from tests.reviews.town import add_person


def test_what_alike_texts_were_taught_is_suggested_lessons_first(database: Database) -> None:
    label = Label("ask_overview", (), (), True, "无人机飞行申请")
    with database.transaction() as session:
        add_items(session)
        assert all(one.label != label for one in suggestions_for(session, "公园飞无人机"))
        teach(session, "公园飞无人机要审批吗", label, add_person(session, "王芳"), add_person(session, "李明"))
        first = suggestions_for(session, "公园飞无人机", count=1)
        assert [(one.label, one.origin) for one in first] == [(label, Origin.LESSON)]


def test_what_ships_as_training_data_is_suggested_too(database: Database) -> None:
    with database.transaction() as session:
        found = suggestions_for(session, "办临时身份证要带几张照片")
        assert found[0].label == Label("ask_materials", (), (), True, "临时居民身份证")
        assert found[0].origin == Origin.EXAMPLE
        assert found[0].likeness > 0.99
        assert len({one.label for one in found}) == len(found)
        assert suggestions_for(session, "жж") == []
