"""The names for staff of what the engine calls by codes: intents, actions, and what it finds in a message."""

from __future__ import annotations

from collections.abc import Mapping

from bot.language.facets import FACET_TITLES
from bot.lessons.labels import OUT_OF_SCOPE

INTENT_TITLES: dict[str, str] = {f"ask_{facet}": f"问：{title}" for facet, title in FACET_TITLES.items()} | {
    "ask_joint_service": "问“一件事”",
    "choose": "从列出的事项里选",
    "choose_situation": "说自己的情况",
    "more": "要看更多",
    "ask_disclosure_status": "查信息公开申请",
    "file_disclosure": "提出信息公开申请",
    "forgot_query_code": "忘了查询码",
    "ask_receipt_number": "问回执号",
    "ask_policy": "问政策文件",
    "ask_route": "问该找谁",
    "handoff": "要找人工",
    "ask_person": "问怎么找人工",
    "ask_case": "问案件到哪了",
    "add_to_case": "给案件补充",
    "withdraw_case": "撤回案件、不用了",
    "delete_records": "删除自己的记录",
    "confirm_deletion": "确认删除",
    "complain": "投诉、反映问题",
    "suggest": "提建议",
    "praise": "表扬",
    "request_help": "求助",
    "leave_contact": "留联系方式",
    "feedback_wrong": "说答错了",
    "greet": "打招呼",
    "thank": "道谢",
    "goodbye": "告别",
    "who_are_you": "问机器人是谁",
    OUT_OF_SCOPE: "不属于政务服务",
    "nlu_fallback": "没看出来",
}

ACTION_TITLES: dict[str, str] = {
    "action_answer": "查答案",
    "action_choose": "答选中的",
    "action_choose_situation": "按情况答",
    "action_more": "接着说",
    "action_ask_receipt": "问回执号",
    "action_ask_query_code": "问查询码",
    "action_disclosure_status": "查信息公开申请",
    "validate_errand_form": "办自己的申请",
    "action_ask_errand_answer": "办自己的申请：问下一步",
    "action_errand_done": "办自己的申请：办完",
    "validate_filing_form": "填信息公开申请",
    "action_ask_filing_answer": "填信息公开申请：问下一步",
    "action_filing_done": "填信息公开申请：提交",
    "action_forgotten_code": "说忘了查询码怎么办",
    "action_tell_receipt": "说回执号在哪里",
    "validate_contact_form": "留联系方式",
    "action_ask_contact_answer": "留联系方式：问下一步",
    "action_contact_kept": "留联系方式：记下",
    "action_handoff": "转人工",
    "action_offer_person": "说怎么找人工",
    "validate_case_form": "问、补、撤案件",
    "action_ask_case_answer": "问、补、撤案件：问下一步",
    "action_case": "问、补、撤案件",
    "action_take_down": "记下来信",
    "action_route": "指去处",
    "action_smalltalk": "寒暄",
    "action_sorry": "说没听懂",
    "action_ask_deletion": "问是否删除记录",
    "action_delete": "删除记录",
}

ENTITY_TITLES: dict[str, str] = {
    "item": "事项",
    "unknown_matter": "目录里没有的事",
    "facet": "要素",
    "situation": "情况",
    "ordinal": "第几个",
    "receipt": "回执号",
    "query_code": "查询码",
    "route": "去处",
    "danger": "紧急情况",
    "place": "地方",
    "corrected": "改正为",
}


def entity_words(name: str, value: str, names: Mapping[str, str]) -> str:
    """What was found in a message. `names`: code → name of items."""
    shown = FACET_TITLES.get(value, value) if name == "facet" else names.get(value, value)
    title = ENTITY_TITLES.get(name, name)
    return f"{title}：{shown}" if shown else title
