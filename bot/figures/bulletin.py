"""The monthly bulletin (简报): figures in short sentences and tables, without any judgement."""

from __future__ import annotations

from dataclasses import dataclass

from bot.figures.appraisal import appraisal
from bot.figures.service import Figures, Times
from bot.figures.tables import (
    DESK,
    TABLES,
    Table,
    duration,
    overdue_by_department,
    percent,
    points,
)
from bot.workdays import CHINA


@dataclass(frozen=True)
class BulletinPart:
    """A section. `charts`: names in `bot.figures.charts.CHARTS`. `table`: None if it has no rows."""

    heading: str
    sentences: list[str]
    charts: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Bulletin:
    """`note` says when the figures were counted, and from which records."""

    title: str
    note: str
    parts: list[BulletinPart]


def bulletin(counted: Figures, city: str) -> Bulletin:
    made_at = counted.taken_at.astimezone(CHINA)
    until = "" if counted.period.ends_at <= counted.taken_at else "，本期还没有结束"
    return Bulletin(
        title=f"{city}政务助手简报（{counted.period}）",
        note=f"{made_at:%Y-%m-%d %H:%M} 由系统记录统计{until}。“超期”按这一时刻，其余按本期。群众的话已遮盖个人信息。",
        parts=[
            BulletinPart("服务量", _service_sentences(counted), ("volume", "outcomes")),
            BulletinPart(
                "没答上的问题", _unanswered_sentences(counted), table=_with_rows(TABLES["unanswered"](counted))
            ),
            BulletinPart("人工办理", _case_sentences(counted), table=_with_rows(TABLES["departments"](counted))),
            BulletinPart("部门效能考评", _appraisal_sentences(counted), table=_with_rows(TABLES["appraisal"](counted))),
            BulletinPart(
                "超期",
                _overdue_sentences(counted),
                table=_with_rows(overdue_by_department(counted.overdue.by_department)),
            ),
            BulletinPart("满意度", _rating_sentences(counted), ("satisfaction",) if counted.satisfaction.total else ()),
            BulletinPart("问得最多的事项", _item_sentences(counted), ("items",) if counted.items else ()),
        ],
    )


def _service_sentences(counted: Figures) -> list[str]:
    talks, answers = counted.conversations, counted.answers
    if not talks.total:
        return ["本期没有对话。"]
    message_count = sum(one.message_count for one in counted.volume)
    return [
        f"本期 {talks.total} 次对话，群众发来 {message_count} 条消息。",
        f"不经人工办结的对话占 {percent(talks.alone_share)}；转到人工 {talks.with_person_count} 次；"
        f"没有答上也没有转人工 {talks.unanswered_count} 次。",
        f"机器人答复 {answers.bot_count} 条，其中没答上 {answers.fell_back_count} 条，"
        f"占 {percent(answers.fallback_share)}；系统故障 {answers.failed_count} 条。",
    ]


def _unanswered_sentences(counted: Figures) -> list[str]:
    found = counted.unanswered
    if not found:
        return ["本期没有没答上的问题。"]
    return [f"最多的是“{found[0].text}”，{found[0].count} 次。下表列出前 {len(found)} 个，说法相近的合在一起。"]


def _case_sentences(counted: Figures) -> list[str]:
    cases = counted.cases
    if not cases.opened_count:
        return ["本期没有立件。"]
    return [
        f"本期立件 {cases.opened_count} 件，其中已办结 {cases.closed_count} 件。",
        _times_sentence("首次回复", cases.first_reply),
        _times_sentence("办结", cases.closing),
    ]


def _times_sentence(what: str, times: Times) -> str:
    told = (
        f"{what} {times.ended_count} 件，中位数 {duration(times.median)}，九成在 {duration(times.ninetieth)}以内"
        if times.ended_count
        else f"还没有{what}的件"
    )
    if not times.judged_count:
        return f"{told}；承诺期限都还没有到。"
    return f"{told}；应按时 {times.judged_count} 件，按时 {times.kept_count} 件，占 {percent(times.kept_share)}。"


def _appraisal_sentences(counted: Figures) -> list[str]:
    found = appraisal(counted)
    if found.problem:
        return [found.problem]
    if not found.scored:
        return ["本期没有部门的件够打分。"]
    highest = found.scored[0][1]
    best = "、".join(name for name, score in found.scored if score == highest)
    few = "、".join(one.name for one in found.departments if one.score is None)
    return [
        f"{len(found.scored)} 个部门有得分，最高 {points(highest)} 分：{best}。"
        + (f"件数不够打分的：{few}。" if few else ""),
        TABLES["appraisal"](counted).note,
    ]


def _overdue_sentences(counted: Figures) -> list[str]:
    found = counted.overdue
    if not found.first:
        return ["现在没有超期的件。"]
    first = found.first[0]
    held_by = first.owner or "无人认领"
    due = f"{first.due_at.astimezone(CHINA):%m月%d日 %H:%M}"
    return [f"现在超期 {found.total} 件。最早的是 {first.number}，应于 {due}，{first.department or DESK}，{held_by}。"]


def _rating_sentences(counted: Figures) -> list[str]:
    ratings = counted.satisfaction
    if not ratings.total:
        return ["本期没有评价。"]
    return [
        f"本期评价 {ratings.total} 件，满意和非常满意占 {percent(ratings.satisfied_share)}，"
        f"不满意和非常不满意 {ratings.worst_count} 件。"
    ]


def _item_sentences(counted: Figures) -> list[str]:
    if not counted.items:
        return ["本期没有问到目录里的事项。"]
    first = counted.items[0]
    return [f"问得最多的是{first.name}（{first.code}），{first.count} 条消息。"]


def _with_rows(table: Table) -> Table | None:
    return table if table.rows else None
