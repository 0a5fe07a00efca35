"""Edits single canned replies and fills in their variables; `importer` loads all of them from a file.

A variable is a name in braces: `您的编号是 {编号}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.reviews.models import CannedReply, Case
from bot.workdays import CHINA

MOST_TITLE_CHARACTERS = 20
MOST_TEXT_CHARACTERS = 1000
VARIABLES = {"编号": "案件编号", "部门": "办理的部门", "今天": "今天的日期", "时限": "答复的期限"}
_VARIABLE = re.compile(r"\{([^{}\s]{1,10})\}")


class CannedReplyRefused(ValueError):
    """The reply cannot be saved as it is; the message says what to change, in Chinese."""


def filled(text: str, case: Case, now: datetime) -> str:
    """The text with the values of this case. A variable that the case has no value for stays, for the clerk to see."""
    values = {
        "编号": case.number,
        "部门": case.department.name if case.department else None,
        "今天": _day(now),
        "时限": _day(case.due_at) if case.due_at else None,
    }
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[0], text)


def unfilled(text: str) -> Sequence[str]:
    """The variables that still stand in the text: `["{部门}"]`."""
    return [found[0] for found in _VARIABLE.finditer(text) if found[1] in VARIABLES]


def unknown_variables(text: str) -> Sequence[str]:
    return [found[0] for found in _VARIABLE.finditer(text) if found[1] not in VARIABLES]


def _day(at: datetime) -> str:
    local = at.astimezone(CHINA)
    return f"{local.month}月{local.day}日"


def all_canned_replies(session: Session) -> list[CannedReply]:
    """All canned replies: those for everybody first, then by department and title."""
    order = (CannedReply.department_code.is_not(None), CannedReply.department_code, CannedReply.title)
    return list(session.scalars(select(CannedReply).order_by(*order)))


def canned_reply(session: Session, reply_id: int | None) -> CannedReply | None:
    return session.get(CannedReply, reply_id) if reply_id is not None else None


def save_canned_reply(
    session: Session, reply_id: int | None, *, title: str, text: str, department_code: str | None
) -> CannedReply:
    """Creates a canned reply, or changes the one with this id.

    Raises:
        CannedReplyRefused: it is gone, its title is taken, title or text are missing or too long, the department does
            not exist, or there is a link such as `javascript:`.
    """
    title, text = title.strip(), text.strip()
    for name, value, most in (("标题", title, MOST_TITLE_CHARACTERS), ("内容", text, MOST_TEXT_CHARACTERS)):
        if not value or len(value) > most:
            raise CannedReplyRefused(f"{name}要填，最多 {most} 个字")
        if leads_elsewhere(value):
            raise CannedReplyRefused(f"{name}里{NO_WEB_ADDRESS}")
    if unknown := unknown_variables(text):
        raise CannedReplyRefused(f"没有{unknown[0]}这个变量，能用的有 {_known_variables()}")
    if department_code and get_department(session, department_code) is None:
        raise CannedReplyRefused(f"没有编码为“{department_code}”的部门")
    same_title = session.scalars(select(CannedReply).where(CannedReply.title == title)).one_or_none()
    if same_title is not None and same_title.id != reply_id:
        raise CannedReplyRefused(f"已经有一条叫“{title}”的常用语")
    reply = _get(session, reply_id) if reply_id is not None else CannedReply()
    reply.title, reply.text, reply.department_code = title, text, department_code or None
    session.add(reply)
    session.flush()
    return reply


def remove_canned_reply(session: Session, reply_id: int) -> str:
    """Deletes the reply and returns its title. Raises CannedReplyRefused if it is gone."""
    reply = _get(session, reply_id)
    session.delete(reply)
    session.flush()
    return reply.title


def _known_variables() -> str:
    return "、".join(f"{{{name}}}" for name in VARIABLES)


def _get(session: Session, reply_id: int) -> CannedReply:
    reply = canned_reply(session, reply_id)
    if reply is None:
        raise CannedReplyRefused("这条常用语已经不在了")
    return reply
