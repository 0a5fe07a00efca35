"""Changes of many items by an implementation list (实施清单) of one sheet.

`wanted`: the file, which is read again when its time comes, and the map of its columns.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from bot.catalogue.importer import import_list, preview_list
from bot.column_maps import ColumnMap
from bot.db import utcnow
from bot.laws.watch import refresh
from bot.proposed_changes.difference import ChangeRefused, Difference, Wanted
from bot.proposed_changes.models import ProposedChange
from bot.running import lexicon_file as lexicon
from bot.settings import Settings
from bot.staff import audit
from bot.tabular import ImportRejected, told
from bot.workdays import today_in_china

SUBJECT = "item-lists"


def wanted_by(path: Path, column_map: ColumnMap) -> Wanted:
    content = base64.b64encode(path.read_bytes()).decode()
    return {"name": path.name, "content": content, "map": column_map.model_dump(mode="json", by_alias=True)}


def differences(session: Session, _: Settings, change: ProposedChange) -> list[Difference]:
    with _laid_out(change.wanted) as (path, column_map):
        found = preview_list(session, path, column_map, today_in_china(utcnow()))
    kinds = {"新增": ("", _named(found.new)), "移除": (_named(found.removed), "")}
    named = [Difference(title, old, new) for title, (old, new) in kinds.items() if old or new]
    return [*named, *(Difference(f"{one.item} {one.title}", one.old, one.new) for one in found.changes)]


def apply(session: Session, settings: Settings, change: ProposedChange, now: datetime) -> None:
    """Nothing undoes it: the list before is imported again."""
    with _laid_out(change.wanted) as (path, column_map):
        loaded = import_list(session, path, column_map, today_in_china(now))
    refresh(session, now)
    why, who = f"{loaded.items} 个事项，移除 {loaded.removed} 个", change.proposed_by
    audit.record(session, who=who, action="import_catalogue", subject=change.wanted["name"], why=why, at=now)
    lexicon.write(session, settings.lexicon_path)


@contextmanager
def _laid_out(wanted: Wanted) -> Iterator[tuple[Path, ColumnMap]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / wanted["name"]
        path.write_bytes(base64.b64decode(wanted["content"]))
        try:
            yield path, ColumnMap.model_validate(wanted["map"])
        except ImportRejected as rejected:
            raise ChangeRefused("；".join(told(rejected.errors))) from None


def _named(names: Sequence[str]) -> str:
    return f"{len(names)} 项：{'、'.join(names)}" if names else ""
