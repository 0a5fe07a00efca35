"""Loads the canned replies; `docs/reviews.md` describes the file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.reviews.canned import unknown_variables
from bot.reviews.models import CannedReply
from bot.tabular import OptionalText, PublicRow, read_tables


class CannedReplyRow(PublicRow):
    title: str = Field(alias="标题", min_length=1)
    text: str = Field(alias="内容", min_length=1)
    department_code: OptionalText = Field(alias="部门编码")


def import_canned_replies(session: Session, path: Path) -> int:
    """Replaces all canned replies by those in the file. Returns their number.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    tables = read_tables(path)
    rows = tables.checked("canned_replies", CannedReplyRow)
    tables.require_unique("canned_replies", [(row, reply.title) for row, reply in rows], "标题")
    for row, reply in rows:
        for unknown in unknown_variables(reply.text):
            tables.reject("canned_replies", row, "内容", f"没有{unknown}这个变量")
        if reply.department_code and get_department(session, reply.department_code) is None:
            tables.reject("canned_replies", row, "部门编码", f"没有编码为“{reply.department_code}”的部门")
    tables.raise_errors()

    session.execute(delete(CannedReply))
    session.add_all(CannedReply(**reply.model_dump()) for _, reply in rows)
    session.flush()
    return len(rows)
