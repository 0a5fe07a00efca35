from __future__ import annotations

from bot.conversations.subjects import SUBJECTS, ApprovalItem, Handoff, Smalltalk, Subject, written
from bot.evaluation.cases import ConversationCase, TurnCase
from bot.evaluation.scoring import conversation_flaw
from bot.evaluation.titles import KIND_TITLES

PERSON = TurnCase("我要找人工", "handoff", None, (), (), None)
FEE = TurnCase("居住证多少钱", "approval_item", "GA-006", (), ("fee",), None)


def flaw(turn: TurnCase, *about: Subject) -> str | None:
    replies = [{"text": "", "custom": written(one)} for one in about]
    return conversation_flaw(ConversationCase("a", (turn,)), [replies])


def test_what_went_wrong_in_a_conversation_is_said_in_chinese() -> None:
    assert {subject.kind for subject in SUBJECTS} == set(KIND_TITLES)
    assert flaw(PERSON, Handoff(None, True)) is None
    assert flaw(PERSON, Smalltalk("greet")) == "“我要找人工”：寒暄，应当转人工"
    assert flaw(PERSON) == "“我要找人工”：没有答复，应当转人工"
    assert flaw(FEE, ApprovalItem("GA-003", "居民身份证补领", "fee", {})) == (
        "“居住证多少钱”：答的是 GA-003，应当是 GA-006"
    )
    assert flaw(FEE, ApprovalItem("GA-006", "居住证申领", "place", {})) == (
        "“居住证多少钱”：答的要素是去哪办，应当是收费"
    )
