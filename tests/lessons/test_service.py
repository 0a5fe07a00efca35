from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.db import Database
from bot.lessons import service
from bot.lessons.acts import write_acts
from bot.lessons.labels import Label, LessonRefused, LessonState, intents
from bot.settings import Settings
from tests.lessons.classroom import LOST_CARD, add_items, ask, teach
from tests.reviews.town import NOON, add_person

ABSENT = Label("ask_place", should_be_refused=True, absent_matter="无人机飞行申请")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        add_items(opened)
        yield opened


def test_a_lesson_waits_for_another_person(session: Session) -> None:
    author, reviewer = add_person(session, "王芳"), add_person(session, "李明")
    lesson = service.propose(session, "卡套丢了要带啥", LOST_CARD, author, NOON)
    assert (lesson.state, lesson.facets) == (LessonState.PROPOSED, ["materials"])
    with pytest.raises(LessonRefused, match="由别人复核"):
        service.review(session, lesson, author, NOON, approve=True)
    service.review(session, lesson, reviewer, NOON, approve=True)
    assert service.approved(session) == [lesson]
    with pytest.raises(LessonRefused, match="已采用"):
        service.review(session, lesson, reviewer, NOON, approve=False, why="不对")


@pytest.mark.parametrize(
    ("label", "intent", "outcomes"),
    [
        (Label("", answer="doc:guide#第三条"), "ask_policy", ("doc:guide#第三条",)),
        (Label("", answer="route:LX-020"), "ask_route", ("route:LX-020",)),
        (LOST_CARD, "ask_materials", ("item:GA-003:materials",)),
        (Label("ask_fee", ("GA-003",), ("result",)), "ask_fee", ("item:GA-003:fee+result",)),
        (ABSENT, "ask_place", ("absent:无人机飞行申请",)),
        (Label("complain"), "complain", ()),
    ],
)
def test_a_lesson_names_an_answer_or_an_act(
    session: Session, label: Label, intent: str, outcomes: tuple[str, ...]
) -> None:
    lesson = service.propose(session, "卡套丢了要带啥", label, add_person(session, "王芳"), NOON)
    assert (lesson.intent, service.label_of(lesson).outcomes) == (intent, outcomes)


def test_approved_acts_are_written_for_the_engine(session: Session, tmp_path: Path) -> None:
    author, reviewer = add_person(session, "王芳"), add_person(session, "李明")
    teach(session, "卡套丢了要带啥", LOST_CARD, author, reviewer)
    teach(session, "井盖坏了好多天", Label("complain"), author, reviewer)
    teach(session, "你好呀", Label("greet"), author, reviewer)
    service.propose(session, "路灯也坏了", Label("complain"), author, NOON)
    settings = Settings.from_environment({"VAR_DIR": str(tmp_path)})
    write_acts(session, settings)
    assert sorted(json.loads(settings.taught_acts_path.read_text(encoding="utf-8")).values()) == ["ask", "complain"]


def test_a_rejection_says_why(session: Session) -> None:
    lesson = service.propose(session, "卡套丢了", LOST_CARD, add_person(session, "王芳"), NOON)
    reviewer = add_person(session, "李明")
    with pytest.raises(LessonRefused, match="理由"):
        service.review(session, lesson, reviewer, NOON, approve=False)
    service.review(session, lesson, reviewer, NOON, approve=False, why="不是身份证")
    assert (lesson.state, lesson.why, service.approved(session)) == (LessonState.REJECTED, "不是身份证", [])


