"""Changes of the list of laws. `wanted`: `put`, rows that are new or differ; `gone`, [title, day] of those left out."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.laws.importer import LawKey, LawRow, ListChange, keys_with_text, list_change, store_change
from bot.laws.models import Law
from bot.laws.watch import refresh
from bot.proposed_changes.difference import Difference, Wanted, between
from bot.proposed_changes.models import ProposedChange
from bot.settings import Settings
from bot.staff import audit

SUBJECT = "laws"
_TITLES = {"published_on": "公布", "effective_on": "施行", "status": "状态", "issuer": "制定机关", "kind": "类别"}


def wanted_by(session: Session, _: Settings, path: Path) -> Wanted:
    """The list is to be that of this file.

    Raises:
        bot.tabular.ImportRejected: a row is wrong.
    """
    return _wanted(list_change(session, path))


def differences(session: Session, _: Settings, change: ProposedChange) -> list[Difference]:
    known, with_text, wanted = _known(session), keys_with_text(session), _change(change.wanted)
    put = [_as_kept(row, known.get(row.key), has_text=row.key in with_text) for row in wanted.put]
    gone = [(key, _left(known.get(key), has_text=key in with_text)) for key in wanted.gone]
    after: list[tuple[LawKey, LawRow | None]] = [*((row.key, row) for row in put), *gone]
    return [one for key, row in after for one in _differing(key, known.get(key), row)]


def apply(session: Session, _: Settings, change: ProposedChange, now: datetime) -> Wanted:
    known, wanted = _known(session), _change(change.wanted)
    store_change(session, wanted, now)
    refresh(session, now)
    audit.record(session, who=change.proposed_by, action="change_laws", subject=SUBJECT, why=change.summary, at=now)
    before = [known[key] for key in [*(row.key for row in wanted.put), *wanted.gone] if key in known]
    return _wanted(ListChange(before, [row.key for row in wanted.put if row.key not in known]))


def _known(session: Session) -> dict[LawKey, LawRow]:
    rows = [
        LawRow.model_validate({name: getattr(law, name) for name in LawRow.model_fields})
        for law in session.scalars(select(Law))
    ]
    return {row.key: row for row in rows}


def _as_kept(row: LawRow, before: LawRow | None, *, has_text: bool) -> LawRow:
    """The day that a text told is kept if the list tells none."""
    if row.effective_on is None and before is not None and has_text:
        return row.model_copy(update={"effective_on": before.effective_on})
    return row


def _left(before: LawRow | None, *, has_text: bool) -> LawRow | None:
    """What is left of a law that is listed no longer: one whose text is loaded stays, its status is unknown."""
    return before.model_copy(update={"status": ""}) if before is not None and has_text else None


def _differing(key: LawKey, before: LawRow | None, after: LawRow | None) -> list[Difference]:
    title, published_on = key
    name = f"《{title}》（{published_on}）"
    return [Difference(f"{name}{one.title}", one.old, one.new) for one in between(_cells(before), _cells(after))]


def _cells(row: LawRow | None) -> dict[str, str]:
    if row is None:
        return {}
    return {title: str(getattr(row, name) or "") for name, title in _TITLES.items()}


def _wanted(change: ListChange) -> Wanted:
    gone = [[title, published_on.isoformat()] for title, published_on in change.gone]
    return {"put": [row.model_dump(mode="json") for row in change.put], "gone": gone}


def _change(wanted: Wanted) -> ListChange:
    put = [LawRow.model_validate(row) for row in wanted["put"]]
    return ListChange(put, [(title, date.fromisoformat(published_on)) for title, published_on in wanted["gone"]])
