"""What staff read of a citation: its standing in a few words."""

from __future__ import annotations

from datetime import date

from bot.laws.citations import titled
from bot.laws.models import LawCitation
from bot.laws.standing import Kind
from bot.laws.watch import WatchedKind

KIND_TITLES: dict[str, str] = {
    Kind.IN_FORCE: "有效",
    Kind.REPEALED: "已废止",
    Kind.AMENDED: "已修改",
    Kind.NOT_YET: "尚未施行",
    Kind.ENDS: "将要废止",
    Kind.CHANGES: "将要修改",
    Kind.UNKNOWN: "不在清单里",
    Kind.LOCAL: "地方规定，没有载入",
}
SUBJECT_TITLES: dict[str, str] = {
    WatchedKind.ITEM: "事项",
    WatchedKind.JOINT_SERVICE: "一件事",
    WatchedKind.ROUTE: "去处",
    WatchedKind.DOCUMENT: "文件",
    WatchedKind.CLOCK: "期限规则",
    WatchedKind.DUTY: "公开要求",
}


def said_of(row: LawCitation) -> str:
    """“已废止，2026-08-15 起，依据《生态环境法典》第一千二百四十二条”."""
    return "，".join(filter(None, (KIND_TITLES[row.kind], details_of(row))))


def details_of(row: LawCitation) -> str:
    """From which day, and by which law; empty if neither is known."""
    parts = [_day(row.since)] if row.since else []
    if row.kind in (Kind.REPEALED, Kind.ENDS) and row.by:
        parts.append(f"依据{titled(row.by)}{row.article}")
    return "，".join(parts)


def _day(day: date) -> str:
    return f"{day.isoformat()} 起"