def test_personal_data_never_enters_a_lesson(session: Session) -> None:
    lesson = service.propose(
        session, "我叫王小明，电话13800138000，身份证丢了", LOST_CARD, add_person(session, "王芳"), NOON
    )
    assert lesson.text == "我叫[姓名]，电话[手机号]，身份证丢了"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (Label("", answer="item:GA-003"), "文件段落和去处"),
        (Label("", answer="doc:" + "长" * 300), "文件段落和去处"),
        (Label("", ("GA-003",), answer="route:LX-020"), "不要再选事项"),
        (Label("ask_weather"), "没有“ask_weather”这个意图"),
        (Label("nlu_fallback"), "没有“nlu_fallback”这个意图"),
        (Label("ask_fee", ("XX-999",)), "目录里没有事项：XX-999"),
        (Label("greet", ("GA-003",)), "不针对事项"),
        (Label("ask_joint_service"), "一件事"),
        (Label("ask_fee", facets=("colour",)), "没有“colour”这个要素"),
        (Label("ask_fee", absent_matter="无人机"), "不该回答"),
        (Label("out_of_scope"), "不该回答"),
        (Label("ask_fee", should_be_refused=True), "写出目录里没有的事项名称"),
        (Label("ask_fee", ("GA-003",), should_be_refused=True, absent_matter="无人机"), "不要选事项"),
        (Label("greet", should_be_refused=True, absent_matter="无人机"), "哪一项要素"),
        (Label("ask_fee", should_be_refused=True, absent_matter="长" * 41), "最多 40 个字"),
    ],
)
def test_what_makes_no_sense_is_not_taught(session: Session, label: Label, said: str) -> None:
    with pytest.raises(LessonRefused, match=said):
        service.propose(session, "怎么回事", label, add_person(session, "王芳"), NOON)


@pytest.mark.parametrize("text", ["", "  ？！", "长" * 201])
def test_a_lesson_needs_words_and_not_too_many(session: Session, text: str) -> None:
    with pytest.raises(LessonRefused):
        service.propose(session, text, LOST_CARD, add_person(session, "王芳"), NOON)


def test_a_whole_cluster_is_taught_at_one_go_and_each_wording_once(session: Session) -> None:
    author = add_person(session, "王芳")
    messages = [ask(session, text) for text in ("无人机去哪报", "无人机去哪报？", "飞无人机找谁", "打13800138000")]
    lessons = service.propose_many(session, [message.id for message in messages[:3]], ABSENT, author, NOON)
    assert [lesson.text for lesson in lessons] == ["无人机去哪报", "飞无人机找谁"]
    assert lessons[0].message_id == messages[0].id
    assert service.propose_many(session, [messages[2].id], ABSENT, author, NOON) == [lessons[1]]
    assert service.lessons_of_message(session, messages[2].id) == [lessons[1]]
    assert service.propose_for_message(session, messages[3].id, ABSENT, author, NOON).text == "打[手机号]"
    with pytest.raises(LessonRefused, match="没有这些消息"):
        service.propose_many(session, [999], ABSENT, author, NOON)


def test_of_two_lessons_about_the_same_words_the_later_counts(session: Session) -> None:
    author, reviewer = add_person(session, "王芳"), add_person(session, "李明")
    teach(session, "卡套丢了", LOST_CARD, author, reviewer)
    later = service.propose(session, "卡套丢了！", ABSENT, author, NOON)
    service.review(session, later, reviewer, NOON + timedelta(hours=1), approve=True)
    assert service.approved(session) == [later]


def test_what_was_taught_wrongly_is_withdrawn_with_a_reason(session: Session) -> None:
    author, reviewer = add_person(session, "王芳"), add_person(session, "李明")
    waiting = service.propose(session, "别的问题", LOST_CARD, author, NOON)
    with pytest.raises(LessonRefused, match="只有提出人"):
        service.withdraw(session, waiting, reviewer, NOON, "多余")
    service.withdraw(session, waiting, author, NOON)
    lesson = teach(session, "卡套丢了", LOST_CARD, author, reviewer)
    with pytest.raises(LessonRefused, match="理由"):
        service.withdraw(session, lesson, reviewer, NOON)
    service.withdraw(session, lesson, reviewer, NOON, "教错了")
    assert (lesson.state, lesson.why) == (LessonState.WITHDRAWN, "教错了")
    assert service.approved(session) == []
    assert len(service.lessons(session)) == 2
    assert service.lessons(session, LessonState.WITHDRAWN, newest=1) == [lesson]


def test_every_intent_of_the_domain_can_be_taught_but_the_fallback() -> None:
    assert "ask_materials" in intents()
    assert "nlu_fallback" not in intents()
