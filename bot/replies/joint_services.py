"""Answers about joint services (一件事一次办)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.catalogue.models import JointService
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import ItemOfJointService, JointServiceGuide
from bot.replies.approvals import promised
from bot.replies.lists import numbered
from bot.replies.paging import first_page
from bot.replies.reply import Button, Reply


def joint_service_answer(joint: JointService, item_names: Mapping[str, str]) -> Reply:
    """`item_names`: code → name of its items, in the order in which they are done."""
    lines = [
        f"{joint.name}：{joint.summary.rstrip('。')}。",
        "一次申请，一起办这些：",
        *numbered(item_names.values()),
        "怎么办：",
        *numbered(joint.steps),
        "材料：" + "；".join(note.rstrip("。；") for note in joint.material_notes) + "。",
        f"{promised(joint.promised)}。地点：{joint.office.name}（{joint.window}），{joint.office.address}，"
        f"电话 {joint.office.phone}。",
    ]
    source = f"来源：本市“一件事”清单 {joint.code}（{joint.recorded_on} 更新，牵头：{joint.department.name}）"
    text, rest = first_page(lines, [source])
    return Reply(
        text=text,
        outcome=Outcome.ANSWERED_BY_RECORD,
        about=_about(joint, item_names),
        buttons=tuple(Button.to(name, "ask_materials", item=code) for code, name in item_names.items()),
        rest=rest,
    )


def more_of(joint: JointService, item_names: Mapping[str, str], lines: Sequence[str]) -> Reply:
    """The lines of an answer that did not fit before."""
    text, rest = first_page(lines)
    return Reply(text=text, outcome=Outcome.ANSWERED_BY_RECORD, about=_about(joint, item_names), rest=rest)


def _about(joint: JointService, item_names: Mapping[str, str]) -> JointServiceGuide:
    items = tuple(ItemOfJointService(code, name) for code, name in item_names.items())
    return JointServiceGuide(joint.code, joint.name, items)
