"""Loads the routes; `docs/route-files.md` describes the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.language.triggers import EMERGENCY
from bot.referrals.models import Route
from bot.referrals.service import all_routes
from bot.tabular import Lines, PublicRow, Tables, read_tables

# The phone number of an emergency must be within this many characters, because nobody reads further.
FIRST_WORDS = 12
# A single character is too ambiguous.
SHORTEST_TRIGGER = 2


class RouteRow(PublicRow):
    code: str = Field(alias="编码", pattern=r"^LX-\d{3}$")
    name: str = Field(alias="名称", min_length=1)
    category: Literal[
        "紧急求助",
        "信访投诉举报",
        "登记簿查询",
        "法院和复议",
        "其他城市和上级",
        "本人在外部系统的个案",
        "生活服务",
    ] = Field(alias="类别")
    triggers: Lines = Field(alias="触发词", min_length=1)
    exceptions: Lines = Field(alias="排除词")
    answer: str = Field(alias="回答", min_length=1)
    in_charge: str = Field(alias="归口", min_length=1)
    phone: str = Field(alias="电话")
    legal_basis: str = Field(alias="依据")
    url: str = Field(alias="网址", pattern=r"^(https?://\S+)?$")


def import_routes(session: Session, path: Path) -> int:
    """Replaces all routes by those in the file. Returns their number.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    routes = read_routes(path)
    replace_routes(session, routes)
    return len(routes)


def read_routes(path: Path) -> list[RouteRow]:
    """Raises bot.tabular.ImportRejected: a row is wrong."""
    return _checked(read_tables(path))


def route_row(cells: Mapping[str, str]) -> RouteRow:
    """The row with these cells, by heading. Raises bot.tabular.ImportRejected: a cell is wrong."""
    return _checked(Tables({"routes": [(1, dict(cells))]}))[0]


def route_rows(session: Session) -> list[RouteRow]:
    """The routes that are stored, as rows of the file."""
    return [
        RouteRow.model_validate({column.alias: getattr(route, name) for name, column in RouteRow.model_fields.items()})
        for route in all_routes(session)
    ]


def replace_routes(session: Session, routes: Sequence[RouteRow]) -> None:
    """Replaces all routes by these.

    Raises:
        bot.tabular.ImportRejected: two rows share a code, a name or a phrase; the session is untouched.
    """
    _checked(Tables({"routes": list(enumerate(map(cells_of, routes), start=2))}))
    session.execute(delete(Route))
    session.add_all(Route(**route.model_dump()) for route in routes)
    session.flush()


def cells_of(row: RouteRow) -> dict[str, str]:
    """Heading → cell, as the file has them."""
    return {heading: _cell(value) for heading, value in row.model_dump(by_alias=True).items()}


def _cell(value: object) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


def _checked(tables: Tables) -> list[RouteRow]:
    routes = tables.checked("routes", RouteRow)
    tables.require_unique("routes", [(row, route.code) for row, route in routes], "编码")
    tables.require_unique("routes", [(row, route.name) for row, route in routes], "名称")
    # A phrase must lead to one route only.
    tables.require_unique("routes", [(row, t) for row, route in routes for t in route.triggers], "触发词")
    for row, route in routes:
        _require_sound(tables, row, route)
    tables.raise_errors()
    return [route for _, route in routes]


def _require_sound(tables: Tables, row: int, route: RouteRow) -> None:
    for trigger in route.triggers:
        if len(trigger.replace(" ", "")) < SHORTEST_TRIGGER:
            tables.reject("routes", row, "触发词", f"“{trigger}”太短，至少 {SHORTEST_TRIGGER} 个字")
    if route.category == EMERGENCY:
        numbers = re.findall(r"\d+", route.phone)
        if not any(number in route.answer[:FIRST_WORDS] for number in numbers):
            tables.reject("routes", row, "回答", f"紧急求助要在前 {FIRST_WORDS} 个字里说出电话")
