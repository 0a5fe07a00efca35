"""The part of the list of laws that our records need, for a city that ships it with its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.laws.citations import short_name
from bot.laws.models import Law
from bot.laws.service import laws
from bot.laws.standing import Kind
from bot.laws.watch import cited_laws

COLUMNS = ("title", "published_on", "effective_on", "status", "issuer", "kind")


@dataclass(frozen=True)
class LawExcerpt:
    """`rows`: in the columns of the list. `unlisted`: names that are cited and that the list does not have."""

    rows: list[dict[str, str]]
    unlisted: list[str]


def excerpt(session: Session, today: date, kept: Iterable[Mapping[str, str]] = ()) -> LawExcerpt:
    """For each cited law: the version in force today, or else the next one, with its status as of today.

    Args:
        kept: rows that somebody wrote by hand, for rules that no national list has. They stay while they are cited.
    """
    by_hand = {short_name(row["title"]): row for row in kept}
    index = laws(session)
    rows: list[dict[str, str]] = []
    unlisted: list[str] = []
    names = {row.short_title: row.law for row in cited_laws(session) if row.kind != Kind.LOCAL}
    for short, name in sorted(names.items()):
        if all(not version.status for version in index.versions.get(short, ())):
            if short in by_hand:
                rows.append(dict(by_hand[short]))
            elif short not in index.documents:
                unlisted.append(name)
            continue
        versions = sorted(index.versions[short], key=lambda one: one.begins)
        version = next((one for one in reversed(versions) if one.begins <= today), versions[0])
        law = session.scalars(
            select(Law).where(Law.title == version.title, Law.published_on == version.published_on)
        ).one()
        kind = index.standing(name, today).kind
        status = {Kind.REPEALED: "已废止", Kind.NOT_YET: "尚未生效", Kind.UNKNOWN: law.status}.get(kind, "有效")
        rows.append(
            {
                "title": law.title,
                "published_on": law.published_on.isoformat(),
                "effective_on": law.effective_on.isoformat() if law.effective_on else "",
                "status": status,
                "issuer": law.issuer,
                "kind": law.kind,
            }
        )
    return LawExcerpt(rows, unlisted)
