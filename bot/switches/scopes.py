"""The parts of the bot that can be turned off, and the topics that cannot."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    BOT = "bot"
    CHANNEL = "channel"
    TOPIC = "topic"
    ITEM = "item"
    DOCUMENT = "document"


# Keys are the stored values, plain strings.
SCOPE_TITLES: dict[str, str] = {
    Scope.BOT: "整个机器人",
    Scope.CHANNEL: "渠道",
    Scope.TOPIC: "话题",
    Scope.ITEM: "事项",
    Scope.DOCUMENT: "文件",
}

# Intents that are answered even while the bot is off. They reach a person, the citizen's own case or an emergency
# number, or delete the citizen's records (个人信息保护法 art. 47).
ALWAYS_ANSWERED = frozenset(
    {
        *("handoff", "ask_person", "ask_case", "add_to_case", "withdraw_case", "ask_route"),
        *("complain", "suggest", "praise", "request_help"),
        *("delete_records", "confirm_deletion"),
    }
)
# The additional intents continue a topic with its own switch, or belong to no topic.
NEVER_OFF = ALWAYS_ANSWERED | {"leave_contact", "choose", "choose_situation", "more", "nlu_fallback"}
# Title of the topic of each intent.
TOPIC_TITLES = {
    "ask_overview": "事项怎么办",
    "ask_materials": "事项要什么材料",
    "ask_fee": "事项收费",
    "ask_time_limit": "事项办理时限",
    "ask_place": "事项在哪里办",
    "ask_process": "事项办理流程",
    "ask_conditions": "事项受理条件",
    "ask_legal_basis": "事项依据",
    "ask_online": "事项网上办理",
    "ask_result": "事项办理结果",
    "ask_joint_service": "“一件事”",
    "ask_policy": "政策文件",
    "ask_disclosure_status": "查询信息公开申请",
    "file_disclosure": "提交信息公开申请",
    "forgot_query_code": "忘记查询码",
    "ask_receipt_number": "问回执号",
    "feedback_wrong": "反映答错了",
    "greet": "问候",
    "thank": "道谢",
    "goodbye": "告别",
    "who_are_you": "问机器人是谁",
    "out_of_scope": "不归本市办的事",
}
