"""Answers about an office: address, opening hours, telephone."""

from __future__ import annotations

from collections.abc import Sequence

from bot.catalogue.models import Office
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import OfficeFound
from bot.replies.lists import numbered
from bot.replies.reply import Reply

_MOST_BRANCHES = 9


def office_answer(office: Office, branches: Sequence[Office] = ()) -> Reply:
    """`branches`: of an office that only stands for them, as 公安派出所 does; they are told with their addresses."""
    listed = numbered(
        f"{one.name}（{one.district}）：{one.address}，电话 {one.phone}" for one in branches[:_MOST_BRANCHES]
    )
    rest = (
        f"还有 {len(branches) - _MOST_BRANCHES} 处，说出区县或街道，我告诉您。"
        if len(branches) > _MOST_BRANCHES
        else ""
    )
    lines = [
        f"{office.name}有 {len(branches)} 处，看您在哪里：" if branches else f"{office.name}：{office.address}。",
        *listed,
        rest,
        f"时间：{office.hours}",
        f"电话：{office.phone}",
        f"交通：{office.directions}" if office.directions else "",
        f"这里办：{office.duty}" if office.duty else "",
        "来源：本市政务服务事项目录的办理地点",
    ]
    return Reply(
        text="\n".join(filter(None, lines)),
        outcome=Outcome.ANSWERED_BY_RECORD,
        about=OfficeFound(
            office.code,
            office.name,
            office.address,
            office.hours,
            office.phone,
            district=office.district or "",
            duty=office.duty or "",
            longitude=office.longitude,
            latitude=office.latitude,
        ),
    )
