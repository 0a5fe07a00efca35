"""Texts that the text channels (SMS, WeChat, mail) send themselves, and how messages from staff begin there."""

from __future__ import annotations


def first_contact(city: str) -> str:
    """Sent once to each subscriber: who answers and why, how to reach a person, how to unsubscribe."""
    return f"我是{city}政务助手，自动应答；您发来消息，我才回复。回复 0 找人工，“帮助”看用法，TD 退订。"


def help_text(city: str, hotline: str) -> str:
    return (
        f"{city}政务助手：直接发问题，如“补办身份证要带什么”。"
        f"0 找人工，“更多”看后面，“返回”看前面，TD 退订。急事拨 {hotline}。"
    )


def unsubscribed() -> str:
    return "已退订，不再给您发消息。再发任意内容即恢复。"


def nothing_before() -> str:
    return "前面没有可看的了。想问什么，直接发来就行。"


def too_fast() -> str:
    return "您一小时里发来的消息太多，这条没有收下。请过一会儿再发，谢谢。"


def not_text() -> str:
    return "抱歉，图片、语音、视频和位置这里看不了。请用文字告诉我您想办什么；回复 0 找人工。"


def only_part_arrived() -> str:
    return "抱歉，您的消息只收到一部分。请分成几条短的再发一遍。"


def too_long(most: int) -> str:
    """`most`: characters of one text."""
    return f"抱歉，这条太长了，没有收下。请压到 {most} 字以内，或者分成几条发。"


def staff_line(by_name: str, text: str) -> str:
    """`by_name`: the name as citizens see it; empty if the message is from nobody in particular."""
    return f"{by_name}：{text}" if by_name else text


def answer_to_case(case_number: str, by_name: str, text: str) -> str:
    """Sent to the number that was left with a question on another channel."""
    return f"您好，您之前问的（编号 {case_number}）有答复了。{staff_line(by_name, text)}"


def link_to_talk(city: str, address: str, days: int) -> str:
    """Words of ours alone: whoever asks for it may have named somebody else's number."""
    return f"您在{city}政务助手的对话，{days} 天内打开能看：{address} 。不是您要的，请不用理会。"


def mail_subject() -> str:
    """The same for all, since a subject is shown where others may read it."""
    return "政务助手给您的消息"


def mail_foot() -> str:
    return "——\n这封邮件由政务助手发出，请不要直接回复，回复没有人看。"
