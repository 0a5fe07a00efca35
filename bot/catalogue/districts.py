"""Where an item is done for somebody whose district (区县) or street is known, and where there are offices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import CityDistrict, Item, Office
from bot.catalogue.service import get_city
from bot.language.districts import District, Districts, Spot, is_near
from bot.language.text import normalise
from bot.revisions.service import Subject, kept

# In the list of an item's districts: only the office of the city itself does it, none of its branches.
MAIN_OFFICE = "市本级"


@dataclass(frozen=True)
class Whereabouts:
    """What is known of where somebody is.

    `spots`: the place; several if the words fit several. `unknown`: a district that they named and the city does not
    have. `wants_near`: they asked for what is near.
    """

    spots: tuple[Spot, ...] = ()
    unknown: str = ""
    wants_near: bool = False

    @property
    def spot(self) -> Spot | None:
        return self.spots[0] if len(self.spots) == 1 else None


@dataclass(frozen=True)
class Places:
    """Where an item is done, as seen from `whereabouts`.

    `everywhere`: all its offices. `here`: those among them to go to, empty if the district has none or is not known.
    `only_in`: the districts that alone do it, as the item's record says. `districts`: those that have an office of it.
    """

    whereabouts: Whereabouts
    everywhere: tuple[Office, ...]
    here: tuple[Office, ...]
    only_in: tuple[str, ...]
    districts: tuple[str, ...]
    city: str
    city_districts: tuple[str, ...]

    @property
    def is_asked(self) -> bool:
        """Whether the answer depends on the district, which is not known."""
        return not self.here and self.whereabouts.spot is None and len(self.districts) > 1


@kept(Subject.CATALOGUE)
def districts(session: Session) -> Districts:
    """All of the city."""
    rows = session.scalars(select(CityDistrict).order_by(CityDistrict.position))
    return Districts(tuple(District(row.name, row.aliases, row.streets) for row in rows))


def whereabouts(session: Session, text: str, kept: str | None = None) -> Whereabouts:
    """What `text`, as typed, tells; if it names no place, the place `kept` from before (`str` of a `Spot`)."""
    known, plain = districts(session), normalise(text)
    spots, unknown = known.named(plain), known.unknown(plain) or ""
    if not spots and not unknown and kept:
        spot = Spot.of(kept)
        spots = [spot] if any(spot.district == one.name for one in known.districts) else []
    return Whereabouts(tuple(spots), unknown, is_near(plain))


def places_of(session: Session, item: Item, where: Whereabouts) -> Places | None:
    """None in a city without districts."""
    known = [one.name for one in districts(session).districts]
    if not known:
        return None
    offices = _offices_doing(session, item)
    spot = where.spot
    here = offices if len(offices) == 1 else within(offices, spot) if spot else []
    return Places(
        whereabouts=where,
        everywhere=tuple(offices),
        here=tuple(here),
        only_in=tuple(item.districts or ()),
        districts=tuple(name for name in known if any(office.district == name for office in offices)),
        city=get_city(session).name,
        city_districts=tuple(known),
    )


def is_same_place(items: Sequence[Item]) -> bool:
    """Whether all of the items are done at the same places."""
    return len({(item.office_code, tuple(item.districts or ())) for item in items}) == 1


def offices_in(session: Session, spot: Spot) -> list[Office]:
    """The offices of a district; of a street, those that serve it, if there are any."""
    return within(session.scalars(select(Office).order_by(Office.code)), spot)


def within(offices: Iterable[Office], spot: Spot) -> list[Office]:
    """Those of the offices that lie in the district and, if some of them do, serve the street."""
    found = [office for office in offices if office.district == spot.district]
    return [office for office in found if spot.street in office.streets] or found


def offices_doing(main: Office, only_in: Sequence[str], branches: Iterable[Office]) -> list[Office]:
    """An item's own office, then the branches that do it. An office that only stands for its branches is left out."""
    if list(only_in) == [MAIN_OFFICE]:
        return [main]
    found = [office for office in (main, *branches) if not only_in or office.district in only_in]
    return [office for office in found if office.district] or [main]


def _offices_doing(session: Session, item: Item) -> list[Office]:
    return offices_doing(item.office, item.districts or (), _branches_of(session, item.office_code))


@kept(Subject.CATALOGUE)
def _branches_of(session: Session, office_code: str) -> list[Office]:
    return list(session.scalars(select(Office).where(Office.branch_of == office_code).order_by(Office.code)))
