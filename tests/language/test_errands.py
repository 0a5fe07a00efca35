"""Taking a request back and supplementing it, told apart from questions and other business."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.errands import (
    ErrandKind,
    asks_what_to_do_against_refusal,
    errand_in,
    is_about_own_request,
    tells_of_an_earlier_request,
)


@pytest.mark.parametrize(
    "text",
    [
        "我想撤回信息公开申请 XXGK-2026-000123",
        "ＸＸＧＫ－２０２６－０００１２３ 撤回",
        "把我的信息公开申请撤了吧",
        "怎么撤回信息公开申请？",
        "撤回信息公开申请XXGK-2026-000123，查询码K7M2-9QXD",
    ],
)
def test_a_wish_to_take_a_request_back(text: str) -> None:
    assert errand_in(text) == ErrandKind.WITHDRAW


@pytest.mark.parametrize(
    "text", ["补正 XXGK-2026-000102", "我要补正信息公开申请", "补正 XXGK-2026-000102，请公开2024年的", "交补正材料"]
)
def test_a_wish_to_supplement_a_request(text: str) -> None:
    assert errand_in(text) == ErrandKind.SUPPLEMENT


@pytest.mark.parametrize(
    "text",
    [
        "查一下 XXGK-2026-000123",
        "补正材料交上去了，现在到哪步了",
        "申请被退回补正了怎么办",
        "我补正以后申请重新计时了没",
        "不撤回",
        "申请公开撤销处罚的文件",
        "撤回的申请还能恢复吗",
        "K7M2-9QXD",
        "",
    ],
)
def test_other_business_is_no_errand(text: str) -> None:
    assert errand_in(text) is None


def test_without_a_receipt_only_what_speaks_of_disclosure_is_one() -> None:
    for text in ("我想撤回信息公开申请", "查看答复", "我要看信息公开申请的答复", "信息公开答复书发出来没"):
        assert is_about_own_request(text)
    for text in ("撤回", "补正材料", "看答复", "信息公开申请几天内答复"):
        assert not is_about_own_request(text)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("我跟街道申请公开拆迁补偿的账，他们说不公开，我能去哪里告他们", True),
        ("申请公开被拒了能告吗", True),
        ("信息公开不给看咋办", True),
        ("信息公开二十多天了没答复，可以去法院起诉吗", True),
        ("政府信息公开申请被拒绝后如何寻求救济？", True),
        ("我要申请公开被驳回的补贴名单", False),
        ("请公开拒绝受理的件数，并告知理由", False),
        ("我的信息公开申请到现在没人理我", False),
        ("老板不给工资，能去哪告他", False),
    ],
)
def test_a_question_what_to_do_against_a_refusal(text: str, asks: bool) -> None:
    assert asks_what_to_do_against_refusal(text) is asks


@given(st.text(alphabet="撤回补正申请信息公开的我要XGK-20 3，吗", max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert errand_in(text) in (None, *ErrandKind)


@pytest.mark.parametrize(
    "text",
    [
        "我申请公开的东西都20多天了还没回我",
        "我要的那份文件公开申请什么时候给我",
        "我申请公开拆迁补偿标准，他们回复说不存在",
        "上个月申请公开的材料到现在没答复",
        "申请信息公开好久了咋没回音",
    ],
)
def test_what_became_of_an_earlier_request_is_no_wish_for_another(text: str) -> None:
    assert tells_of_an_earlier_request(text)


@pytest.mark.parametrize(
    "text",
    [
        "我要申请公开没有答复的信访件清单",
        "想申请公开学校食堂招标文件",
        "我之前申请过公开环评报告，想再申请一次",
        "申请公开要几天答复",
        "申请公开2024年没有结果的招标公告",
        "我的低保申请一个月了没消息",
    ],
)
def test_a_wish_or_a_question_tells_of_no_earlier_request(text: str) -> None:
    assert not tells_of_an_earlier_request(text)
