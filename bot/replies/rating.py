"""Texts that ask for a rating (好差评), or whether it is solved (回访), where there is nothing to press."""

from __future__ import annotations


def invitation() -> str:
    return "请评价这次答复：回复 5 非常满意，4 满意，3 基本满意，2 不满意，1 非常不满意"


def thanks() -> str:
    return "谢谢您的评价。"


def asks_why() -> str:
    return "抱歉没有帮好您，这件事已经重新交给工作人员。请回复一句：哪里不满意？"


def thanks_for_why() -> str:
    return "记下了，谢谢。工作人员会看到。"


def not_now() -> str:
    return "这次答复已经评价过了，或者还不能评价，谢谢。"


def call_back_invitation() -> str:
    return "请回复 1 解决了，满意；2 解决了，不满意；3 没有解决"


def called_back(*, is_reopened: bool) -> str:
    return "抱歉没有办好，这件事已经交给工作人员重新办。" if is_reopened else "谢谢您的回答，祝您生活愉快。"


def called_back_before() -> str:
    return "这次回访已经回答过了，谢谢。"
