"""Cases answered before that are about the same."""

from __future__ import annotations

from bot.db import Database
from bot.reviews import handling
from bot.reviews.similar import similar_answered
from tests.reviews.town import NOON, add_person, open_case


def test_answered_cases_that_share_the_words_are_found_with_their_masked_answer(database: Database) -> None:
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        texts = ("居住证丢了怎么补", "公积金怎么提取", "居住证怎么补办")
        cases = [open_case(session, f"c{n}", text=text) for n, text in enumerate(texts)]
        for case in cases[:2]:
            handling.claim(session, case, clerk, NOON)
            handling.reply(session, case, clerk, NOON, f"{case.question}：打13812345678", is_final=True)
        found = similar_answered(session, cases[2], cases[2].question, seen_by=clerk)
        assert [(one.case.id, one.answer) for one in found] == [(cases[0].id, "居住证丢了怎么补：打[手机号]")]
        assert similar_answered(session, cases[2], "？", seen_by=clerk) == []
