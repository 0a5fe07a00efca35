"""Where an item is done: the offices of the citizen's district, with address, hours and telephone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.catalogue.districts import MAIN_OFFICE, Places, Whereabouts
from bot.catalogue.models import Item, Office
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import Fallback
from bot.language.districts import Spot
from bot.replies.lists import numbered
from bot.replies.reply import Button, Reply

MOST_NAMED = 6
_SCOPE = "通办范围"
_SAY_WHERE = "告诉我区县或街道的名字，就能说出该去的地点和地址。"


@dataclass(frozen=True)
class _Matter:
    """An item, or several items of the same places, called `names`; their windows may differ, so none is named."""

    item: Item
    names: str = ""

    @property
    def named(self) -> str:
        return self.names or f"“{self.item.name}”"

    def at(self, office: Office) -> str:
        return office.name if self.names else at_office(self.item, office)


def place_lines(item: Item, places: Places | None, names: str = "") -> list[str]:
    """The answer to “去哪办”. `names`: what several items of the same places are called."""
    matter = _Matter(item, names)
    if places is None:
        return _one(matter, item.office)
    where = places.whereabouts
    if where.unknown:
        head = [f"{_not_ours(where.unknown, places.city, places.city_districts)}您在哪个区县？"]
        return [*head, *_one(matter, item.office)] if len(places.everywhere) == 1 else [*head, _SAY_WHERE]
    if len(where.spots) > 1:
        return [f"您说的地方有 {len(where.spots)} 处：{'、'.join(map(_said, where.spots))}。您要去的在哪个区县？"]
    if not places.here:
        lines = _asked(matter, places) if where.spot is None else _elsewhere(matter, places)
    elif len(places.here) == 1:
        lines = _one(matter, places.here[0])
        if len(places.everywhere) == 1 and where.spot and where.spot.district != places.here[0].district:
            lines.append(f"目录里本市只有这一处办理点，{where.spot.district}没有。")
    else:
        lines = _several(matter, places.here, f"在{places.here[0].district}有 {len(places.here)} 处可以办")
    return [*lines, *_limits(item, places)]


def place_buttons(item: Item, places: Places | None) -> tuple[Button, ...]:
    """Buttons for the place that is still to be told: districts, or the streets of the district."""
    if places is None:
        return ()
    where = places.whereabouts
    if len(where.spots) > 1:
        return tuple(_to(_said(spot), spot, item) for spot in where.spots[:MOST_NAMED])
    if where.unknown or places.is_asked:
        return tuple(_to(name, Spot(name), item) for name in (places.districts or places.city_districts)[:MOST_NAMED])
    if len(places.here) > 1 and places.here[0].streets:
        spots = [Spot(office.district, street) for office in places.here for street in office.streets]
        return tuple(_to(spot.street, spot, item) for spot in spots[:MOST_NAMED])
    return ()


def offices_of(spot: Spot, offices: Sequence[Office]) -> Reply:
    """What there is in a district, for somebody who has not said what for."""
    head = f"{_said(spot)}的办事地点："
    lines = numbered(f"{_name_and_address(office)}{f'（{office.duty}）' if office.duty else ''}" for office in offices)
    text = "\n".join([head, *lines[:MOST_NAMED], "您要办哪件事？说出来，我告诉您去哪个窗口。"])
    return _asking(text if offices else f"记住了，您在{_said(spot)}。您要办哪件事？", offices)


def which_district(where: Whereabouts, city: str, districts: Sequence[str]) -> Reply:
    """Asked where it is near, in a place that is unknown or that several places are called."""
    if where.unknown:
        text = f"{_not_ours(where.unknown, city, districts)}您在哪个区县？"
    elif where.spots:
        text = f"您说的地方有 {len(where.spots)} 处：{'、'.join(map(_said, where.spots))}。您在哪个区县？"
    else:
        text = f"您在哪个区县？{city}有：{'、'.join(districts)}。{_SAY_WHERE}"
    spots = where.spots or [Spot(name) for name in districts]
    return _asking(text, (), tuple(Button.to(_said(spot), "ask_place", place=str(spot)) for spot in spots[:MOST_NAMED]))


def place_record(item: Item, office: Office, places: Places | None) -> dict[str, Any]:
    """The office as JSON, and the others where the item is done. Of a branch the window is not known."""
    others = (places.here or places.everywhere) if places else ()
    return {
        "office": office.name,
        "window": _window(item, office),
        "address": office.address,
        "hours": office.hours,
        "phone": office.phone,
        "directions": office.directions,
        "district": office.district or "",
        "duty": office.duty or "",
        "longitude": office.longitude,
        "latitude": office.latitude,
        "others": [_brief(one) for one in others if one is not office],
    }


def _brief(office: Office) -> dict[str, Any]:
    names = ("name", "district", "address", "hours", "phone")
    return {name: getattr(office, name) for name in names}


def office_for(item: Item, places: Places | None) -> Office:
    """The office to name in a line: the citizen's own, if there is exactly one."""
    return places.here[0] if places and len(places.here) == 1 else item.office


