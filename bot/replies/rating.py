"""Texts that ask for a rating of an answer (好差评) by text message, where there are no stars to press."""

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
