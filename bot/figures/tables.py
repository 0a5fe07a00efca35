"""The figures as tables, which the pages, CSV, text and the bulletin share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from bot.conversations.channels import CHANNEL_TITLES
from bot.conversations.marks import MARK_TITLES
from bot.conversations.outcomes import Outcome
from bot.figures.appraisal import Appraised, Mark, appraisal
from bot.figures.orders import OrderRates
from bot.figures.service import CaseFigures, Figures, MarkedMatter, Satisfaction, Times, share
from bot.reviews.reasons import STARS_TITLES, Stars
from bot.reviews.states import STATE_TITLES
from bot.workdays import CHINA

Cell = str | int | float

NOTHING = "—"
DESK = "受理台"
_HOW_APPRAISED = (
    "每项按规则打分，件数不够的不打分；得分是打了分的几项折成 100 分。“计入权重”不同的部门，得分不宜直接比。"
)

OUTCOME_TITLES: dict[str, str] = {
    Outcome.ANSWERED_BY_RECORD: "按目录答复",
    Outcome.ANSWERED_BY_PASSAGE: "引文件答复",
    Outcome.CHOICES_OFFERED: "请群众选择",
    Outcome.ASKED_BACK: "反问",
    Outcome.IDENTITY_ASKED: "请提供回执号、查询码",
    Outcome.IDENTITY_REFUSED: "查询码不符",
    Outcome.FILING: "填写公开申请",
    Outcome.FILED: "提交公开申请",
    Outcome.NOT_IN_CATALOGUE: "目录里没有",
    Outcome.OUT_OF_SCOPE: "不归本市办",
    Outcome.ROUTED: "告知去处",
    Outcome.NOTHING_FOUND: "没有找到",
    Outcome.HANDED_OVER: "转人工",
    Outcome.PERSON_OFFERED: "告知怎么转人工",
    Outcome.ABOUT_CASE: "问、补、撤案件",
    Outcome.TAKEN_DOWN: "记下来信",
    Outcome.WITH_PERSON: "由人工回答",
    Outcome.SMALLTALK: "寒暄",
    Outcome.COMMAND: "短信渠道指令",
    Outcome.SWITCHED_OFF: "停用告示",
    Outcome.FAILED_ENGINE: "引擎故障",
    Outcome.FAILED_ACTIONS: "动作故障",
}


@dataclass(frozen=True)
class Table:
    """Each row has a cell for each column. `note`: what a reader has to know of it, if anything."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""


def tables(counted: Figures) -> list[Table]:
    return [make(counted) for make in TABLES.values()]


def _summary(counted: Figures) -> Table:
    cases, ratings = counted.cases, counted.satisfaction
    rows: list[tuple[Cell, ...]] = [
        ("对话", counted.conversations.total),
        ("群众消息", counted.message_count),
        ("不经人工办结的对话占比", percent(counted.conversations.alone_share)),
        ("转到人工的对话", counted.conversations.with_person_count),
        ("没有答上也没有转人工的对话", counted.conversations.unanswered_count),
        ("机器人答复的消息", counted.answers.bot_count),
        ("没答上的消息占比", percent(counted.answers.fallback_share)),
        ("系统故障的消息", counted.answers.failed_count),
        ("立件", cases.opened_count),
        *((f"首次回复：{name}", value) for name, value in _promised(cases.first_reply)),
        *((f"办结：{name}", value) for name, value in _promised(cases.closing)),
        ("评价", ratings.total),
        ("满意和非常满意占比", percent(ratings.satisfied_share)),
        ("不满意和非常不满意", ratings.worst_count),
        (f"{counted.taken_at.astimezone(CHINA):%m月%d日 %H:%M} 超期的件", counted.overdue.total),
    ]
    return Table("summary", "概况", ("指标", "数值"), rows)


def _volume(counted: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (one.day.isoformat(), channel_title(one.channel), one.message_count, one.conversation_count)
        for one in counted.volume
    ]
    return Table("volume", "每天、各渠道的消息", ("日期", "渠道", "消息", "对话"), rows)


