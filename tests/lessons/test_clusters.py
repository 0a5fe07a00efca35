from __future__ import annotations

from datetime import timedelta

from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.lessons import service, set_aside
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


def test_a_short_question_that_follows_another_matter_is_in_no_group(database: Database) -> None:
    with database.transaction() as session:
        ask(session, "你好", Outcome.SMALLTALK, "c1")
        ask(session, "狗证怎么办", conversation_id="c1")
        ask(session, "要收费吗", conversation_id="c1")
        ask(session, DRONES[0], conversation_id="c1")
        ask(session, "要收费吗", Outcome.ASKED_BACK)
        found = {cluster.texts[0]: cluster.size for cluster in clusters(session, NOON)}
        assert found == {"狗证怎么办": 1, DRONES[0]: 1, "要收费吗": 1}


def test_what_needs_no_teaching_is_not_offered_until_it_is_taken_up_again(database: Database) -> None:
    with database.transaction() as session:
        for text in (*DRONES, "今天天气怎么样", "今天天气怎么样？"):
            ask(session, text)
        person = add_person(session, "王芳")
        for _ in range(2):
            set_aside.set_aside(session, ["今天天气怎么样"], person, NOON)
        assert [cluster.size for cluster in clusters(session, NOON)] == [4]
        (aside,) = clusters(session, NOON, are_set_aside=True)
        assert aside.size == 2
        set_aside.take_up(session, aside.texts)
        assert [cluster.size for cluster in clusters(session, NOON)] == [4, 2]
