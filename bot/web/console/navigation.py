"""The entries of the console's navigation, in the order in which the page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission


@dataclass(frozen=True)
class Entry:
    """`permission` None: for all staff. `key`: pressed after `g`, it opens the page."""

    path: str
    title: str
    about: str
    permission: Permission | None
    key: str


ENTRIES = (
    Entry("/console", "首页", "", None, "h"),
    Entry("/console/queue", "待办", "没答上的问题：认领、回复、转办、办结", Permission.SEE_QUEUE, "q"),
    Entry("/console/teach", "教学", "没答上的问题成组地教，复核别人提的纠正", Permission.TEACH, "e"),
    Entry("/console/why", "解释", "机器人为什么这样答：考虑过哪些答案，凭什么", Permission.SEE_QUEUE, "y"),
    Entry("/console/models", "模型", "训练、比较新旧、上线、退回", Permission.TRAIN_MODELS, "o"),
    Entry("/console/disclosures", "信息公开", "申请的期限、经过和年度报告", Permission.MANAGE_DISCLOSURES, "d"),
    Entry("/console/oversight", "公开监督", "年度报告、整改、投诉举报、考核、通报", Permission.WRITE_REPORTS, "v"),
    Entry(
        "/console/publishing",
        "主动公开",
        "要公布什么、什么时候到期，更正申请，转为主动公开",
        Permission.PUBLISH_INFORMATION,
        "p",
    ),
    Entry("/console/catalogue", "事项", "改事项的内容和别名", Permission.EDIT_CATALOGUE, "c"),
    Entry("/console/documents", "文件", "上传文件的新版本，标为废止", Permission.EDIT_CATALOGUE, "w"),
    Entry("/console/laws", "法律依据", "事项、去处、文件引用的法有没有变", Permission.WATCH_LAWS, "j"),
    Entry("/console/figures", "统计", "对话、办件、评价的数，每月简报", Permission.SEE_FIGURES, "f"),
    Entry("/console/switches", "停用", "停用和启用机器人、渠道、话题、事项、文件", Permission.SWITCH_BOT, "t"),
    Entry("/console/helpline", "短信微信", "没送到的消息，屏蔽的号码，今天的条数", Permission.MANAGE_HELPLINE, "x"),
    Entry("/console/staff", "人员", "添加、停用账号，改角色，重置密码", Permission.MANAGE_STAFF, "s"),
    Entry("/console/audit", "审计日志", "谁在什么时候看了什么、改了什么", Permission.SEE_AUDIT, "l"),
    Entry("/console/account", "我的账号", "改密码，开启动态验证码", None, "m"),
)


def entries_for(person: Person) -> list[Entry]:
    return [entry for entry in ENTRIES if entry.permission is None or may(person, entry.permission)]
