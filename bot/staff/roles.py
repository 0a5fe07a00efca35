"""The permissions of each role, in one table."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from bot.settings import Settings


class Role(StrEnum):
    CLERK = "clerk"
    DEPARTMENT = "department"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    SECURITY = "security"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """The permissions that the pages and actions of the console require (`bot.web.console.access`, `case_acts`)."""

    SEE_QUEUE = "cases.see"
    CLAIM_CASES = "cases.claim"
    HANDLE_CASES = "cases.handle"
    ASSIGN_CASES = "cases.assign"
    ANSWER_AS_DEPARTMENT = "cases.draft"
    APPROVE_ANSWERS = "cases.approve"
    BROWSE_CONVERSATIONS = "conversations.browse"
    UNMASK = "conversations.unmask"
    TEACH = "lessons.teach"
    REVIEW_LESSONS = "lessons.review"
    TRAIN_MODELS = "models.train"
    MANAGE_DISCLOSURES = "disclosures.manage"
    STRIKE_DISCLOSURES = "disclosures.strike"
    WRITE_REPORTS = "disclosures.report"
    PUBLISH_REPORTS = "disclosures.publish_report"
    OVERSEE_DISCLOSURES = "disclosures.oversee"
    ANSWER_ORDERS = "disclosures.answer_orders"
    PUBLISH_INFORMATION = "publishing.manage"
    DECIDE_CORRECTIONS = "corrections.decide"
    HOLD_INTERVIEWS = "interviews.hold"
    EDIT_CATALOGUE = "catalogue.edit"
    APPROVE_CHANGES = "changes.approve"
    MEND_ITEMS = "catalogue.mend"
    WATCH_LAWS = "laws.watch"
    SEE_FIGURES = "figures.see"
    SWITCH_BOT = "bot.switch"
    SEE_STATUS = "status.see"
    MANAGE_HELPLINE = "helpline.manage"
    MANAGE_STAFF = "staff.manage"
    SEE_AUDIT = "audit.see"


ROLE_TITLES = {
    Role.CLERK: "受理员",
    Role.DEPARTMENT: "部门承办人",
    Role.REVIEWER: "审核员",
    Role.SUPERVISOR: "值班主管",
    Role.ADMINISTRATOR: "系统管理员",
    Role.SECURITY: "安全管理员",
    Role.AUDITOR: "审计员",
}

PERMISSION_TITLES = {
    Permission.SEE_QUEUE: "查看待办和对话",
    Permission.CLAIM_CASES: "认领",
    Permission.HANDLE_CASES: "回复、转办和办结",
    Permission.ASSIGN_CASES: "指派和改派",
    Permission.ANSWER_AS_DEPARTMENT: "拟答复、写备注",
    Permission.APPROVE_ANSWERS: "审核答复",
    Permission.BROWSE_CONVERSATIONS: "查看全部对话、评机器人的回答",
    Permission.UNMASK: "查看未遮盖的个人信息",
    Permission.TEACH: "纠正机器人",
    Permission.REVIEW_LESSONS: "复核纠正",
    Permission.TRAIN_MODELS: "训练和上线模型",
    Permission.MANAGE_DISCLOSURES: "办理信息公开申请",
    Permission.STRIKE_DISCLOSURES: "作废误登的信息公开申请",
    Permission.WRITE_REPORTS: "编信息公开年度报告",
    Permission.PUBLISH_REPORTS: "公布信息公开年度报告",
    Permission.OVERSEE_DISCLOSURES: "监督信息公开工作",
    Permission.ANSWER_ORDERS: "回报整改情况",
    Permission.PUBLISH_INFORMATION: "主动公开政府信息",
    Permission.DECIDE_CORRECTIONS: "办理信息更正申请",
    Permission.HOLD_INTERVIEWS: "主持在线访谈",
    Permission.EDIT_CATALOGUE: "编辑事项和文件",
    Permission.APPROVE_CHANGES: "核准别人提的改动",
    Permission.MEND_ITEMS: "改事项、处理没答好的问题",
    Permission.WATCH_LAWS: "核对法律依据",
    Permission.SEE_FIGURES: "查看统计",
    Permission.SWITCH_BOT: "停用和启用机器人",
    Permission.SEE_STATUS: "查看运行状态",
    Permission.MANAGE_HELPLINE: "管理短信、微信和邮件",
    Permission.MANAGE_STAFF: "管理人员",
    Permission.SEE_AUDIT: "查看审计日志",
}

# Clerks talk to citizens, so they need the unmasked conversation. While they read it, they correct the bot's mistakes.
_CLERK = frozenset(
    {
        Permission.SEE_QUEUE,
        Permission.CLAIM_CASES,
        Permission.HANDLE_CASES,
        Permission.ANSWER_AS_DEPARTMENT,
        Permission.UNMASK,
        Permission.TEACH,
        Permission.MANAGE_DISCLOSURES,
        Permission.WRITE_REPORTS,
        Permission.ANSWER_ORDERS,
        Permission.PUBLISH_INFORMATION,
        Permission.DECIDE_CORRECTIONS,
        Permission.HOLD_INTERVIEWS,
    }
)
# A department can answer a question without the name and number of the person who asked. The services show a
# department only its own cases, requests, information to be published, talks, legal bases, items and unanswered
# questions.
_DEPARTMENT = frozenset(
    {
        Permission.SEE_QUEUE,
        Permission.ANSWER_AS_DEPARTMENT,
        Permission.MANAGE_DISCLOSURES,
        Permission.WRITE_REPORTS,
        Permission.ANSWER_ORDERS,
        Permission.PUBLISH_INFORMATION,
        Permission.DECIDE_CORRECTIONS,
        Permission.HOLD_INTERVIEWS,
        Permission.WATCH_LAWS,
        Permission.MEND_ITEMS,
    }
)
# Reviewers check everything that is published in the city's name: answers, those of the bot too, lessons, items and
# documents; what one of them changes, another one approves. They do not need the personal data of citizens.
_REVIEWER = frozenset(
    {
        Permission.SEE_QUEUE,
        Permission.ANSWER_AS_DEPARTMENT,
        Permission.APPROVE_ANSWERS,
        Permission.BROWSE_CONVERSATIONS,
        Permission.TEACH,
        Permission.REVIEW_LESSONS,
        Permission.PUBLISH_INFORMATION,
        Permission.EDIT_CATALOGUE,
        Permission.APPROVE_CHANGES,
        Permission.MEND_ITEMS,
        Permission.WATCH_LAWS,
        Permission.SEE_FIGURES,
    }
)
# Supervisors are responsible for the desk and the bot. Beyond the work of clerks and reviewers they move work between
# people, strike a request that was registered by mistake, oversee the organs as the office in charge of disclosure
# (主管部门), change or stop the model, and see who looked at what.
_SUPERVISOR = (
    _CLERK
    | _REVIEWER
    | {
        Permission.ASSIGN_CASES,
        Permission.STRIKE_DISCLOSURES,
        Permission.PUBLISH_REPORTS,
        Permission.OVERSEE_DISCLOSURES,
        Permission.TRAIN_MODELS,
        Permission.SWITCH_BOT,
        Permission.SEE_STATUS,
        Permission.MANAGE_HELPLINE,
        Permission.SEE_AUDIT,
    }
)
# Administrators manage the accounts, and see whether all is well. That does not let them read conversations or
# questions.
_ADMINISTRATOR = frozenset({Permission.MANAGE_STAFF, Permission.SEE_AUDIT, Permission.SEE_STATUS})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _CLERK,
    Role.DEPARTMENT: _DEPARTMENT,
    Role.REVIEWER: _REVIEWER,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
    # Each is one part of the administrator's work, for a separate person.
    Role.SECURITY: frozenset({Permission.MANAGE_STAFF}),
    Role.AUDITOR: frozenset({Permission.SEE_AUDIT}),
}

# Three separate administrators (三员分立), if a city sets `SEPARATE_DUTIES`. The system administrator neither gives
# permissions nor reads the audit log; the security administrator gives permissions but does not read the log; the
# auditor reads the log and changes nothing. Supervisors do not read the log either.
SEPARATED_PERMISSIONS = {
    **PERMISSIONS,
    Role.SUPERVISOR: _SUPERVISOR - {Permission.SEE_AUDIT},
    Role.ADMINISTRATOR: frozenset(
        {Permission.TRAIN_MODELS, Permission.SWITCH_BOT, Permission.MANAGE_HELPLINE, Permission.SEE_STATUS}
    ),
}


@cache
def permissions_in_force() -> dict[Role, frozenset[Permission]]:
    """The permissions of each role under the setting `SEPARATE_DUTIES`, read once for each process."""
    return SEPARATED_PERMISSIONS if Settings.from_environment().separate_duties else PERMISSIONS