def _outcomes(counted: Figures) -> Table:
    by_outcome = counted.answers.by_outcome
    total = sum(by_outcome.values())
    rows: list[tuple[Cell, ...]] = [
        (outcome_title(outcome), count, percent(count / total)) for outcome, count in by_outcome.items()
    ]
    return Table("outcomes", "消息的结果", ("结果", "消息", "占比"), rows)


def _departments(counted: Figures) -> Table:
    columns = ("部门", "立件", "已办结", "首次回复中位数", "首次回复按时", "办结中位数", "办结九成在", "办结按时")
    return Table("departments", "各部门办件", columns, [_department_row(one) for one in counted.departments])


def _department_row(one: CaseFigures) -> tuple[Cell, ...]:
    return (
        one.department or DESK,
        one.opened_count,
        one.closed_count,
        duration(one.first_reply.median),
        percent(one.first_reply.kept_share),
        duration(one.closing.median),
        duration(one.closing.ninetieth),
        percent(one.closing.kept_share),
    )


def _orders(counted: Figures) -> Table:
    columns = ("部门", "派单", "按时签收", "按时交回", "一次办结", "满意", "退单", "重办")
    return Table("orders", "各部门工单", columns, [_order_row(one) for one in counted.orders])


def _order_row(one: OrderRates) -> tuple[Cell, ...]:
    return (
        one.department or "合计",
        one.issued_count,
        percent(share(one.sign_judged_count - one.signed_late_count, one.sign_judged_count)),
        percent(share(one.done_judged_count - one.done_late_count, one.done_judged_count)),
        percent(share(one.done_count - one.done_again_count, one.done_count)),
        percent(share(one.satisfied_count, one.graded_count)),
        percent(share(one.returned_count, one.issued_count)),
        percent(share(one.redo_count, one.issued_count)),
    )


def _appraisal(counted: Figures) -> Table:
    found = appraisal(counted)
    columns = ("部门", "得分", "计入权重", "失分最多", "不打分（件数不够）")
    rows: list[tuple[Cell, ...]] = [_appraised_row(one) for one in found.departments]
    return Table("appraisal", "各部门效能考评", columns, rows, found.problem or _HOW_APPRAISED)


def _appraised_row(one: Appraised) -> tuple[Cell, ...]:
    lost = "、".join(f"{mark.rule.title} {points(mark.lost)}" for mark in one.lost_most)
    unmarked = "、".join(mark.rule.title for mark in one.marks if mark.marks is None)
    return (one.name, points(one.score), one.weight, lost or NOTHING, unmarked or NOTHING)


def _appraisal_marks(counted: Figures) -> Table:
    """How each mark came about: the counts, the share, the rule and the mark."""
    columns = ("部门", "指标", "分子", "分母", "数值", "规则", "满分", "得分")
    rows: list[tuple[Cell, ...]] = [
        (one.name, *_mark_of_rule(mark)) for one in appraisal(counted).departments for mark in one.marks
    ]
    return Table("appraisal_marks", "考评得分怎么来的", columns, rows)


def _mark_of_rule(mark: Mark) -> tuple[Cell, ...]:
    rule, reached = mark.rule, mark.counted
    given = f"不足 {rule.least_count} 件" if mark.marks is None else points(mark.marks)
    value = percent(share(reached.part, reached.whole))
    return (rule.title, reached.part, reached.whole, value, rule.words, rule.weight, given)


def points(number: Fraction | None) -> Cell:
    """With one decimal, as it was reckoned."""
    return NOTHING if number is None else float(number)


def _satisfaction(counted: Figures) -> Table:
    return Table("satisfaction", "评价", ("评价", "件数"), _by_stars(counted.satisfaction))


def _grades(counted: Figures) -> Table:
    return Table("grades", "对助手回答的评价", ("评价", "回答"), _by_stars(counted.grades))


def _marks(counted: Figures) -> Table:
    columns = ("事项、去处、文件", "评过", "认可率", *MARK_TITLES.values())
    all_of_them: Counter[str] = Counter()
    for one in counted.marks:
        all_of_them.update(one.counts)
    total = [_mark_row("合计", MarkedMatter(None, all_of_them))] if counted.marks else []
    return Table(
        "marks",
        "审核员评的机器人回答",
        columns,
        [*total, *(_mark_row(one.name or "其他回答", one) for one in counted.marks)],
    )


