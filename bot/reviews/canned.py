"""Edits single canned replies; `importer` loads all of them from a file."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.reviews.models import CannedReply

MOST_TITLE_CHARACTERS = 20
MOST_TEXT_CHARACTERS = 1000


class CannedReplyRefused(ValueError):
    """The reply cannot be saved as it is; the message says what to change, in Chinese."""


def all_canned_replies(session: Session) -> list[CannedReply]:
    """All canned replies: those for everybody first, then by department and title."""
    order = (CannedReply.department_code.is_not(None), CannedReply.department_code, CannedReply.title)
    return list(session.scalars(select(CannedReply).order_by(*order)))


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


def _get(session: Session, reply_id: int) -> CannedReply:
    reply = session.get(CannedReply, reply_id)
    if reply is None:
        raise CannedReplyRefused("这条常用语已经不在了")
    return reply
