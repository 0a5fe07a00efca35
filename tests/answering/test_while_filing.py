"""Questions in the middle of a filing, on the sample city."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.answering import answer_question
from actions.memory import FilingTalk
from bot.disclosures.draft import Said
from tests.actions.test_approvals import turn


def test_a_question_while_a_request_is_filed_is_about_the_request(session: Session) -> None:
    asked = {"text": "这个要钱吗", "intent": "ask_fee", "facets": ["fee"]}
    (nothing,) = answer_question(session, turn(**asked)).replies
    assert nothing.as_message()["custom"]["kind"] == "fallback"
    told, *_ = answer_question(session, turn(**asked, filing=FilingTalk(Said.ANSWERED))).replies
    assert told.as_message()["custom"]["sources"][0]["document"] == "云河市政府信息公开申请指南"
