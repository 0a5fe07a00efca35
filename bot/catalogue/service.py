"""Reads the catalogue, and edits its aliases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher, get_close_matches

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.catalogue.models import (
    AbsentMatter,
    Alias,
    City,
    CityDistrict,
    Department,
    Item,
    JointService,
    Material,
    Office,
    Related,
)
from bot.language.text import normalise
from bot.revisions.service import Subject, kept


class NoCity(LookupError):
    """The database holds no city yet: load one with `python -m bot import-catalogue`."""


class AliasRefused(ValueError):
    """The alias is not allowed; the message is in Chinese because a clerk reads it."""


class NoSuchAlias(LookupError):
    """The item or joint service has no such alias."""


_LEVEL = re.compile(r"[（(](?:[国省市县区]级?[、/]?)*级?(?:行使|权限|事项)?[)）]|[（(](?:承诺件|即办件)[)）]")

# A single character is too ambiguous.
SHORTEST_ALIAS = 2


@kept(Subject.CATALOGUE)
def get_city(session: Session) -> City:
    city = session.scalars(select(City)).one_or_none()
    if city is None:
        raise NoCity(NoCity.__doc__)
    return city


def has_city(session: Session) -> bool:
    return bool(session.scalar(select(exists(select(City)))))


@kept(Subject.CATALOGUE)
def get_item(session: Session, code: str) -> Item | None:
    return session.get(Item, code)


def all_items(session: Session) -> list[Item]:
    """Every item with all its parts, by code."""
    return list(session.scalars(select(Item).order_by(Item.code)))


@dataclass(frozen=True)
class Named:
    """An item without its parts. `applicant` is 自然人, 法人 or both."""

    code: str
    name: str
    applicant: str


def item_names(session: Session) -> list[Named]:
    """Every item, by code."""
    rows = session.execute(select(Item.code, Item.name, Item.applicant).order_by(Item.code))
    return [Named(*row) for row in rows]


def all_joint_services(session: Session) -> list[JointService]:
    return list(session.scalars(select(JointService).order_by(JointService.code)))


@kept(Subject.CATALOGUE)
def get_joint_service(session: Session, code: str) -> JointService | None:
    return session.get(JointService, code)


def items_of(session: Session, codes: Sequence[str]) -> list[Item]:
    """Those of these items that exist, in the order of `codes`."""
    found = {item.code: item for item in session.scalars(select(Item).where(Item.code.in_(codes)))}
    return [found[code] for code in codes if code in found]


def all_offices(session: Session) -> list[Office]:
    return list(session.scalars(select(Office).order_by(Office.code)))


def recorded_days(session: Session) -> tuple[dict[str, date], dict[str, date]]:
    """Code → the day on which the record was brought up to date: of items, and of joint services."""
    items, joints = (
        dict(session.execute(select(model.code, model.recorded_on).order_by(model.code)).all())
        for model in (Item, JointService)
    )
    return items, joints


def codes_like(session: Session, code: str, count: int) -> dict[str, str]:
    """Code → name of the items whose codes resemble `code`, the likest first."""
    names = dict(session.execute(select(Item.code, Item.name)).all())
    return {near: names[near] for near in get_close_matches(code.upper(), names, count)}


def without_level(name: str) -> str:
    """The name without what provinces add in brackets and nobody says: “（县级行使）”, “(市级)”, “（即办件）”."""
    return _LEVEL.sub("", name) or name


def department_codes(session: Session) -> dict[str, str]:
    """Name → code of each department."""
    return dict(session.execute(select(Department.name, Department.code)).all())


def department_codes_by_any_name(session: Session) -> dict[str, str]:
    """`by_any_name` of the stored departments."""
    return by_any_name(
        [
            (department.code, department.name, department.short_names)
            for department in session.scalars(select(Department))
        ]
    )


def by_any_name(departments: Iterable[tuple[str, str, Sequence[str]]]) -> dict[str, str]:
    """Name → code, also with 市 before the name, and by a short name that only one department has.

    Args:
        departments: code, name and short names of each.
    """
    departments = list(departments)
    holders: dict[str, set[str]] = {}
    for code, name, short_names in departments:
        for short_name in (f"市{name}", *short_names):
            holders.setdefault(short_name, set()).add(code)
    short = {name: next(iter(codes)) for name, codes in holders.items() if len(codes) == 1}
    return short | {name: code for code, name, _ in departments}


def names_of(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """Code → name of those items and joint services that exist, in the order of `codes`."""
    found: dict[str, str] = {}
    for model in (Item, JointService):
        found.update(session.execute(select(model.code, model.name).where(model.code.in_(codes))).all())
    return {code: found[code] for code in codes if code in found}


def joint_services_with(session: Session, item_code: str) -> list[JointService]:
    """The joint services that the item is a part of."""
    return [joint for joint in session.scalars(select(JointService)) if item_code in joint.item_codes]


@dataclass(frozen=True)
class Offer:
    """Something offered after an item. `code` is empty if it is a document; `reason` says why it is offered."""

    name: str
    code: str
    is_joint_service: bool
    reason: str


MOST_OFFERS = 3


@kept(Subject.CATALOGUE)
def related_to(session: Session, item_code: str) -> list[Offer]:
    """At most three offers: the joint service that contains the item, then its `related` rows.

    If several joint services contain the item, none is offered for that reason, because none fits better.
    """
    rows = session.scalars(select(Related).where(Related.item_code == item_code).order_by(Related.position)).all()
    names = names_of(session, [row.target for row in rows])
    joint_codes = set(session.scalars(select(JointService.code)))
    offers = [
        Offer(
            name=names.get(row.target, row.target),
            code=row.target if row.target in names else "",
            is_joint_service=row.target in joint_codes,
            reason=row.reason,
        )
        for row in rows
    ]
    joints = joint_services_with(session, item_code)
    if len(joints) == 1 and all(offer.code != joints[0].code for offer in offers):
        offers.insert(0, Offer(joints[0].name, joints[0].code, True, "几件事一次申请"))
    return offers[:MOST_OFFERS]


def nearest_names(session: Session, text: str, count: int = 3) -> dict[str, str]:
    """Code → name of the items whose names share most with `text`; only to suggest, not as an answer."""
    rows = session.execute(select(Item.code, Item.name)).all()
    ranked = sorted(rows, key=lambda row: -_likeness(text, row.name))
    return {row.code: row.name for row in ranked[:count] if _likeness(text, row.name) > 0}


def pick_by_name(text: str, names: dict[str, str]) -> str | None:
    """The candidate that `text` names by a part of its name that the other names do not have (“补领的那个”).

    None if no candidate or more than one fits.
    """
    scores = {code: _distinguishing_overlap(text, name, names) for code, name in names.items()}
    best = max(scores.values(), default=0)
    leaders = [code for code, score in scores.items() if score == best]
    return leaders[0] if best > 0 and len(leaders) == 1 else None


def _distinguishing_overlap(text: str, name: str, names: dict[str, str]) -> int:
    others = [other for other in names.values() if other != name]
    pairs = {name[i : i + 2] for i in range(len(name) - 1)}
    own = {pair for pair in pairs if not any(pair in other for other in others)}
    return sum(pair in text for pair in own)


def _likeness(text: str, name: str) -> float:
    """The length of the longest common part, at least two characters, divided by the length of the name."""
    match = SequenceMatcher(None, text, name, autojunk=False).find_longest_match()
    return match.size / len(name) if match.size >= 2 else 0.0


def aliases(session: Session, code: str | None = None) -> list[Alias]:
    """The aliases of all items and joint services, or of one, ordered by code and alias."""
    wanted = select(Alias).order_by(Alias.code, Alias.text)
    return list(session.scalars(wanted if code is None else wanted.where(Alias.code == code)))


def add_alias(session: Session, code: str, name: str) -> None:
    """Adds an alias to an item or joint service; it is recognised after a restart of the engine.

    Raises:
        AliasRefused: there is no such code, or the name is too short or already taken.
    """
    name = name.strip()
    if not names_of(session, [code]):
        raise AliasRefused(f"没有编码是“{code}”的事项或“一件事”")
    if len(normalise(name)) < SHORTEST_ALIAS:
        raise AliasRefused(f"“{name}”太短，至少 {SHORTEST_ALIAS} 个字")
    holder = _holder_of(session, name)
    if holder:
        raise AliasRefused(f"“{name}”已经是{holder}")
    session.add(Alias(code=code, text=name))
    session.flush()


def remove_alias(session: Session, code: str, name: str) -> None:
    """Removes an alias. Raises `NoSuchAlias`."""
    found = next((alias for alias in aliases(session, code) if normalise(alias.text) == normalise(name)), None)
    if found is None:
        raise NoSuchAlias(name)
    session.delete(found)
    session.flush()


def _holder_of(session: Session, name: str) -> str | None:
    """What `name` already means, in words for a clerk: an item or joint service, an alias, or an absent matter.

    Script and width do not matter, as in the engine.
    """
    wanted = normalise(name)
    for model in (Item, JointService):
        for code, title in session.execute(select(model.code, model.name)):
            if normalise(title) == wanted:
                return f" {code} 的名称"
    for alias in aliases(session):
        if normalise(alias.text) == wanted:
            return f" {alias.code} {names_of(session, [alias.code]).get(alias.code, '')}的别名"
    for absent in session.scalars(select(AbsentMatter)):
        if wanted in map(normalise, (absent.name, *absent.aliases)):
            return f"目录以外的“{absent.name}”"
    return None


@kept(Subject.CATALOGUE)
def absent_matter(session: Session, name: str) -> AbsentMatter | None:
    return session.get(AbsentMatter, name)


def lexicon(session: Session) -> dict[str, list[dict[str, object]]]:
    """The names of items, joint services, absent matters, departments and districts, for the engine.

    Shape: `{"entries": [{"code", "name", "kind": "item" | "joint_service" | "absent", "aliases", "words"}],
    "departments": [{"name", "aliases"}], "districts": [{"name", "aliases", "streets"}]}`; `words` are the names of
    materials and results, which other items may have too.
    """
    other_names: dict[str, list[str]] = {}
    for alias in aliases(session):
        other_names.setdefault(alias.code, []).append(alias.text)
    materials: dict[str, list[str]] = {}
    for code, name in session.execute(select(Material.item_code, Material.name).order_by(Material.position)):
        materials.setdefault(code, []).append(name)
    entries = [
        _entry(
            code,
            name,
            "item",
            [*other_names.get(code, []), *({without_level(name)} - {name})],
            [result, *materials.get(code, [])],
        )
        for code, name, result in session.execute(select(Item.code, Item.name, Item.result).order_by(Item.code))
    ]
    entries += [
        _entry(joint.code, joint.name, "joint_service", other_names.get(joint.code, []), [])
        for joint in all_joint_services(session)
    ]
    entries += [
        _entry(absent.name, absent.name, "absent", absent.aliases, [])
        for absent in session.scalars(select(AbsentMatter).order_by(AbsentMatter.name))
    ]
    departments: list[dict[str, object]] = [
        {"name": department.name, "aliases": department.short_names}
        for department in session.scalars(select(Department).order_by(Department.code))
    ]
    districts: list[dict[str, object]] = [
        {"name": district.name, "aliases": district.aliases, "streets": district.streets}
        for district in session.scalars(select(CityDistrict).order_by(CityDistrict.position))
    ]
    return {"entries": entries, "departments": departments, "districts": districts}


def _entry(code: str, name: str, kind: str, aliases: list[str], words: list[str]) -> dict[str, object]:
    return {"code": code, "name": name, "kind": kind, "aliases": aliases, "words": words}