def at_office(item: Item, office: Office) -> str:
    window = _window(item, office)
    return f"{office.name}（{window}）" if window else office.name


def _one(matter: _Matter, office: Office) -> list[str]:
    lines = [
        f"{matter.named}在{matter.at(office)}办理，地址：{office.address}。",
        f"时间：{office.hours}",
        f"电话：{office.phone}",
    ]
    return [*lines, f"交通：{office.directions}"] if office.directions else lines


def _several(matter: _Matter, offices: Sequence[Office], found: str) -> list[str]:
    which = "，看您住哪个街道：" if any(office.streets for office in offices) else "："
    lines = (
        f"{matter.at(office)}{_streets(office)}：{office.address}；{office.hours}；电话 {office.phone}"
        for office in offices
    )
    return [f"{matter.named}{found}{which}", *numbered(lines)]


def _asked(matter: _Matter, places: Places) -> list[str]:
    """The district is not known: asks for it. An office of the whole city is named meanwhile."""
    question = f"您在哪个区县？{_SAY_WHERE}"
    main = places.everywhere[0]
    if main.branch_of is None and not places.whereabouts.wants_near:
        branches = dict.fromkeys(office.district for office in places.everywhere[1:])
        return [*_one(matter, main), f"{'、'.join(branches)}也有办理点。{question}"]
    listed = f"{matter.named}在{'、'.join(places.districts)}有办理点。"
    return (
        [question, listed] if places.whereabouts.wants_near else [f"{matter.named}要看您在哪里办。{question}", listed]
    )


def _elsewhere(matter: _Matter, places: Places) -> list[str]:
    """The citizen's district has no office for it."""
    spot = places.whereabouts.spot
    district = spot.district if spot else ""
    if places.only_in and district not in places.only_in:
        found = f"在{district}不办，只在{'、'.join(places.only_in)}办"
    else:
        found = f"在{district}没有办理点，本市可以去这些地方办"
    lines = _several(matter, places.everywhere[:MOST_NAMED], found)
    left = len(places.everywhere) - MOST_NAMED
    return [*lines, f"还有 {left} 处，说出街道或区县就告诉您。"] if left > 0 else lines


def _limits(item: Item, places: Places) -> list[str]:
    """What the record says on where else it can be done."""
    scope = (item.particulars or {}).get(_SCOPE, "")
    lines = [f"{_SCOPE}：{scope}。"] if scope else []
    if list(places.only_in) == [MAIN_OFFICE]:
        lines.append("这一项由市本级统一办理，各区县的大厅不办。")
    elif places.only_in and places.here:
        lines.append(f"这一项只在{'、'.join(places.only_in)}办。")
    return lines


def _asking(text: str, offices: Sequence[Office], buttons: tuple[Button, ...] = ()) -> Reply:
    return Reply(
        text=text,
        outcome=Outcome.ASKED_BACK,
        about=Fallback(tuple(office.name for office in offices)),
        buttons=buttons,
    )


def _to(title: str, spot: Spot, item: Item) -> Button:
    return Button.to(title, "ask_place", item=item.code, place=str(spot))


def _said(spot: Spot) -> str:
    return f"{spot.district}{spot.street}"


def _not_ours(name: str, city: str, districts: Sequence[str]) -> str:
    return f"{name}不是{city}的区县。{city}有：{'、'.join(districts)}。"


def _streets(office: Office) -> str:
    return f"（{'、'.join(office.streets)}）" if office.streets else ""


def _name_and_address(office: Office) -> str:
    return f"{office.name}：{office.address}，电话 {office.phone}"


def _window(item: Item, office: Office) -> str:
    """The window of the item's own office. An office that only stands for its branches has the same window in each."""
    is_own = office.branch_of is None or not item.office.district
    return item.window if is_own else ""
