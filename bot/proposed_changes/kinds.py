"""What each kind of change does: what it would change as things stand, and making it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot.proposed_changes import documents, holidays, item_lists, items, laws, routes
from bot.proposed_changes.difference import Difference, Wanted
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.terms import Changeable
from bot.settings import Settings


@dataclass(frozen=True)
class Doing:
    """`differences`: none if everything is as the change wants it. `apply`: makes it, and returns what undoes it, None
    if nothing does. Both raise `ChangeRefused` if it is not allowed.
    """

    differences: Callable[[Session, Settings, ProposedChange], list[Difference]]
    apply: Callable[[Session, Settings, ProposedChange, datetime], Wanted | None]


DOINGS: Mapping[Changeable, Doing] = {
    Changeable.ITEM: Doing(items.differences, items.apply),
    Changeable.ITEM_LIST: Doing(item_lists.differences, item_lists.apply),
    Changeable.DOCUMENT: Doing(documents.differences, documents.apply),
    Changeable.ROUTES: Doing(routes.differences, routes.apply),
    Changeable.HOLIDAYS: Doing(holidays.differences, holidays.apply),
    Changeable.LAWS: Doing(laws.differences, laws.apply),
}


@dataclass(frozen=True)
class Listed:
    """A list that is changed by a file of its own. `subject`: also the name of its table.

    `wanted_by` raises `bot.tabular.ImportRejected`.
    """

    subject: str
    wanted_by: Callable[[Session, Settings, Path], Wanted]


LISTED: Mapping[Changeable, Listed] = {
    Changeable.ROUTES: Listed(routes.SUBJECT, routes.wanted_by),
    Changeable.HOLIDAYS: Listed(holidays.SUBJECT, holidays.wanted_by),
    Changeable.LAWS: Listed(laws.SUBJECT, laws.wanted_by),
}
