from __future__ import annotations

from datetime import timedelta

from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.lessons import service
from bot.lessons.clusters import clusters, groups
from bot.lessons.labels import Label
from tests.lessons.classroom import ask
from tests.reviews.town import NOON, add_person

DRONES = ["无人机在公园飞要审批吗", "公园飞无人机要不要审批", "无人机飞行要审批吗", "公园里能飞无人机吗要审批吗"]
PETS = ["养狗要办狗证吗", "狗证怎么办", "办狗证要带狗吗"]


def test_alike_texts_come_together_and_others_stay_apart() -> None:
    found = groups([*DRONES, *PETS, "今天天气怎么样"])
    assert sorted(map(sorted, found)) == [[0, 1, 2, 3], [4, 5, 6], [7]]
    assert groups([]) == []
    assert groups(["一句"]) == [[0]]


def test_unanswered_questions_are_grouped_biggest_first(database: Database) -> None:
    with database.transaction() as session:
        for text in (*PETS, *DRONES, DRONES[0] + "？", "我叫王小明，打13800138000"):
            ask(session, text, Outcome.ASKED_BACK)
        ask(session, "护照多少钱", Outcome.ANSWERED_BY_RECORD)
        found = clusters(session, NOON)
        assert [cluster.size for cluster in found] == [5, 3, 1]
        assert {text.rstrip("？") for text in found[0].texts} == {*DRONES}
        assert found[2].texts == ("我叫[姓名]，打[手机号]",)
        assert clusters(session, NOON + timedelta(seconds=1)) == []


def test_what_is_taught_is_not_offered_again(database: Database) -> None:
    with database.transaction() as session:
        for text in (*DRONES, PETS[0]):
            ask(session, text)
        author = add_person(session, "王芳")
        absent = Label("ask_overview", should_be_refused=True, absent_matter="无人机飞行申请")
        service.propose_many(session, clusters(session, NOON)[0].message_ids, absent, author, NOON)
        assert [cluster.texts for cluster in clusters(session, NOON)] == [(PETS[0],)]
