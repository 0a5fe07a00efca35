"""The kinds of data, with retention days and reasons; used by the daily job and the page for citizens.

A city can set other numbers of days in the YAML file named by `RETENTION_FILE`, one line per kind: `messages: 365`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from bot.settings import Settings, SettingsError

# 网络安全法 (2025), art. 23, item 3: network logs are kept for at least six months, which have at most 184 days.
SIX_MONTHS = 184
THREE_YEARS = 1095
LONGEST = 36_500


class Kind(StrEnum):
    MESSAGES = "messages"
    TRACKERS = "trackers"
    TEXTS = "texts"
    DRAFTS = "drafts"
    CASES = "cases"
    CORRECTIONS = "corrections"
    QUESTIONS = "questions"
    MATTERS = "matters"
    EXPORTS = "exports"
    MODELS = "models"
    AUDIT = "audit"


@dataclass(frozen=True)
class Keeping:
    """How long a kind is kept. `title`, `what`, `why` are for citizens. `least`: a city cannot set fewer days."""

    title: str
    what: str
    days: int
    why: str
    least: int = 1


KEPT: Mapping[Kind, Keeping] = {
    Kind.MESSAGES: Keeping(
        "对话",
        "您说的话、发给工作人员的文件和得到的答复（加密保存，列表里只显示遮盖后的文字）",
        SIX_MONTHS,
        "便于您接着问，也便于核对答复是否正确；网络日志依法至少留六个月（网络安全法第二十三条第三项）",
    ),
    Kind.TRACKERS: Keeping("对话引擎的短期记忆", "上文说到哪件事（加密保存）", 30, "便于您接着上文问"),
    Kind.TEXTS: Keeping(
        "短信、微信和邮件来往",
        "号码、邮箱、收发的文字（加密保存）；只为“把对话发给我”留的，过一天就删；退订和屏蔽的记录一直留着，不然退订就不算数了",
        SIX_MONTHS,
        "保证每条都答复到，没有送到的可以查",
    ),
    Kind.DRAFTS: Keeping("没有提交的申请草稿", "您填到一半的信息公开申请（加密保存）", 30, "便于您接着填"),
    Kind.CASES: Keeping(
        "转人工的事项和来信",
        "您的问题或者来信、工作人员的办理过程和发给您的文件、您留下的联系方式和评价，办结后开始计算",
        THREE_YEARS,
        "便于追问、复核和监督办理",
    ),
    Kind.CORRECTIONS: Keeping(
        "更正申请",
        "您要求更正的记录、证据说明、姓名和联系方式（加密保存），办结后开始计算",
        THREE_YEARS,
        "便于核对更正的结果、处理投诉",
    ),
    Kind.QUESTIONS: Keeping(
        "访谈的提问",
        "您写的原文和联系方式（加密保存），访谈结束后开始计算；公开答复的问题去掉个人信息，留在文字实录里",
        THREE_YEARS,
        "便于您查结果，也便于核对答复",
    ),
    Kind.MATTERS: Keeping(
        "“我的”里的事项",
        "您登录以后办的事项的编号，和用密钥算出的代号放在一起，不存您的姓名和证件号；在“我的”里随时可以删",
        THREE_YEARS,
        "便于您登录后不用查询码就能看到自己的事项",
    ),
    Kind.EXPORTS: Keeping(
        "训练材料",
        "从工作人员的纠正里导出的问法（已去掉个人信息）",
        90,
        "训练和复查问答模型",
    ),
    Kind.MODELS: Keeping("问答模型", "不再使用的旧模型，不含个人信息", 365, "新模型有问题时能退回旧的"),
    Kind.AUDIT: Keeping(
        "审计日志",
        "哪位工作人员什么时候看过、改过什么、为什么",
        THREE_YEARS,
        "出了问题查得到人；三年之内任何人都删不掉",
        THREE_YEARS,
    ),
}


def days_kept(settings: Settings) -> dict[Kind, int]:
    """The retention days of each kind.

    Raises:
        SettingsError: RETENTION_FILE cannot be used; the message says why.
    """
    days = {kind: keeping.days for kind, keeping in KEPT.items()}
    if settings.retention_file is not None:
        days |= _read(settings.retention_file)
    return days


def _read(path: Path) -> dict[Kind, int]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"RETENTION_FILE {path} cannot be read: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise SettingsError(f"RETENTION_FILE {path} must have lines like `messages: 365`")
    return {_kind(path, name): _days(path, name, days) for name, days in found.items()}


def _kind(path: Path, name: object) -> Kind:
    try:
        return Kind(str(name))
    except ValueError:
        raise SettingsError(f"RETENTION_FILE {path}: {name!r} is none of {', '.join(Kind)}") from None


def _days(path: Path, name: str, days: Any) -> int:
    least = KEPT[Kind(name)].least
    if isinstance(days, bool) or not isinstance(days, int) or not least <= days <= LONGEST:
        raise SettingsError(f"RETENTION_FILE {path}: {name} must be {least} to {LONGEST} days, not {days!r}")
    return days
