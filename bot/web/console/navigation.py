"""The entries of the console's navigation, in the order in which the page shows them, and what is to be done now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.reviews.desk_news import MOST_OF_A_KIND, NewsKind, kinds_for
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission


@dataclass(frozen=True)
class MenuEntry:
    """`permission` None: for all staff. `key`: pressed after `g`, it opens the page."""

    path: str
    title: str
    about: str
    permission: Permission | None
    key: str


ENTRIES = (
    MenuEntry("/console", "首页", "", None, "h"),
    MenuEntry("/console/queue", "待办", "没答上的问题：认领、回复、转办、办结", Permission.SEE_QUEUE, "q"),
    MenuEntry("/console/work-orders", "工单", "派给部门的：签收、延期、催办、督办", Permission.SEE_QUEUE, "n"),
    MenuEntry("/console/teach", "教学", "没答上的问题成组地教，复核别人提的纠正", Permission.TEACH, "e"),
    MenuEntry(
        "/console/conversations",
        "对话",
        "全部对话：机器人答得怎样，评有用没用",
        Permission.BROWSE_CONVERSATIONS,
        "b",
    ),
    MenuEntry("/console/gaps", "没答好的", "本部门的事问了没答好的：改事项、写答案", Permission.MEND_ITEMS, "u"),
    MenuEntry("/console/why", "解释", "机器人为什么这样答：考虑过哪些答案，凭什么", Permission.SEE_QUEUE, "y"),
    MenuEntry("/console/models", "模型", "训练、比较新旧、上线、退回", Permission.TRAIN_MODELS, "o"),
    MenuEntry("/console/disclosures", "信息公开", "申请的期限、经过和年度报告", Permission.MANAGE_DISCLOSURES, "d"),
    MenuEntry("/console/oversight", "公开监督", "年度报告、整改、投诉举报、考核、通报", Permission.WRITE_REPORTS, "v"),
    MenuEntry(
        "/console/publishing",
        "主动公开",
        "要公布什么、什么时候到期，更正申请，转为主动公开",
        Permission.PUBLISH_INFORMATION,
        "p",
    ),
    MenuEntry("/console/interviews", "在线访谈", "预告访谈，选用提问，发布嘉宾的答复", Permission.HOLD_INTERVIEWS, "i"),
    MenuEntry("/console/catalogue", "事项", "改事项的内容和别名", Permission.MEND_ITEMS, "c"),
    MenuEntry("/console/documents", "文件", "上传文件的新版本，标为废止", Permission.EDIT_CATALOGUE, "w"),
    MenuEntry("/console/changes", "待核准", "别人提的改动：对照、核准、退回、撤销", Permission.MEND_ITEMS, "k"),
    MenuEntry("/console/laws", "法律依据", "事项、去处、文件引用的法有没有变", Permission.WATCH_LAWS, "j"),
    MenuEntry("/console/figures", "统计", "对话、办件、评价的数，每月简报", Permission.SEE_FIGURES, "f"),
    MenuEntry("/console/switches", "停用", "停用和启用机器人、渠道、话题、事项、文件", Permission.SWITCH_BOT, "t"),
    MenuEntry("/console/status", "运行状态", "各部分好不好，不好的怎么办", Permission.SEE_STATUS, "r"),
    MenuEntry("/console/helpline", "短信邮件", "没送到的消息，屏蔽的号码，今天的条数", Permission.MANAGE_HELPLINE, "x"),
    MenuEntry("/console/staff", "人员", "添加、停用账号，改角色，重置密码", Permission.MANAGE_STAFF, "s"),
    MenuEntry("/console/audit", "审计日志", "谁在什么时候看了什么、改了什么", Permission.SEE_AUDIT, "l"),
    MenuEntry("/console/account", "我的账号", "改密码，开启动态验证码", None, "m"),
)


@dataclass(frozen=True)
class UrgentEntry:
    """`shown`: the number as the page shows it, empty if there is nothing of this kind."""

    kind: str
    title: str
    path: str
    shown: str


# Beside the kinds of news: groups of questions that were not answered well.
GAPS = "gaps"

NEWS_TITLES = {
    NewsKind.WAITS: "有人在等",
    NewsKind.ANSWERED_MINE: "回了我",
    NewsKind.NEARLY_LATE: "快到时限",
    NewsKind.TO_APPROVE: "待我审核",
    NewsKind.REVIEWED: "拟稿审过",
    NewsKind.TO_SIGN: "待签收",
    NewsKind.EXTENSION_ASKED: "延期待批",
    NewsKind.NAMED: "有人@我",
    NewsKind.CAME_BACK: "城市工单回来",
}
_NEWS_PATHS = {
    NewsKind.WAITS: "/console/queue?waits=1&state=new",
    NewsKind.ANSWERED_MINE: "/console/queue?waits=1&mine=1",
    NewsKind.NEARLY_LATE: "/console/queue?mine=1",
    NewsKind.TO_APPROVE: "/console/queue?approve=1",
    NewsKind.REVIEWED: "/console/queue?reviewed=1",
    NewsKind.TO_SIGN: "/console/work-orders?show=to_sign",
    NewsKind.EXTENSION_ASKED: "/console/work-orders?show=extension_asked",
    NewsKind.NAMED: "/console/queue?named=1",
    NewsKind.CAME_BACK: "/console/queue?came_back=1",
}
# Changes that one person proposed and another has to approve, or that came back to who proposed them.
CHANGES_TO_APPROVE, CHANGES_BACK = "changes_to_approve", "changes_back"
_OF_ITEMS = {
    CHANGES_TO_APPROVE: ("改动待核准", "/console/changes", Permission.APPROVE_CHANGES),
    CHANGES_BACK: ("改动退回", "/console/changes?show=back", Permission.MEND_ITEMS),
    GAPS: ("没答好的问题", "/console/gaps", Permission.MEND_ITEMS),
}


def urgent_entries(person: Person, counts: Mapping[str, int]) -> list[UrgentEntry]:
    """What this person has to act on now: title, number and the list that shows it."""
    shown: list[tuple[str, str, str]] = [(kind, NEWS_TITLES[kind], _NEWS_PATHS[kind]) for kind in kinds_for(person)]
    shown += [(kind, title, path) for kind, (title, path, needed) in _OF_ITEMS.items() if may(person, needed)]
    return [UrgentEntry(kind, title, path, shown_count(counts.get(kind, 0))) for kind, title, path in shown]


def shown_counts(counts: Mapping[str, int]) -> dict[str, str]:
    """Of every kind, as the page shows them."""
    return {kind: shown_count(counts.get(kind, 0)) for kind in (*NewsKind, *_OF_ITEMS)}


def shown_count(count: int) -> str:
    if count >= MOST_OF_A_KIND:
        return f"{MOST_OF_A_KIND - 1}+"
    return str(count) if count else ""


def entries_for(person: Person) -> list[MenuEntry]:
    return [entry for entry in ENTRIES if entry.permission is None or may(person, entry.permission)]
