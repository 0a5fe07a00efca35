"""Replies to greetings and the like, and to questions that the bot does not answer."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import Fallback, Smalltalk
from bot.replies.reply import PERSON, Button, Reply

_EXAMPLES = (
    Button.to("查信息公开申请进度", "ask_disclosure_status"),
    Button("补办身份证要带什么", "补办身份证要带什么"),
    Button("开个小饭馆要办什么", "开个小饭馆要办什么"),
)

_TOPICS = {
    "greet": (
        "greeting",
        "您好！我是{city}政务助手。办事要什么材料、去哪办、多久办好，信息公开申请到哪一步了，都可以问我。",
    ),
    "thank": ("thanks", "不客气。还有别的事，随时问我。"),
    "agree": ("agreed", "好的，就按这一条。还有别的事，随时问我。"),
    "cannot_act": (
        "cannot_act",
        "我不能替您预约、填表或者交材料，但能告诉您要带什么、去哪办、怎么约；政府信息公开申请可以直接在这里提交。您要办哪件事？",
    ),
    "goodbye": ("goodbye", "再见，祝您办事顺利。"),
    "who_are_you": (
        "who_are_you",
        "我是{city}政务助手，一个自动应答程序。我只按事项目录和已公布的文件回答，每个答案都注明出处；"
        "没有把握的不说，可以帮您转人工。",
    ),
}


def smalltalk(intent: str, city: str) -> Reply:
    """`intent` is one of greet, thank, agree, cannot_act, goodbye, who_are_you."""
    topic, text = _TOPICS[intent]
    return Reply(
        text=text.format(city=city),
        outcome=Outcome.SMALLTALK,
        about=Smalltalk(topic),
        buttons=_EXAMPLES if topic in ("greeting", "who_are_you") else (),
    )


def out_of_scope(hotline: str) -> Reply:
    return Reply(
        text=f"这个我答不了。我能帮您查本市的办事指南、政策文件和信息公开申请进度；别的事可以拨打 {hotline}。",
        outcome=Outcome.OUT_OF_SCOPE,
        about=Fallback(tuple(button.title for button in _EXAMPLES)),
        buttons=(*_EXAMPLES, PERSON),
    )


def sorry_for_wrong_answer() -> Reply:
    return Reply(
        text="抱歉，没答对您的问题。您可以换个说法再问一次，或者转人工，由工作人员答复您。",
        outcome=Outcome.ASKED_BACK,
        about=Fallback(),
        buttons=(PERSON,),
    )
