"""Answers about joint services (一件事一次办)."""

from __future__ import annotations

from collections.abc import Mapping

from bot.catalogue.models import JointService
from bot.conversations.outcomes import Outcome
from bot.replies.approvals import promised
from bot.replies.reply import Button, Reply


def joint_service_answer(joint: JointService, item_names: Mapping[str, str]) -> Reply:
    """`item_names`: code → name of its items, in the order in which they are done."""
    lines = [
        f"{joint.name}：{joint.summary.rstrip('。')}。",
        "一次申请，一起办这些：",
        *(f"{number}. {name}" for number, name in enumerate(item_names.values(), start=1)),
        "怎么办：",
        *(f"{number}. {step}" for number, step in enumerate(joint.steps, start=1)),
        "材料：" + "；".join(note.rstrip("。；") for note in joint.material_notes) + "。",
        f"{promised(joint.promised_days)}。地点：{joint.office.name}（{joint.window}），{joint.office.address}，"
        f"电话 {joint.office.phone}。",
        f"来源：本市“一件事”清单 {joint.code}（{joint.recorded_on} 更新，牵头：{joint.department.name}）",
    ]
    return Reply(
        text="\n".join(lines),
        outcome=Outcome.ANSWERED_BY_RECORD,
        custom={
            "kind": "joint_service",
            "code": joint.code,
            "name": joint.name,
            "items": [{"code": code, "name": name} for code, name in item_names.items()],
        },
        buttons=tuple(Button.to(name, "ask_materials", item=code) for code, name in item_names.items()),
    )
