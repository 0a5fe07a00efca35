"""Changes of the routes (去处). `wanted`: `put`, rows that are new or differ; `gone`, codes that are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot.laws.watch import refresh
from bot.proposed_changes.difference import ChangeRefused, Difference, Wanted, between
from bot.proposed_changes.models import ProposedChange
from bot.referrals.importer import RouteRow, read_routes, replace_routes, route_row, route_rows
from bot.running import lexicon_file as lexicon
from bot.settings import Settings
from bot.staff import audit
from bot.tabular import ImportRejected, told

SUBJECT = "routes"


def wanted_by(session: Session, _: Settings, path: Path) -> Wanted:
    """All routes are to be those of this file.

    Raises:
        bot.tabular.ImportRejected: a row is wrong.
    """
    rows, before = read_routes(path), {row.code: row for row in route_rows(session)}
    gone = before.keys() - {row.code for row in rows}
    return _wanted([row for row in rows if before.get(row.code) != row], sorted(gone))


def edited(session: Session, code: str, cells: Mapping[str, str]) -> Wanted:
    """One route is to have these cells (heading → text).

    Raises:
        bot.tabular.ImportRejected: a cell is wrong.
        ChangeRefused: another route has the name, or one of the phrases.
    """
    row = route_row({**cells, "编码": code})
    for other in route_rows(session):
        if other.code == code:
            continue
        if other.name == row.name:
            raise ChangeRefused(f"已经有叫“{row.name}”的去处（{other.code}）")
        if taken := set(row.triggers) & set(other.triggers):
            raise ChangeRefused(f"触发词“{min(taken)}”已经是“{other.name}”（{other.code}）的")
    return _wanted([row], [])


def differences(session: Session, _: Settings, change: ProposedChange) -> list[Difference]:
    before = {row.code: row for row in route_rows(session)}
    put = [one for row in _put(change) for one in _differing(row.code, before.get(row.code), row)]
    gone = [one for code in change.wanted["gone"] if code in before for one in _differing(code, before[code], None)]
    return [*put, *gone]


def apply(session: Session, settings: Settings, change: ProposedChange, now: datetime) -> Wanted:
    before = {row.code: row for row in route_rows(session)}
    put = {row.code: row for row in _put(change)}
    after = {code: row for code, row in {**before, **put}.items() if code not in change.wanted["gone"]}
    try:
        replace_routes(session, list(after.values()))
    except ImportRejected as rejected:
        raise ChangeRefused("；".join(told(rejected.errors))) from None
    refresh(session, now)
    audit.record(session, who=change.proposed_by, action="change_routes", subject=SUBJECT, why=change.summary, at=now)
    lexicon.write(session, settings.lexicon_path)
    touched = [before[code] for code in [*put, *change.wanted["gone"]] if code in before]
    return _wanted(touched, [code for code in put if code not in before])


def _put(change: ProposedChange) -> list[RouteRow]:
    return [RouteRow.model_validate(row) for row in change.wanted["put"]]


def _wanted(put: Sequence[RouteRow], gone: Sequence[str]) -> Wanted:
    return {"put": [row.model_dump(by_alias=True) for row in put], "gone": list(gone)}


def _differing(code: str, before: RouteRow | None, after: RouteRow | None) -> list[Difference]:
    return [Difference(f"{code} {one.title}", one.old, one.new) for one in between(_cells(before), _cells(after))]


def _cells(row: RouteRow | None) -> dict[str, str]:
    if row is None:
        return {}
    cells = row.model_dump(by_alias=True, exclude={"code"})
    return {title: "、".join(cell) if isinstance(cell, list) else str(cell) for title, cell in cells.items()}
