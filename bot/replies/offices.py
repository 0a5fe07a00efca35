"""Answers about an office: address, opening hours, telephone."""

from __future__ import annotations

from bot.catalogue.models import Office
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import OfficeFound
from bot.replies.reply import Reply


def office_answer(office: Office) -> Reply:
    lines = [
        f"{office.name}：{office.address}。",
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
