"""Plain short questions about disclosure that no ranker was shown, each answered with the article it rests on."""

import re

import pytest

from bot.answering.service import Answering, Certainty
from bot.documents.training import SHIPPED_QUESTIONS, read_questions

GUIDE, RULES = "disclosure-application-guide", "disclosure-application-handling-rules"
ASKED = [
    ("怎么申请政府信息公开", {GUIDE}),
    ("信息公开多少天答复", {GUIDE, RULES}),
    ("信息公开能延期多久", {GUIDE, RULES}),
    ("哪些政府信息不予公开", {RULES}),
    ("可以匿名申请信息公开吗", {GUIDE}),
    ("信息公开申请书要写什么", {GUIDE}),
    ("申请信息公开要收费吗", {GUIDE}),
    ("公开申请什么时候算收到", {GUIDE, RULES}),
    ("信息公开最多延长多少个工作日", {GUIDE, RULES}),
    ("会危及公共安全的信息公开吗", {RULES}),
    ("国家秘密的信息能公开吗", {RULES}),
    ("涉及商业秘密的信息能公开吗", {RULES}),
    ("过程性信息可以不公开吗", {RULES}),
    ("行政执法案卷信息能公开吗", {RULES}),
    ("第三方不同意公开怎么办", {RULES}),
    ("第三方逾期不回复意见怎么办", {RULES}),
    ("对信息公开答复不服怎么办", {GUIDE}),
    ("信息公开逾期不答复怎么办", {RULES, GUIDE}),
    ("申请的信息不存在怎么办", {RULES, GUIDE}),
]
ARTICLE = re.compile(r"《(?:政府信息公开条例|行政复议法|行政诉讼法)》第[一二三四五六七八九十]+条")


@pytest.mark.parametrize(("question", "documents"), ASKED)
def test_a_core_question_is_answered_with_its_article(index: Answering, question: str, documents: set[str]) -> None:
    decision = index.decide(question)
    assert decision.certainty is not Certainty.NONE
    best = decision.units[0]
    assert best.owner.removeprefix("doc:").removesuffix(".md") in documents
    assert ARTICLE.search(best.text)


def test_none_of_them_was_shown_to_the_ranker() -> None:
    assert not {question for question, _ in ASKED} & {each.text for each in read_questions(SHIPPED_QUESTIONS)}
