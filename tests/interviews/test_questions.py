"""What is done with talks and their questions, without pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.answering import answered_in_public
from actions.talks import talks_asked_for
from bot.db import Database, utcnow
from bot.interviews import questions, service
from bot.interviews.index import answered_alike, listed_interviews
from bot.interviews.models import Question
from bot.interviews.terms import InterviewRefused, NoSuchInterview, QuestionState, State
from bot.privacy.kinds import Kind
from bot.privacy.retention import sweep
from bot.replies.interviews import answered_in_talk, standing
from bot.settings import Settings
from bot.staff.accounts import get_person
from tests.databases import in_memory
from tests.interviews.talks import ANSWER, ASKED, GUEST, announce, answered, ask, begin, end, fields, held
from tests.web.console import fill


@pytest.fixture
def session() -> Iterator[Session]:
    with in_memory(fill) as database, database.transaction() as opened:
        yield opened


def test_what_is_wrong_in_the_form_of_a_talk_is_said(session: Session) -> None:
    for changes, said in (
        ({"title": " "}, "请写主题"),
        ({"topic": "看javascript:alert(1)"}, "链接"),
        ({"department": "XX"}, "请选主办的部门"),
        ({"guests": "李明"}, "姓名和职务"),
        ({"guests": ""}, "请写嘉宾"),
        ({"begins": "明天"}, "请写开始的时间"),
        ({"ends": "2020-01-01T08:00"}, "结束要晚于开始"),
        ({"begins": "2020-01-01T08:00"}, "已经过了"),
        ({"until": "2999-01-01T08:00"}, "提问截止不能晚于结束"),
        ({"until": "2020-01-01T08:00"}, "提问截止的时间已经过了"),
    ):
        with pytest.raises(InterviewRefused, match=said):
            announce(session, **changes)


def test_a_department_announces_only_its_own_talks_and_sees_no_others(session: Session) -> None:
    assert service.checked(session, fields(department="XX"), "GA").department_code == "GA"
    talk = announce(session)
    with pytest.raises(NoSuchInterview):
        service.get_interview(session, talk.id, "SJ")


def test_a_talk_goes_through_its_states_in_order(session: Session) -> None:
    clerk, talk = get_person(session, "clerk"), announce(session)
    for state in (State.ENDED, State.CANCELLED):
        with pytest.raises(InterviewRefused):
            service.move_to(session, talk, state, clerk, utcnow())
    begin(session, talk)
    with pytest.raises(InterviewRefused, match="正在进行"):
        service.move_to(session, talk, State.CANCELLED, clerk, utcnow(), "局长出差")
    end(session, talk)
    assert (talk.state, talk.is_over) == (State.ENDED, True)


def test_questions_are_taken_until_the_announced_instant(session: Session) -> None:
    talk = announce(session)
    assert talk.takes_questions(talk.questions_until - timedelta(seconds=1))
    assert not talk.takes_questions(talk.questions_until)
    service.move_to(session, talk, State.CANCELLED, get_person(session, "clerk"), utcnow(), "局长出差")
    with pytest.raises(InterviewRefused, match="提问已经截止"):
        ask(session, talk)


def test_what_was_asked_is_marked_for_whoever_looks_at_it(session: Session) -> None:
    talk = announce(session)
    assert questions.hold_words(ask(session, talk).question) == ""
    assert "相同" in questions.hold_words(ask(session, talk, f"{ASKED} ", form_id="another").question)
    assert "用语" in questions.hold_words(ask(session, talk, "你们这帮傻 逼什么时候报销").question)
    other = announce(session, title="另一场")
    assert questions.hold_words(ask(session, other, form_id="third").question) == ""


def test_a_form_sent_twice_is_one_question_and_changed_words_are_another(database: Database) -> None:
    fill(database)
    with database.transaction() as session:
        talk = announce(session)
        first, again = ask(session, talk, form_id="a"), ask(session, talk, form_id="a")
        assert (again.question.id, again.is_new) == (first.question.id, False)
        assert again.query_code != first.query_code
        assert ask(session, talk, "门诊能报销多少？", form_id="a").question.id != first.question.id


def test_only_a_question_that_is_taken_up_is_answered_and_only_once_the_talk_began(session: Session) -> None:
    clerk, now, talk = get_person(session, "clerk"), utcnow(), announce(session)
    question = ask(session, talk, f"{ASKED} 我的手机13812345678").question
    with pytest.raises(InterviewRefused):
        questions.publish_answer(session, question, ANSWER, GUEST, clerk, now)
    questions.take_up(session, question, f"{ASKED} 我的手机13812345678", clerk, now)
    assert "13812345678" not in question.question
    questions.keep_answer(question, ANSWER, GUEST)
    with pytest.raises(InterviewRefused, match="还没有开始"):
        questions.publish_answer(session, question, ANSWER, GUEST, clerk, now)
    begin(session, talk)
    with pytest.raises(InterviewRefused, match="哪位嘉宾"):
        questions.publish_answer(session, question, ANSWER, "路人甲", clerk, now)
    questions.publish_answer(session, question, ANSWER, GUEST, clerk, now)
    questions.correct(session, question, "网上备案，次日生效。", GUEST, "生效的时间", clerk, now)
    assert (question.correction, question.answer) == ("生效的时间", "网上备案，次日生效。")


def test_staff_order_what_is_public(session: Session) -> None:
    clerk, now, talk = get_person(session, "clerk"), utcnow(), announce(session)
    begin(session, talk)
    first, second, third = (
        answered(session, talk, words) for words in ("第一个问题？", "第二个问题？", "第三个问题？")
    )
    questions.move(session, third, -1, clerk, now)
    questions.move(session, first, -1, clerk, now)  # nothing is above it
    questions.leave_out(session, second, "问错了", clerk, now)
    assert questions.public_questions(session, talk) == [first, third]


def test_who_asked_is_always_told_how_it_stands(session: Session) -> None:
    clerk, now, talk = get_person(session, "clerk"), utcnow(), announce(session)
    asked = ask(session, talk)
    found = questions.look_up(session, f"ｆｔ {asked.question.id}", asked.query_code, "c", now).question
    assert found is asked.question
    assert questions.look_up(session, asked.question.number, "ABCD-2345", "c", now).question is None
    told = [standing(asked.question)]
    questions.take_up(session, asked.question, ASKED, clerk, now)
    told.append(standing(asked.question))
    questions.leave_out(session, asked.question, "和另一个重复", clerk, now)
    told.append(standing(asked.question))
    other = ask(session, talk, "门诊能报销多少？").question
    begin(session, talk)
    end(session, talk)
    told.append(standing(other))
    assert told == ["收到了，等工作人员审核", "已选用，等嘉宾答复", "没有选用", "访谈已结束，时间有限没有答复"]


def test_the_record_of_a_talk_that_is_over_is_quoted_with_date_and_guest(session: Session) -> None:
    talk, question = held(session)
    live = announce(session, title="正在谈的")
    begin(session, live)
    answered(session, live, "电子社保卡怎么申领，要带什么？")
    assert answered_alike(session, "异地就医备案要去窗口吗") is question
    assert answered_alike(session, "公交卡在哪里办") is None
    assert answered_alike(session, "电子社保卡怎么申领") is None
    reply = answered_in_talk(question)
    assert [one.text for one in answered_in_public(session, "异地就医备案要去窗口吗")] == [reply.text]
    assert f"{GUEST}：“{ANSWER}”" in reply.text
    assert "医保新政策怎么用" in reply.text
    assert reply.custom is not None
    assert (reply.custom["kind"], reply.custom["certainty"]) == ("interview_answer", "likely")
    assert reply.custom["page"] == f"/interviews/{talk.id}#q{question.id}"


def test_talks_are_found_by_title_guest_question_and_answer(session: Session) -> None:
    talk, question = held(session)
    announce(session, title="学校怎么分片", topic="小学入学。", guests="赵刚，教育局局长")
    for text in ("医保新政策", "当天生效", "异地看病备案"):
        found = listed_interviews(session, text)
        assert [one.interview for one in found] == [talk], text
    assert [one.id for one in listed_interviews(session, "备案")[0].found] == [question.id]
    assert [one.interview.title for one in listed_interviews(session, "赵刚")] == ["学校怎么分片"]
    assert listed_interviews(session, "没有这样的事xyz") == []


def test_what_is_private_goes_in_time_and_the_record_stays(tmp_path: Path) -> None:
    settings = Settings.from_environment({"VAR_DIR": str(tmp_path)})
    with in_memory(fill) as database:
        with database.transaction() as session:
            talk, _ = held(session)
            held(session)
            talk.closed_at = utcnow() - timedelta(days=1096)
        assert sweep(database, settings, utcnow(), is_trial=True)[Kind.QUESTIONS] == 1
        sweep(database, settings, utcnow())
        with database.transaction() as session:
            emptied, kept = session.scalars(select(Question).order_by(Question.id)).all()
            assert (emptied.state, emptied.answer, emptied.question) == (QuestionState.ANSWERED, ANSWER, ASKED)
            assert (emptied.words, emptied.contact, emptied.query_code_hash) == ("", "", "")
            assert kept.words == ASKED
            assert questions.look_up(session, emptied.number, "ABCD-2345", "c", utcnow()).question is None


def test_questions_without_a_public_answer_are_deleted_when_their_time_is_over(session: Session) -> None:
    talk = announce(session)
    asked = ask(session, talk).question
    assert session.scalars(questions.expired_questions(talk.ends_at)).all() == []
    ids = session.scalars(questions.expired_questions(talk.ends_at + timedelta(seconds=1))).all()
    assert ids == [asked.id]
    questions.forget_questions(session, ids)
    assert session.scalars(select(Question.id)).all() == []


def test_a_conversation_is_told_which_talks_there_are(session: Session) -> None:
    none = talks_asked_for(session, "有没有在线访谈")
    assert none is not None
    assert none.text.startswith("眼下没有")
    announce(session)
    told = talks_asked_for(session, "最近有什么在线访谈")
    assert told is not None
    assert "医保新政策怎么用（预告" in told.text
    assert talks_asked_for(session, "访谈里说医保报销有新政策，报销要带什么材料") is None
