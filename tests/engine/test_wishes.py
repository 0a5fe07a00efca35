"""Small words must not mislead: messages that ask for a person, withdraw this, or are about a case."""

from __future__ import annotations

import pytest

from bot.engine.wishes import (
    ADD,
    ASK_CASE,
    ASK_PERSON,
    HANDOFF,
    WITHDRAW,
    added_words,
    is_plain_withdrawal,
    may_stand,
    wish_of,
)
from bot.language.text import normalise


@pytest.mark.parametrize(
    "text",
    [
        *("转人工", "人工", "人工！！", "在线客服", "请帮我转接一下人工客服", "我要找你们工作人员", "能不能给我转人工"),
        *(
            "找个活人跟我说",
            "老人不会用，找个人帮我",
            "你听不懂，换个人来",
            "客服电话多少，我要找人",
            "不想跟机器人说话",
        ),
        *("可不可以让工作人员给我回电话", "麻烦转一下人工坐席", "别跟机器说了，我要找工作人员", "轉接真人客服"),
    ],
)
def test_a_clear_wish_calls_a_person(text: str) -> None:
    assert wish_of(normalise(text)) == HANDOFF


@pytest.mark.parametrize(
    "text",
    [
        "怎么转人工",
        "人工客服几点上班",
        "有没有人工服务",
        "人工客服在吗",
        "转人工要等多久",
        "人工服务怎么进",
        "周末有客服吗",
    ],
)
def test_a_question_about_people_calls_nobody(text: str) -> None:
    assert wish_of(normalise(text)) == ASK_PERSON


@pytest.mark.parametrize(
    "text",
    [
        *("个人", "人", "本人", "个人名义", "法人", "工作人员态度怎么样", "请问个人能办吗", "证人", "人才"),
        *("办事的人多不多", "去窗口工作人员说要户口本，对吗", "你是真人吗", "你是机器人还是真人", "委托别人办要什么"),
        *("驾驶证到期了", "工商个体户注销怎么撤回", "补充材料要交什么", "补充医疗保险怎么交", "我的身份证到哪了"),
        *(
            "我的信息公开申请什么时候答复",
            "公司注销不要了公章怎么办",
            "婚姻登记能撤销吗",
            "取消公积金贷款要什么材料",
            "不用登记吗",
        ),
    ],
)
def test_what_is_no_wish_is_left_alone(text: str) -> None:
    assert wish_of(normalise(text)) is None
    assert not may_stand(HANDOFF, normalise(text))


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        *(
            (text, True)
            for text in ("不用转了", "不用转人工了", "别转了", "撤回", "撤回我的投诉", "我不投诉了", "先别转人工")
        ),
        *((text, True) for text in ("AJ-000012 撤回", "取消转人工", "不找人工了，谢谢", "撤销刚才的建议")),
        *((text, True) for text in ("算了不投诉了", "别记了", "不用登记了", "投诉撤了吧")),
        *((text, False) for text in ("不用了", "算了", "算了吧", "取消", "没事了", "不需要了，谢谢", "那算了")),
    ],
)
def test_one_word_takes_it_back(text: str, is_plain: bool) -> None:
    assert wish_of(normalise(text)) == WITHDRAW
    assert is_plain_withdrawal(normalise(text)) == is_plain


@pytest.mark.parametrize(
    "text",
    [
        *("那我什么时候能等到回复", "有人吗", "有没有人啊", "人呢", "我的问题处理到哪了", "怎么还没人理我", "要等多久"),
        *(
            "我的案件到哪了 AJ-000012",
            "aj12 怎么样了",
            "多久能给答复",
            "我反映的问题有结果吗",
            "我上次提的建议有没有人看",
        ),
        *("案件编号是多少", "处理进度怎么样", "什么时候有人联系我"),
        *("我的信办得怎么样了", "我给市长写的信有回音吗", "网上来信怎么查", "怎么查我的信"),
    ],
)
def test_who_waits_asks_about_the_case(text: str) -> None:
    assert wish_of(normalise(text)) == ASK_CASE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("还有一点要补充", ""),
        ("我要补充一下", ""),
        ("还有一点要补充：楼道灯也坏了", "楼道灯也坏了"),
        ("对了，补充一下，门口的也是", "门口的也是"),
        ("补充：我住三号楼", "我住三号楼"),
    ],
)
def test_words_are_added(text: str, words: str) -> None:
    assert wish_of(normalise(text)) == ADD
    assert added_words(normalise(text)) == words
