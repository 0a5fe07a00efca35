"""A message that only leaves a contact, told apart from one that also says or asks something."""

from __future__ import annotations

import pytest

from bot.language.contacts import only_leaves_contact


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "+86 138-0013-8000",
        "我的手机号是13800138000，有结果打给我",
        "那我留个电话 13800138000",
        "0990-8812345",
        "邮箱 Zhang.san@example.com，谢谢",
        "发到zs@example.com吧",
    ],
)
def test_a_contact_and_nothing_else(text: str) -> None:
    assert only_leaves_contact(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "留个电话",
        "我打了13800138000没人接",
        "投诉13800138000这个号码骚扰我",
        "AJ-000012，13800138000，到哪了",
        "身份证丢了怎么补，13800138000",
        "XXGK-2026-000123",
        "12345",
    ],
)
def test_other_messages_with_or_without_a_number(text: str) -> None:
    assert not only_leaves_contact(text)
