"""The titles under which people see the outcomes of the evaluation; used in the engine's environment too."""

OUTCOME_TITLES = {
    "item": "答事项",
    "wrong item": "答成别的事项",
    "choices": "请对方选",
    "not_in_catalogue": "目录里没有",
    "out_of_scope": "不属于政务服务",
    "policy": "按文件答",
    "disclosure_status": "查申请",
    "handoff": "转人工",
    "smalltalk": "寒暄",
    "feedback_wrong": "说答错了",
    "nothing_found": "没找到",
    "asked_back": "反问",
    "routed": "指去处",
    "filing": "填申请",
    "failed": "没有答复",
}

# Kind of a reply (`bot.conversations.subjects`) → its title.
KIND_TITLES = {
    "approval_item": "答事项",
    "approval_choices": "请对方选",
    "joint_service": "答“一件事”",
    "disclosure_status": "查申请",
    "disclosure_identity": "请对方证明身份",
    "policy_answer": "按文件答",
    "route": "指去处",
    "office": "说地点",
    "absent": "说目录里没有",
    "letter": "记下来信",
    "public_letter": "引别人的来信",
    "interview_answer": "引访谈里的回答",
    "handoff": "转人工",
    "case": "说案件",
    "deletion": "删除记录",
    "filing": "填申请",
    "smalltalk": "寒暄",
    "fallback": "没答上",
}
