"""Spoken wordings, and the clause of a message that asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.questions import asking_clause
from bot.language.spoken import as_written


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("能申请公开不", "能申请公开吗"),
        ("要钱不", "要钱吗"),
        ("能领不啊,交了8个月", "能领吗,交了8个月"),
        ("行不", "行吗"),
        ("要身份证不要户口本行不", "要身份证不要户口本行吗"),
        ("要不要", "要不要"),
        ("去不了", "去不了"),
        ("我能办吗他说不", "我能办吗他说不"),
        ("能办就办不能办算了", "能办就办不能办算了"),
        ("绿本找不到了", "绿本丢了"),
        ("社保卡掉了", "社保卡丢了"),
        ("身份证不小心弄丢了怎么办", "身份证丢了怎么办"),
        ("头发掉了", "头发掉了"),
        ("老伴走了,要办什么手续", "老伴去世了,要办什么手续"),
        ("老公走了三趟", "老公走了三趟"),
        ("么子时候能拿到", "什么时候能拿到"),
    ],
)
def test_a_spoken_wording_becomes_the_written_one(spoken: str, written: str) -> None:
    assert as_written(spoken) == written


@given(st.text("能要不行有吗,。证卡丢掉了找到弄", max_size=30))
def test_what_is_written_stays_as_it_is(text: str) -> None:
    once = as_written(text)
    assert as_written(once) == once


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("房东不给开发票,能提公积金吗", "能提公积金吗"),
        ("能提公积金吗,房东不给开发票", "能提公积金吗"),
        ("户口本丢了,怎么办", None),
        ("户口本丢了怎么办", None),
        ("要什么材料,多久能办好", None),
        ("房东不给开发票", None),
    ],
)
def test_the_only_clause_that_asks_and_says_of_what_is_found(text: str, clause: str | None) -> None:
    assert asking_clause(text) == clause
