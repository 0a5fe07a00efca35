"""A letter that asks two things is answered twice, in order."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.answering import answer_question
from tests.actions.test_approvals import turn

LETTER = "您好，我的身份证丢了，正好孩子也要出国。请问补领身份证要带什么材料？办护照要多少钱？"
UNSURE = "您好，我刚搬到云河市。请问居住证怎么办理？还有，公共租赁住房怎么申请？麻烦解答一下，谢谢"


def test_two_questions_get_two_answers_in_their_order(session: Session) -> None:
    first, second = answer_question(session, turn(text=LETTER, intent="ask_policy")).replies
    assert [(first.custom or {})["code"], (second.custom or {})["code"]] == ["GA-003", "GA-004"]
    assert first.text.startswith("您问了几件事，一件一件回答：\n1. ")
    assert second.text.startswith("2. ")


def test_what_was_told_of_one_matter_is_not_taken_for_a_case_of_the_other(session: Session) -> None:
    """The identity card was lost, not the passport."""
    _, second = answer_question(session, turn(text=LETTER, intent="ask_policy")).replies
    assert (second.custom or {})["data"]["chosen"] == []


def test_what_is_not_sure_of_both_is_offered_as_likely(session: Session) -> None:
    replies = answer_question(session, turn(text=UNSURE, intent="ask_policy")).replies
    assert [(reply.custom or {}).get("certainty") for reply in replies] == ["likely", "likely"]
    assert "您看看说的是不是您的情况" in replies[0].text


def test_one_question_gets_one_answer(session: Session) -> None:
    replies = answer_question(session, turn(text="身份证丢了怎么补办", intent="ask_process")).replies
    assert [(reply.custom or {}).get("code") for reply in replies] == ["GA-003"]