def _mark_row(title: str, one: MarkedMatter) -> tuple[Cell, ...]:
    return (title, one.total, percent(one.useful_share), *(one.counts.get(mark, 0) for mark in MARK_TITLES))


def _by_stars(found: Satisfaction) -> list[tuple[Cell, ...]]:
    return [(STARS_TITLES[stars], found.counts[stars]) for stars in reversed(Stars)]


def _unanswered(counted: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (number, one.text, one.count, "；".join(one.others[:3]))
        for number, one in enumerate(counted.unanswered, start=1)
    ]
    return Table("unanswered", "没答上最多的问题", ("序号", "问题", "次数", "别的说法"), rows)


def _items(counted: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [(one.code, one.name, one.count) for one in counted.items]
    return Table("items", "问得最多的事项", ("编码", "事项", "消息"), rows)


def _overdue(counted: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            one.number,
            one.question,
            STATE_TITLES[one.state],
            one.department or DESK,
            one.owner or NOTHING,
            f"{one.due_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
        )
        for one in counted.overdue.first
    ]
    return Table("overdue", "现在超期的件", ("编号", "问题", "状态", "部门", "负责人", "应于"), rows)


TABLES: dict[str, Callable[[Figures], Table]] = {
    "summary": _summary,
    "volume": _volume,
    "outcomes": _outcomes,
    "departments": _departments,
    "orders": _orders,
    "appraisal": _appraisal,
    "appraisal_marks": _appraisal_marks,
    "satisfaction": _satisfaction,
    "grades": _grades,
    "marks": _marks,
    "unanswered": _unanswered,
    "items": _items,
    "overdue": _overdue,
}


def compared_summary(counted: Figures) -> Table:
    """The summary beside that of the period before. What is counted as of now has no number of before."""
    before: dict[Cell, Cell] = {row[0]: row[1] for row in _summary(counted.before).rows[:-1]}
    rows: list[tuple[Cell, ...]] = [(name, value, before.get(name, NOTHING)) for name, value in _summary(counted).rows]
    return Table("summary", "概况", ("指标", "数值", str(counted.period.before)), rows)


def volume_by_channel(counted: Figures) -> Table:
    """The messages of each channel over the whole period, where a row for each day would be too long."""
    counts: Counter[str] = Counter()
    for one in counted.volume:
        counts[one.channel] += one.message_count
    rows: list[tuple[Cell, ...]] = [(channel_title(channel), count) for channel, count in counts.most_common()]
    return Table("channels", "各渠道的消息", ("渠道", "消息"), rows)


def overdue_by_department(counts: Mapping[str | None, int]) -> Table:
    """Overdue cases by department, the largest number first."""
    named = {name or DESK: count for name, count in counts.items()}
    rows: list[tuple[Cell, ...]] = [
        (name, named[name]) for name in sorted(named, key=lambda name: (-named[name], name))
    ]
    return Table("overdue_departments", "各部门超期的件", ("部门", "件数"), rows)


def _promised(times: Times) -> list[tuple[str, Cell]]:
    return [
        ("件数", times.ended_count),
        ("中位数", duration(times.median)),
        ("九成在", duration(times.ninetieth)),
        ("按时占比", percent(times.kept_share)),
    ]


def channel_title(channel: str) -> str:
    return CHANNEL_TITLES.get(channel, channel)


def outcome_title(outcome: str) -> str:
    return OUTCOME_TITLES.get(outcome, outcome)


def percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.1%}"


def duration(taken: timedelta | None) -> str:
    """In the two largest units: 3 天 4 小时."""
    if taken is None:
        return NOTHING
    minutes = round(taken.total_seconds() / 60)
    if minutes < 1:
        return "不到 1 分钟"
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天" + (f" {hours} 小时" if hours else "")
    if hours:
        return f"{hours} 小时" + (f" {rest} 分钟" if rest else "")
    return f"{rest} 分钟"
